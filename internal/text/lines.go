package text

import "strings"

// SourceLines returns the lines of s without their ends, as YAML 1.1 and its packages count them:
// a line also ends with a carriage return, and with U+0085, U+2028 and U+2029.
func SourceLines(s string) []string {
	if !strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
		return strings.Split(s, "\n")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(lineEnds.Replace(s), "\n")
}

var lineEnds = strings.NewReplacer("\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")
