package rerank_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime/rerank"
)

// ranker is a provider with a fixed result. It says what it was called with.
type ranker struct {
	result *rerank.Result
	err    error
	seen   *string
}

func (r ranker) Rerank(_ context.Context, call *rerank.Call[string]) (*rerank.Result, error) {
	*r.seen = fmt.Sprint(call.UserID, " ", call.Model, " ", call.Credentials, " ", call.Query, " ", call.Documents, " ", call.ScoreThreshold, " ", call.TopN)
	return r.result, r.err
}

// multimodal is a ranker of images, too.
type multimodal struct{ ranker }

func (r multimodal) RerankMultimodal(_ context.Context, call *rerank.MultimodalCall[string]) (*rerank.Result, error) {
	*r.seen = fmt.Sprintf("%s %q %q %v %v", call.Credentials, call.Query, call.Documents, call.ScoreThreshold, call.TopN)
	return r.result, r.err
}

func TestBind(t *testing.T) {
	t.Parallel()
	var seen string
	matches := []rerank.Match{{Index: 1, Score: 0.5}, {Index: 0, Text: "A", Score: 0.9}, {Index: 2, Score: 0.5}}
	actions := rerank.Bind(multimodal{ranker{&rerank.Result{Matches: matches}, nil, &seen}}, modeltest.Key)
	const docs = `{"query":"q","docs":["a","b","c"]`
	const all = `{"model":"m","docs":[{"index":0,"text":"A","score":0.9},{"index":1,"text":"b","score":0.5},{"index":2,"text":"c","score":0.5}]}`
	for _, test := range []struct{ action, fields, want, seen string }{
		{"invoke_rerank", docs + `,"score_threshold":0,"top_n":0}`, all, "u m k q [a b c] absent absent"},
		{"invoke_rerank", docs + `}`, all, "u m k q [a b c] absent absent"},
		{"invoke_rerank", docs + `,"score_threshold":0.5,"top_n":-1}`, all, "u m k q [a b c] 0.5 absent"},
		{"invoke_rerank", docs + `,"score_threshold":0.51}`, `{"model":"m","docs":[{"index":0,"text":"A","score":0.9}]}`, "u m k q [a b c] 0.51 absent"},
		{"invoke_rerank", docs + `,"score_threshold":-0.5}`, all, "u m k q [a b c] -0.5 absent"},
		{"invoke_rerank", docs + `,"score_threshold":2}`, `{"model":"m","docs":[]}`, "u m k q [a b c] 2 absent"},
		{"invoke_rerank", docs + `,"top_n":2}`, `{"model":"m","docs":[{"index":0,"text":"A","score":0.9},{"index":1,"text":"b","score":0.5}]}`, "u m k q [a b c] absent 2"},
		{"invoke_rerank", docs + `,"top_n":1e300}`, all, "u m k q [a b c] absent 2147483647"},
		{"invoke_rerank", `{"query":"","docs":[]}`, `{"model":"m","docs":[]}`, ""},
		{"invoke_rerank", `{"query":"q","docs":null,"credentials":null}`, "ValidationError: docs of the request is missing", ""},
		{"invoke_rerank", `{"query":1,"docs":"","top_n":"1","score_threshold":[]}`, "ValidationError: query, docs, score_threshold, top_n of the request have the wrong type; docs of the request is missing", ""},
		{"invoke_rerank", docs + `,"credentials":{}}`, "InvokeAuthorizationError: P: Key (key) is required", ""},

		{
			"invoke_multimodal_rerank", `{"query":{"content":"eA==","content_type":"image"},"docs":[{"content":"a","content_type":"text"},{"content":"eQ==","content_type":"image"},{"content":"c","content_type":"text"}],"top_n":2}`,
			`{"model":"m","docs":[{"index":0,"text":"A","score":0.9},{"index":1,"text":"","score":0.5}]}`, `k {"" "x"} [{"a" ""} {"" "y"} {"c" ""}] absent 2`,
		},
		{"invoke_multimodal_rerank", `{"query":{"content":"","content_type":"text"},"docs":[]}`, `{"model":"m","docs":[]}`, ""},
		{"invoke_multimodal_rerank", `{"query":null,"docs":[]}`, "ValidationError: query of the request: a document must be an object", ""},
		{"invoke_multimodal_rerank", `{"query":{"content":"","content_type":"text"},"docs":null}`, "ValidationError: docs of the request: the list of documents is missing", ""},
		{"invoke_multimodal_rerank", `{"top_n":"1"}`, "ValidationError: top_n of the request has the wrong type", ""},
		{"invoke_multimodal_rerank", `{"query":{"content":"","content_type":"text"},"docs":[],"credentials":null}`, "ValidationError: the request has no credentials, which happens if Dify cannot read the rest of it: P: Key (key) is required", ""},
	} {
		seen = ""
		got := modeltest.Answer(t, actions, "", test.action, test.fields)
		if diff := cmp.Diff([2]string{test.want, test.seen}, [2]string{got, seen}); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.action, test.fields, diff)
		}
	}
	if diff := cmp.Diff([]rerank.Match{{Index: 1, Score: 0.5}, {Index: 0, Text: "A", Score: 0.9}, {Index: 2, Score: 0.5}}, matches); diff != "" {
		t.Errorf("the provider's result has changed (-want +got):\n%s", diff)
	}
}

