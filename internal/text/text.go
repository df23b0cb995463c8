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

// Printable returns s as one line that is safe to print to a terminal or to the log of a CI
// system. White space becomes spaces, and what Line removes is removed. What such a system
// would take for a command of its own no longer looks like one: ::error at the start of a
// line, and ##[error] or ##vso[…] anywhere.
func Printable(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c) || c == '\u2028' || c == '\u2029':
			return ' '
		case !Visible(c):
			return -1
		}
		return c
	}, s)
	if strings.HasPrefix(strings.TrimLeft(s, " "), "::") {
		s = "./" + s // lines start with the name of a file
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "##")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		word := strings.TrimLeftFunc(after, unicode.IsLetter)
		if strings.HasPrefix(word, "[") {
			b.WriteString("# #")
			s = after
		} else {
			b.WriteByte('#')
			s = "#" + after
		}
	}
}
