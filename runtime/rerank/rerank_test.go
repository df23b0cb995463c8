package rerank_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/rerank"
)

func TestResultJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		result rerank.Result
		want   string
	}{
		{rerank.Result{Model: "m", Matches: []rerank.Match{{1, "b", 0.5}, {0, "", 0}}}, `{"model":"m","docs":[{"index":1,"text":"b","score":0.5},{"index":0,"text":"","score":0}]}`},
		{rerank.Result{Matches: []rerank.Match{}}, `{"model":"","docs":[]}`},
	} {
		data, err := json.Marshal(test.result)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(data)); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		var got rerank.Result
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.result, got); diff != "" {
			t.Errorf("received (-want +got):\n%s", diff)
		}
	}
	if data, err := json.Marshal(rerank.Result{}); err != nil || string(data) != `{"model":"","docs":[]}` {
		t.Errorf("the zero result: %s, %v", data, err)
	}
	for _, test := range []struct{ input, want string }{
		{`{"model":"m","docs":null}`, "docs are missing"},
		{`{"docs":[{"text":"t","score":1}]}`, "a match lacks its index or its score"},
		{`{"docs":[{"index":0,"text":"t"}]}`, "a match lacks its index or its score"},
	} {
		if err := json.Unmarshal([]byte(test.input), new(rerank.Result)); err == nil || err.Error() != test.want {
			t.Errorf("decoding %s: %v, want %s", test.input, err, test.want)
		}
	}
}
