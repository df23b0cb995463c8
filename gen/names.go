package gen

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

// exported turns any text into an exported Go identifier: its words in camel case, spelled
// as Go names spell them. If s has no letter or digit, exported returns fallback. If the result
// cannot start an exported identifier, since it starts with a digit or a Chinese character
// for example, fallback is put in front of it, without its number. fallback must be an
// exported identifier.
func exported(s, fallback string) string {
	name := camel(s)
	switch {
	case name == "":
		return fallback
	case !token.IsExported(name):
		return strings.TrimRightFunc(fallback, unicode.IsDigit) + name
	}
	return name
}

// camel joins the words of s in camel case. The result may be empty, or start with a
// character that is not upper case.
func camel(s string) string { return joined(s, "") }

// joined is camel with a separator between digits of two words.
func joined(s, separator string) string {
	words := text.Words(s)
	if len(words) > 1 && !strings.ContainsFunc(s, unicode.IsLower) {
		for i, w := range words {
			words[i] = strings.ToLower(w)
		}
	}
	var b strings.Builder
	endsInDigit := false
	for _, w := range words {
		if endsInDigit && isDigit(w[0]) {
			b.WriteString(separator)
		}
		b.WriteString(spelled(w))
		endsInDigit = isDigit(w[len(w)-1])
	}
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// capitalized returns a word with its first letter in upper case.
func capitalized(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

// fold returns s without case and punctuation, to compare spellings of a name.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}
