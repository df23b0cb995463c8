// Package tokens estimates how many tokens texts are.
package tokens

import (
	"unicode"
	"unicode/utf8"
)

// Estimate estimates how many tokens a text is, by runs of characters of a class.
func Estimate(text string) int {
	e := estimator{}
	for _, c := range text {
		e.add(c)
	}
	e.endRun()
	return e.tokens
}

// class is how characters make tokens.
type class uint8

const (
	line    class = iota // its end, and the indentation of the next one
	space                // before a word
	latin                // letters
	letters              // of other scripts
	digits
	sign
	single // a token each
)

// per is how many characters of a run are a token, by class.
var per = [...]int{line: 4, space: 16, latin: 8, letters: 4, digits: 3, sign: 2, single: 1}

// estimator counts runs of characters of a class.
type estimator struct {
	tokens int
	class  class
	run    int // its length so far
}

func (e *estimator) add(c rune) {
	class := classOf(c)
	if class == space && e.class == line {
		return
	}
	if class != e.class {
		e.endRun()
		e.class = class
	}
	e.run++
}

func (e *estimator) endRun() {
	if e.run > 0 && (e.class != space || e.run > 1) {
		e.tokens += (e.run + per[e.class] - 1) / per[e.class]
	}
	e.run = 0
}

func classOf(c rune) class {
	switch {
	case c == ' ' || c == '\t':
		return space
	case c == '\n' || c == '\r':
		return line
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		return latin
	case '0' <= c && c <= '9':
		return digits
	case c < utf8.RuneSelf:
		return sign
	case unicode.Is(unicode.Latin, c):
		return latin
	case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return single
	case unicode.IsLetter(c) || unicode.IsMark(c):
		return letters
	case unicode.IsSpace(c):
		return space
	}
	return single
}
