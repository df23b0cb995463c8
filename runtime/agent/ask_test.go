package agent_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/llm"
)

// TestThoughts checks that a model does not get its thoughts back, while the result has them.
func TestThoughts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(runtime.FeatureToolCall), calls("<think>\nHm.\n</think>Wait.", "clock", ""), difytest.Chunks("<think>", "\nOh.\n", "</think>", "Noon."))
	result, err := w.run.Loop(w.ctx, nil, 2)
	if err != nil || result.Text() != "<think>\nOh.\n</think>Noon." {
		t.Fatalf("got %v, %v", result, err)
	}
	want := []string{"user when?", "assistant Wait. [c1 clock]", "tool c1: 12:00", "assistant Noon."}
	if diff := cmp.Diff(want, w.conversation()); diff != "" {
		t.Errorf("conversation (-want +got):\n%s", diff)
	}
	if err := w.run.Out.End(nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("<think>\nHm.\n</think>Wait.\n<think>\nOh.\n</think>Noon.", w.text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestThoughtsApart checks that thoughts come apart from the answer if that is asked for.
func TestThoughtsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(), difytest.Chunks("<th", "ink>\nH", "m.\n", "</think>\n\nNoon", " <"))
	var thoughts, text strings.Builder
	_, err := w.run.Ask(w.ctx, nil, agent.Question{
		Text:    func(piece string) error { text.WriteString(piece + "|"); return nil },
		Thought: func(piece string) error { thoughts.WriteString(piece + "|"); return nil },
	})
	if err != nil || thoughts.String() != "H|m.|" || text.String() != "Noon| |<|" {
		t.Errorf("got %q and %q, %v", thoughts.String(), text.String(), err)
	}
	full := errors.New("no room")
	w = newWorld(t, gpt(), difytest.Chunks("<think>Hm."))
	if _, err := w.run.Ask(w.ctx, nil, agent.Question{Thought: func(string) error { return full }}); !errors.Is(err, full) {
		t.Errorf("a thought that cannot be sent: got %v", err)
	}
}

func TestEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, gpt(), difytest.Chunks("Action: x\n", "Observation: ", "made up"))
	var written strings.Builder
	result, err := w.run.Ask(w.ctx, nil, agent.Question{Text: func(text string) error {
		written.WriteString(text)
		if strings.Contains(written.String(), "Observation:") {
			return fmt.Errorf("enough: %w", agent.ErrEnough)
		}
		return nil
	}})
	if err != nil || result.Text() != "Action: x\nObservation: " {
		t.Errorf("got %v, %v", result, err)
	}
	if diff := cmp.Diff([]string{"/gpt success"}, w.steps()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if len(w.run.Messages) != 2 {
		t.Errorf("conversation: %q", w.conversation())
	}
}

// TestMaxTokens checks how many tokens a model is asked for at most.
func TestMaxTokens(t *testing.T) {
	t.Parallel()
	plain, template := runtime.ParameterRule{Name: "max_tokens"}, runtime.ParameterRule{Name: "max_out", Template: "max_tokens"}
	for name, test := range map[string]struct {
		size   int
		rule   runtime.ParameterRule
		params map[string]any
		want   map[string]any
	}{
		"enough room":           {1000, plain, map[string]any{"max_tokens": 500.0}, map[string]any{"max_tokens": 500.0}},
		"little room":           {1000, plain, map[string]any{"max_tokens": 1000.0}, map[string]any{"max_tokens": 789.0}},
		"no room":               {100, plain, map[string]any{"max_tokens": 1000.0}, map[string]any{"max_tokens": 16.0}},
		"of a template":         {1000, template, map[string]any{"max_out": 1000.0}, map[string]any{"max_out": 789.0}},
		"as a template":         {1000, template, map[string]any{"max_tokens": 1000.0}, map[string]any{"max_tokens": 789.0}},
		"an unknown size":       {0, plain, map[string]any{"max_tokens": 1000.0}, map[string]any{"max_tokens": 1000.0}},
		"not set":               {100, plain, map[string]any{"seed": 1.0}, map[string]any{"seed": 1.0}},
		"something else":        {100, runtime.ParameterRule{Name: "seed"}, map[string]any{"seed": 1000.0}, map[string]any{"seed": 1000.0}},
		"which is not a number": {100, plain, map[string]any{"max_tokens": "many"}, map[string]any{"max_tokens": "many"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := gpt()
			model.Schema.Parameters, model.CompletionParams = []runtime.ParameterRule{test.rule}, test.params
			if test.size > 0 {
				model.Schema.Properties = map[string]any{runtime.PropertyContextSize: float64(test.size)}
			}
			w := newWorld(t, model, difytest.Chunks("ok"))
			w.run.Messages = []llm.Message{llm.User(strings.Repeat("word ", 204))} // with what is around it, 211 tokens
			before := fmt.Sprint(test.params)
			if _, err := w.run.Ask(w.ctx, nil, agent.Question{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, w.model.asked[0].Parameters); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
			if fmt.Sprint(test.params) != before {
				t.Error("the parameters of the model have changed")
			}
		})
	}
}
