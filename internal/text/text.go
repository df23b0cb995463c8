// Package text makes untrusted text safe to show on a terminal, in an error message, or
// in a comment of generated code.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s on one line. It replaces every run of white space and line separators
// with one space, and removes what could hide or reorder text: control, format and
// bidirectional characters, and invalid UTF-8. The result is valid UTF-8.
func Line(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, c := range s {
		switch {
		case unicode.IsSpace(c) || c == '\u2028' || c == '\u2029':
			space = b.Len() > 0
			continue
		case !Visible(c):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Lines splits s into lines, makes each safe with Line, and drops empty ones. A lone
// carriage return, U+0085, U+2028 and U+2029 also end a line.
func Lines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	all := strings.FieldsFunc(s, func(c rune) bool {
		return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029'
	})
	lines := all[:0]
	for _, line := range all {
		if line = Line(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Visible reports whether c is shown as itself. It is false for control and format
// characters (including bidirectional controls and the byte order mark), surrogates,
// private-use characters, and U+FFFD, which stands for invalid UTF-8.
func Visible(c rune) bool {
	return c != utf8.RuneError && (c == ' ' || unicode.IsPrint(c))
}

// Cut returns the first limit characters of s, with an ellipsis if there are more.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// Name returns a name from YAML for use in a message: unchanged if it is short and
// plain, otherwise cut and quoted.
func Name(s string) string {
	plain := s != "" && len(s) <= 80
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_-./[]", c) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strconv.Quote(Cut(Line(s), 60))
}
