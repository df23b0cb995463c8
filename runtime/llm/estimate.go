package llm

import (
	"encoding/json"
	"unicode"
	"unicode/utf8"
)

// What counts beyond texts, in tokens.
const (
	messageTokens   = 4 // the role of a message, and what is around it
	replyTokens     = 3 // what begins the reply
	toolTokens      = 8 // what is around a tool, or a call of one
	lowImageTokens  = 85
	highImageTokens = 765  // of 1024 × 1024 pixels
	mediaTokens     = 1000 // a page or two, or a minute
)

// EstimateTokens estimates how many tokens messages and tools are, without knowing how the model
// makes them of text. A word of Latin letters is a token for every eight of them, and of other
// letters for every four; numbers are one for every three digits; Chinese, Japanese and Korean
// characters are one each, and so are emoji and other signs, but of ASCII's, two in a row are one. A
// space between words and the indentation of lines are none, more space is one for every sixteen
// characters, and ends of lines for every four. An image is 85 tokens or, in high detail, 765, and
// other media are 1000. The time it takes is proportional to the size of the texts.
//
// Of texts in common languages, of code and of JSON, that is from a tenth less to a half more than
// what OpenAI's encoding o200k_base counts. Older models count more, such as twice as much for
// Cyrillic. Do not use it where a limit must be kept.
func EstimateTokens(messages []Message, tools []Tool) int {
	n := 0
	for i := range messages {
		n += estimateMessage(&messages[i])
	}
	for _, t := range tools {
		schema, _ := json.Marshal(t.Parameters) // or nothing, if it is not JSON
		n += toolTokens + EstimateText(t.Name) + EstimateText(t.Description) + EstimateText(string(schema))
	}
	if n > 0 {
		n += replyTokens
	}
	return n
}

func estimateMessage(m *Message) int {
	n := messageTokens + EstimateText(m.Name)
	for _, p := range m.Parts {
		switch p := p.(type) {
		case *Text:
			if p != nil {
				n += EstimateText(p.Text)
			}
		case *Image:
			if p != nil && p.Detail == DetailHigh {
				n += highImageTokens
			} else {
				n += lowImageTokens
			}
		default:
			n += mediaTokens
		}
	}
	for _, call := range m.ToolCalls {
		n += toolTokens + EstimateText(call.Name) + EstimateText(call.Arguments)
	}
	return n
}

// EstimateText estimates how many tokens a text is, as EstimateTokens does.
func EstimateText(text string) int {
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
