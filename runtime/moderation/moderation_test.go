package moderation_test

import (
	"encoding/json"
	"testing"

	"github.com/difygen/difygen/runtime/moderation"
)

func TestResultJSON(t *testing.T) {
	t.Parallel()
	for _, want := range []moderation.Result{{Flagged: true}, {Flagged: false}} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := moderation.Result{Flagged: !want.Flagged}
		if err := json.Unmarshal(data, &got); err != nil || got != want {
			t.Errorf("%s is %v, %v", data, got, err)
		}
	}
	if data, err := json.Marshal(moderation.Result{Flagged: true}); err != nil || string(data) != `{"result":true}` {
		t.Errorf("%s, %v", data, err)
	}
	for _, input := range []string{`{}`, `{"result":null}`} {
		if err := json.Unmarshal([]byte(input), new(moderation.Result)); err == nil || err.Error() != "the result is missing" {
			t.Errorf("decoding %s: %v", input, err)
		}
	}
}
