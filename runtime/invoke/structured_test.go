package invoke_test

import (
	"context"
	"encoding/json"
	goruntime "runtime"
	"strings"
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

// structured returns the error of a model's output that is to be stored in v.
func structured(t *testing.T, output string, schema map[string]any, v any) error {
	t.Helper()
	last := llmChunk("", lastEnd)
	s := newSession(t, reply(last[:len(last)-1]+`,"structured_output":`+output+`}`))
	_, err := s.LLM().Structured(t.Context(), &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}, Schema: schema}, v)
	return err
}

// TestStructuredIsWhatIsChecked checks that nothing is stored that the schema does not allow, however
// encoding/json finds it.
func TestStructuredIsWhatIsChecked(t *testing.T) {
	t.Parallel()
	type step struct {
		Mood string `json:"mood,omitempty" enum:"good,bad"`
		Next *step  `json:"-"`
	}
	type plan struct {
		Mood  string           `json:"mood,omitempty" enum:"good,bad"`
		K     string           `json:"k,omitempty" enum:"a"`
		ID    int64            `json:"id,omitempty" enum:"9007199254740992"`
		Ratio float64          `json:"ratio,omitempty" enum:"0.5"`
		One   *step            `json:"one,omitempty"`
		Steps []step           `json:"steps,omitempty"`
		ByKey map[string]step  `json:"by_key,omitempty"`
		Pair  map[string][]int `json:"pair,omitempty"`
	}
	const fails = "the structured output of the model does not fit: "
	for _, test := range []struct {
		name, output, want string
		schema             map[string]any
	}{
		{"case", `{"Mood":"secret"}`, fails + "mood is there in another case", nil},
		{"case beside", `{"MOOD":"good","mood":"bad"}`, fails + "mood is there in another case", nil},
		{"folded", `{"` + "\u212a" + `":"secret"}`, fails + "k is there in another case", nil},
		{"case, others allowed", `{"Mood":"secret"}`, fails + "mood is there in another case", map[string]any{
			"properties": map[string]any{"mood": map[string]any{"enum": []string{"good"}}},
		}},
		{"twice", `{"mood":"good","mood":"secret"}`, fails + "mood is there twice", nil},
		{"objects that merge", `{"one":{"mood":"secret"},"one":{}}`, fails + "one.mood is none of the values that are allowed", nil},
		{"an object and null", `{"one":{"mood":"good"},"one":null}`, fails + "one is there twice", nil},
		{"another field", `{"admin":true}`, fails + "it has a field that is not allowed", nil},
		{"another field inside", `{"steps":[{},{"x":1}]}`, fails + "steps[1] has a field that is not allowed", nil},
		{"others allowed", `{"x":{"y":[1,"2",null]},"mood":"good"}`, "", map[string]any{"required": []string{"mood"}}},
		{"a pattern", `{"x":1}`, "", map[string]any{"additionalProperties": false, "patternProperties": map[string]any{"^x": map[string]any{}}}},
		{"values of a map", `{"by_key":{"a":{"mood":"good"},"b":{"mood":"secret"}}}`, fails + "by_key.*.mood is none of the values that are allowed", nil},
		{"case in a map", `{"by_key":{"a":{"Mood":"secret"}}}`, fails + "by_key.*.mood is there in another case", nil},
		{"keys of a map", `{"by_key":{"Mood":{"mood":"good"},"mood":{}},"pair":{"a":[1,2]}}`, "", nil},
		{"large number", `{"id":9007199254740993}`, fails + "id is none of the values that are allowed", nil},
		{"same number", `{"id":9007199254740992,"ratio":5e-1}`, "", nil},
		{"huge number", `{"ratio":5e-1999999999}`, fails + "ratio is none of the values that are allowed", nil},
		{"list in place of a text", `{"mood":["good"]}`, fails + "mood is none of the values that are allowed", nil},
		{"list in place of an object", `{"one":[{"mood":"secret"}]}`, fails + "one has the wrong type: want invoke_test.step", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := structured(t, test.output, test.schema, new(plan))
			if (err != nil || test.want != "") && (err == nil || err.Error() != test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestStructuredDeep checks that what is nested deeply takes no memory that grows with the square of
// its depth, nor, with it, the time.
func TestStructuredDeep(t *testing.T) { //nolint:paralleltest // measures the heap
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	output := `{"a":[` + strings.Repeat(deep+",", 20) + deep + `]}`
	free := map[string]any{"properties": map[string]any{"a": map[string]any{}}}
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	if err := structured(t, output, free, new(map[string]any)); err != nil {
		t.Error(err)
	}
	goruntime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 200*uint64(len(output)) {
		t.Errorf("%d bytes take %d", len(output), took)
	}
}
