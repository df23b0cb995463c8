package llm

import (
	"encoding/json"

	"github.com/difygen/difygen/internal/tokens"
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
		n += toolTokens + EstimateTextTokens(t.Name) + EstimateTextTokens(t.Description) + EstimateTextTokens(string(schema))
	}
	if n > 0 {
		n += replyTokens
	}
	return n
}

func estimateMessage(m *Message) int {
	n := messageTokens + EstimateTextTokens(m.Name)
	for _, p := range m.Parts {
		switch p := p.(type) {
		case *Text:
			if p != nil {
				n += EstimateTextTokens(p.Text)
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
		n += toolTokens + EstimateTextTokens(call.Name) + EstimateTextTokens(call.Arguments)
	}
	return n
}

// EstimateTextTokens estimates how many tokens a text is, as EstimateTokens does.
func EstimateTextTokens(text string) int { return tokens.Estimate(text) }
