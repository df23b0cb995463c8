package llm_test

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/llm"
)

// TestEstimateText compares with what OpenAI's encoding o200k_base counts, of which an estimate
// may be a tenth less and six tenths more.
func TestEstimateText(t *testing.T) {
	t.Parallel()
	for text, tokens := range map[string]int{
		"": 0,
		"The government announced on Wednesday a series of measures to support small businesses. According to the minister, entrepreneurs will be able to obtain cheap loans.":                 28,
		"Künftig sollen Genehmigungsverfahren für Windkraftanlagen deutlich schneller abgeschlossen werden, erklärte die zuständige Ministerin.":                                               24,
		"政府周三宣布了一系列支持小企业发展的新措施。据部长介绍，企业家可以在头两年内获得优惠贷款，并免除部分税收。":                                                                                                                                34,
		"Правительство объявило в среду о новых мерах поддержки малого бизнеса. По словам министра, предприниматели смогут получить льготные кредиты.":                                         30,
		"func (c *Collector) grow(n int) error {\n\tif n > MaxResultBytes-c.size {\n\t\treturn fmt.Errorf(\"too much\")\n\t}\n\tc.size += n\n\treturn nil\n}\n":                                40,
		"{\"name\":\"weather\",\"description\":\"Tells the weather in a city.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}": 35,
		"1234567890 😀😀": 6,
	} {
		if got := llm.EstimateText(text); got*10 < tokens*9 || got*10 > tokens*16 {
			t.Errorf("%.30q: %d tokens, want about %d", text, got, tokens)
		}
	}
}

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
}