func TestBindWrong(t *testing.T) {
	t.Parallel()
	match := func(m ...rerank.Match) *rerank.Result { return &rerank.Result{Matches: m} }
	for _, test := range []struct {
		result *rerank.Result
		err    error
		want   string
	}{
		{nil, nil, "InvokeError: the provider returns neither matches nor an error"},
		{match(), errors.New("broken"), "InvokeError: broken"},
		{match(), nil, `{"model":"m","docs":[]}`},
		{&rerank.Result{Model: "other"}, nil, `{"model":"other","docs":[]}`},
		{match(rerank.Match{Index: 2}), nil, "InvokeError: the model has rated document 3, but there are 2"},
		{match(rerank.Match{Index: -1}), nil, "InvokeError: the model has rated document 0, but there are 2"},
		{match(rerank.Match{Index: 1}, rerank.Match{Index: 1}), nil, "InvokeError: the model has rated document 2 twice"},
		{match(rerank.Match{Score: math.Inf(1)}), nil, "InvokeError: the score of document 1 is not a number"},
	} {
		actions := rerank.Bind(ranker{test.result, test.err, new(string)}, modeltest.Key)
		if got := modeltest.Answer(t, actions, "", "invoke_rerank", `{"query":"q","docs":["a","b"]}`); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		if got := modeltest.Answer(t, actions, "", "invoke_multimodal_rerank", `{}`); got != "no route invoke_multimodal_rerank" {
			t.Error(got)
		}
	}
}

// FuzzBind checks that what a service returns ends in a result that Dify takes, or in an error.
func FuzzBind(f *testing.F) {
	f.Add(`{"query":"q","docs":["a","b"],"top_n":1,"score_threshold":0.1}`, `{"docs":[{"index":1,"score":0.5},{"index":0,"score":0.1}]}`)
	f.Add(`{"query":"q","docs":["a"]}`, `{"docs":[{"index":5,"score":-1}]}`)
	f.Fuzz(func(t *testing.T, fields, answer string) {
		var result rerank.Result
		var request struct {
			Docs           []string
			ScoreThreshold float64 `json:"score_threshold"`
			TopN           float64 `json:"top_n"`
		}
		if json.Unmarshal([]byte(answer), &result) != nil || json.Unmarshal([]byte(fields), &request) != nil {
			return
		}
		got := modeltest.Answer(t, rerank.Bind(ranker{&result, nil, new(string)}, modeltest.Key), "", "invoke_rerank", fields)
		if !strings.HasPrefix(got, "{") {
			return
		}
		var sent rerank.Result
		if err := json.Unmarshal([]byte(got), &sent); err != nil || request.TopN >= 1 && float64(len(sent.Matches)) > request.TopN {
			t.Fatalf("%s of %s: %s, %v", fields, answer, got, err)
		}
		for i, m := range sent.Matches {
			if m.Index >= len(request.Docs) || request.ScoreThreshold != 0 && m.Score < request.ScoreThreshold || i > 0 && m.Score > sent.Matches[i-1].Score {
				t.Errorf("%s of %s: %s", fields, answer, got)
			}
		}
	})
}
