package invoke_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// TestStructuredPointer checks that no model is asked if there is nothing to store its output in.
func TestStructuredPointer(t *testing.T) {
	t.Parallel()
	s := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("the model is asked")
		return nil, nil
	})
	type review struct{ Mood string }
	for _, test := range []struct {
		into any
		want string
	}{
		{review{}, "invoke_test.review"}, {map[string]any{}, "map[string]interface {}"}, {(*review)(nil), "*invoke_test.review"}, {nil, "<nil>"},
	} {
		for _, schema := range []map[string]any{nil, {"type": "object"}} {
			_, err := s.LLM().Structured(context.Background(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Schema: schema}, test.into)
			if want := "structured output needs a pointer to store it in, not " + test.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}
