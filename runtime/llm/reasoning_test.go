package llm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/llm"
)

func TestSplitReasoning(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"":                              {"", ""},
		"a":                             {"", "a"},
		"\na":                           {"", "\na"},
		"<think>\na\n</think>b":         {"a", "b"},
		"<think>\na\n\n</think>\n\nb\n": {"a\n", "b\n"},
		"<think>a</think>b<think>c":     {"a\nc", "b"},
		"b<think>a</think>c":            {"a", "bc"},
		"<think></think>":               {"", ""},
		"</think>b":                     {"", "</think>b"},
		"<think>a<think>b</think>c":     {"a<think>b", "c"},
		"<think>\n\n</think>\n\nIt is.": {"", "It is."},
	} {
		if reasoning, answer := llm.SplitReasoning(text); reasoning != want[0] || answer != want[1] {
			t.Errorf("%q: got %q and %q, want %q", text, reasoning, answer, want)
		}
	}
}

// FuzzReasoning checks that thoughts and an answer that are sent are split again.
func FuzzReasoning(f *testing.F) {
	f.Add("hm", "yes")
	f.Add("\n\n", "\ta\n")
	f.Fuzz(func(t *testing.T, reasoning, answer string) {
		reasoning, answer = string([]rune(reasoning)), string([]rune(answer))
		if reasoning == "" || answer == "" || strings.Contains(reasoning+"\n"+answer, "think>") || strings.Trim(reasoning+answer, "\r\n") != reasoning+answer {
			t.Skip()
		}
		if strings.ContainsAny(answer[:1], "\r\n") {
			t.Skip() // space after the thoughts is theirs
		}
		s := &sent{tb: t}
		out := llm.NewOutput(modelCall(), true, s.send)
		if err := out.End(errors.Join(out.Reasoning(reasoning), out.Text(answer))); err != nil {
			t.Fatal(err)
		}
		if r, a := llm.SplitReasoning(s.result.Result().Text()); r != reasoning || a != answer {
			t.Errorf("got %q and %q, want %q and %q", r, a, reasoning, answer)
		}
	})
}
