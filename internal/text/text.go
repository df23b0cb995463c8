// Package text makes untrusted text safe to show: on a terminal, in an error
// message, in a comment of generated code.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s on one line: every run of white space and line separators is
// one space, and what could hide or reorder text (control, format and bidirectional
// characters, invalid UTF-8) is gone. The result is valid UTF-8.
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

// Lines splits s into its lines, each made safe by Line. A lone carriage
// return, U+0085, U+2028 and U+2029 end a line too.
func Lines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	parts := strings.FieldsFunc(s, func(c rune) bool {
		return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029'
	})
	lines := parts[:0]
	for _, p := range parts {
		if p = Line(p); p != "" {
			lines = append(lines, p)
		}
	}
	return lines
}

// Visible reports whether c shows as itself: not a control or format character
// (which the bidirectional controls and the byte order mark are), not a
// surrogate or private-use character, and not the mark of invalid UTF-8.
func Visible(c rune) bool {
	return c != utf8.RuneError && (c == ' ' || unicode.IsPrint(c))
}

// Cut returns the first limit characters of s, with an ellipsis if that is not all.
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

// Name shows a name from YAML in a message: as it is if it is short and plain,
// else quoted and cut.
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
