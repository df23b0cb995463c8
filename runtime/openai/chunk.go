package openai

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/weigh"
)

// chunk is a piece of an answer of a language model, or the whole of one.
type chunk struct {
	Choices           []choice        `json:"choices"`
	Usage             *usage          `json:"usage"`
	SystemFingerprint string          `json:"system_fingerprint"`
	Error             json.RawMessage `json:"error"`
}

type choice struct {
	Index        int      `json:"index"`
	Delta        *message `json:"delta"`
	Message      *message `json:"message"`
	Text         string   `json:"text"` // of a model that completes text
	FinishReason string   `json:"finish_reason"`
	Usage        *usage   `json:"usage"` // some services have it here
}

type message struct {
	Content          string     `json:"content"`
	ReasoningContent string     `json:"reasoning_content"`
	Reasoning        string     `json:"reasoning"`
	Refusal          string     `json:"refusal"`
	ToolCalls        []toolCall `json:"tool_calls"`
	FunctionCall     *function  `json:"function_call"` // the API's older form
	Images           []image    `json:"images"`
}

func (m *message) isEmpty() bool {
	return m.Content+m.ReasoningContent+m.Reasoning+m.Refusal == "" && len(m.ToolCalls)+len(m.Images) == 0 && m.FunctionCall == nil
}

type toolCall struct {
	Index    *int     `json:"index"`
	ID       string   `json:"id"`
	Function function `json:"function"`
}

type function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type image struct {
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// UnmarshalJSON reads what can be read: an answer is worth more than the count of its tokens.
func (u *usage) UnmarshalJSON(data []byte) error {
	var raw struct {
		PromptTokens     json.RawMessage `json:"prompt_tokens"`
		CompletionTokens json.RawMessage `json:"completion_tokens"`
		TotalTokens      json.RawMessage `json:"total_tokens"`
	}
	_ = json.Unmarshal(data, &raw)
	*u = usage{countOf(raw.PromptTokens), countOf(raw.CompletionTokens), countOf(raw.TotalTokens)}
	return nil
}

// known reports whether the service has said what was used: no request uses nothing.
func (u *usage) known() bool { return u != nil && *u != usage{} }

var errNotChunk = errors.New("the service has sent something else than a piece of an answer in JSON")

// parseChunk decodes a chunk. What has other types than in the API is read all the same, where it is
// known what it means.
func parseChunk(data []byte) (*chunk, error) {
	c := new(chunk)
	err := json.Unmarshal(data, c)
	if err == nil {
		return c, nil
	}
	var values map[string]any
	if !errors.As(err, new(*json.UnmarshalTypeError)) || weigh.TooMuch(data) || json.Unmarshal(data, &values) != nil {
		return nil, errNotChunk
	}
	c = &chunk{Usage: usageOf(values["usage"]), SystemFingerprint: textOf(values["system_fingerprint"])}
	if e := values["error"]; e != nil {
		c.Error, _ = json.Marshal(e)
	}
	choices, _ := values["choices"].([]any)
	for _, v := range choices {
		if o, ok := v.(map[string]any); ok {
			c.Choices = append(c.Choices, choice{
				Index: numberOf(o["index"]), Delta: messageOf(o["delta"]), Message: messageOf(o["message"]), Text: textOf(o["text"]),
				FinishReason: textOf(o["finish_reason"]), Usage: usageOf(o["usage"]),
			})
		}
	}
	if len(c.Choices) == 0 && c.Usage == nil && len(c.Error) == 0 {
		return nil, errNotChunk
	}
	return c, nil
}

func messageOf(v any) *message {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	m := &message{ReasoningContent: textOf(o["reasoning_content"]), Reasoning: textOf(o["reasoning"]), Refusal: textOf(o["refusal"])}
	if parts, ok := o["content"].([]any); ok {
		m.parts(parts)
	} else {
		m.Content = textOf(o["content"])
	}
	calls, _ := o["tool_calls"].([]any)
	for _, v := range calls {
		if o, ok := v.(map[string]any); ok {
			call := toolCall{ID: textOf(o["id"])}
			if o["index"] != nil {
				n := numberOf(o["index"])
				call.Index = &n
			}
			if f := functionOf(o["function"]); f != nil {
				call.Function = *f
			}
			m.ToolCalls = append(m.ToolCalls, call)
		}
	}
	m.FunctionCall = functionOf(o["function_call"])
	images, _ := o["images"].([]any)
	m.Images = append(m.Images, imagesOf(images)...)
	return m
}

// parts reads the content of models that write a list: texts, what they think, and images.
func (m *message) parts(parts []any) {
	for _, v := range parts {
		o, _ := v.(map[string]any)
		switch o["type"] {
		case "text", "output_text":
			m.Content += textOf(o["text"])
		case "refusal":
			m.Refusal += textOf(o["refusal"])
		case "thinking", "reasoning":
			m.ReasoningContent += textOf(o["thinking"]) + textOf(o["text"])
			thoughts, _ := o["thinking"].([]any)
			for _, v := range thoughts {
				o, _ := v.(map[string]any)
				m.ReasoningContent += textOf(o["text"])
			}
		case "image_url":
			m.Images = append(m.Images, imagesOf([]any{o})...)
		}
	}
}

func imagesOf(list []any) (images []image) {
	for _, v := range list {
		o, _ := v.(map[string]any)
		inner, _ := o["image_url"].(map[string]any)
		var i image
		if i.ImageURL.URL = textOf(inner["url"]); inner == nil {
			i.ImageURL.URL = textOf(o["image_url"])
		}
		images = append(images, i)
	}
	return images
}

func functionOf(v any) *function {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	f := &function{Name: textOf(o["name"])}
	switch arguments := o["arguments"].(type) {
	case nil:
	case string:
		f.Arguments = arguments
	default: // the object itself
		data, _ := json.Marshal(arguments) // it comes from JSON
		f.Arguments = string(data)
	}
	return f
}

func usageOf(v any) *usage {
	if v == nil {
		return nil
	}
	o, _ := v.(map[string]any)
	return &usage{numberOf(o["prompt_tokens"]), numberOf(o["completion_tokens"]), numberOf(o["total_tokens"])}
}

// textOf returns a text, or a number as one.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

const (
	// maxNumber is larger than any count of tokens, and small enough to add many.
	maxNumber = 1 << 40
	maxDigits = 64 // of a number, with what is around them
)

// countOf returns the number that JSON is, as numberOf does.
func countOf(raw json.RawMessage) int {
	var v any
	if len(raw) <= maxDigits {
		_ = json.Unmarshal(raw, &v)
	}
	return numberOf(v)
}

// numberOf returns a number, or a text that is one, as a whole number from 0 to maxNumber.
func numberOf(v any) int {
	f, _ := v.(float64)
	if s, ok := v.(string); ok {
		f, _ = strconv.ParseFloat(strings.TrimSpace(s), 64) // of one out of range, the infinity
	}
	if math.IsNaN(f) {
		return 0
	}
	return int(min(max(f, 0), maxNumber))
}
