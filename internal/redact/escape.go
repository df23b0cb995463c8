package redact

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// An unescaper appends what the escape stands for with which a text starts, and returns how many
// bytes the escape has; 0 if the text starts with none.
type unescaper func(out []byte, s string) ([]byte, int)

// unescapeURL resolves an escape of a URL (RFC 3986, section 2.1).
func unescapeURL(out []byte, s string) ([]byte, int) {
	if s[0] != '%' {
		return out, 0
	}
	if c, ok := parseHex(s, 1, 2); ok {
		return append(out, byte(c)), 3
	}
	return out, 0
}

// unescapeForm resolves an escape of a form, in which a plus is a space.
func unescapeForm(out []byte, s string) ([]byte, int) {
	if s[0] == '+' {
		return append(out, ' '), 1
	}
	return unescapeURL(out, s)
}

// simpleEscapes are the escapes of one character in JSON and Go, and what they stand for.
const (
	simpleEscapes = `"\/'bfnrtav`
	simpleMeaning = "\"\\/'\b\f\n\r\t\a\v"
)

// unescapeString resolves an escape of a string in JSON (RFC 8259, section 7) or Go.
func unescapeString(out []byte, s string) ([]byte, int) {
	if s[0] != '\\' || len(s) < 2 {
		return out, 0
	}
	if i := strings.IndexByte(simpleEscapes, s[1]); i >= 0 {
		return append(out, simpleMeaning[i]), 2
	}
	switch s[1] {
	case 'x':
		if c, ok := parseHex(s, 2, 2); ok {
			return append(out, byte(c)), 4
		}
	case 'u':
		if c, ok := parseHex(s, 2, 4); ok {
			if utf16.IsSurrogate(c) {
				return surrogates(out, s, c)
			}
			return utf8.AppendRune(out, c), 6
		}
	case 'U':
		if c, ok := parseHex(s, 2, 8); ok {
			return utf8.AppendRune(out, c), 10
		}
	}
	return out, 0
}

// surrogates resolves a character that is written as two surrogates, of which s starts with the
// first.
func surrogates(out []byte, s string, first rune) ([]byte, int) {
	if len(s) > 6 && strings.HasPrefix(s[6:], `\u`) {
		if second, ok := parseHex(s, 8, 4); ok {
			if c := utf16.DecodeRune(first, second); c != utf8.RuneError {
				return utf8.AppendRune(out, c), 12
			}
		}
	}
	return utf8.AppendRune(out, utf8.RuneError), 6
}

// parseHex parses so many hexadecimal digits of s.
func parseHex(s string, from, digits int) (rune, bool) {
	if len(s) < from+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(s[from:from+digits], 16, 32)
	return rune(n), err == nil //nolint:gosec // AppendRune knows what is too large
}
