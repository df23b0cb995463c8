package llm_test

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/llm"
)

func TestEstimateTokens(t *testing.T) {
	t.Parallel()
	schema := map[string]any{"type": "object"}
	for _, test := range []struct {
		name     string
		messages []llm.Message
		tools    []llm.Tool
		want     int
	}{
		{"nothing", nil, nil, 0},
		{"a word", []llm.Message{llm.User("hi")}, nil, 8},
		{"two", []llm.Message{llm.System("hi"), llm.User("hi")}, nil, 13},
		{"images", []llm.Message{llm.User("hi", &llm.Image{}, &llm.Image{Detail: llm.DetailHigh}, &llm.Audio{}, (*llm.Text)(nil), (*llm.Image)(nil))}, nil, 8 + 85 + 765 + 1000 + 85},
		{"a call", []llm.Message{llm.Assistant("", llm.ToolCall{Name: "f", Arguments: "{}"})}, nil, 7 + 8 + 2},
		{"a tool", []llm.Message{llm.User("hi")}, []llm.Tool{{Name: "f", Description: "does", Parameters: schema}}, 8 + 8 + 2 + 6},
		{"words", []llm.Message{llm.User("abcdefgh ijklmnopq")}, nil, 7 + 1 + 2},
		{"letters and digits", []llm.Message{llm.User("приве 1234 你好")}, nil, 7 + 2 + 2 + 2},
		{"signs", []llm.Message{llm.User("!!! € 😀😀")}, nil, 7 + 2 + 1 + 2},
		{"space", []llm.Message{llm.User("a" + strings.Repeat(" ", 17) + "b")}, nil, 7 + 1 + 2 + 1},
		{"lines", []llm.Message{llm.User("  a\n\t\tb\n\n\n\n\nc")}, nil, 7 + 1 + 1 + 1 + 2 + 1},
	} {
		if got := llm.EstimateTokens(test.messages, test.tools); got != test.want {
			t.Errorf("%s: %d tokens, want %d", test.name, got, test.want)
		}
	}
	if got := llm.EstimateTextTokens("abcdefgh ijklmnopq"); got != 3 {
		t.Errorf("a text has %d tokens", got)
	}
}
