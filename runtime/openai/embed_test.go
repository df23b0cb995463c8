package openai_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

func TestEmbed(t *testing.T) {
	t.Parallel()
	const (
		lacking = "the answer of the service lacks what was asked for"
		each    = "the service has not answered one vector for each text"
	)
	for name, test := range map[string]struct {
		answer string
		want   [][]float64
		tokens int
		err    string
	}{
		"in order":                     {`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]},{"index":1,"embedding":[1,2]}],"usage":{"prompt_tokens":5,"total_tokens":5}}`, [][]float64{{0.5, -1}, {1, 2}}, 5, ""},
		"in another order":             {`{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[0]}],"usage":{"prompt_tokens":5}}`, [][]float64{{0}, {1}}, 5, ""},
		"without indexes":              {`{"data":[{"embedding":[0]},{"embedding":[1]}]}`, [][]float64{{0}, {1}}, 0, ""},
		"in base64":                    {`{"data":[{"index":0,"embedding":"AAAAPwAAgL8="},{"index":1,"embedding":"AACAPw=="}],"usage":null}`, [][]float64{{0.5, -1}, {1}}, 0, ""},
		"a usage that is a float":      {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":{"total_tokens":7.0}}`, [][]float64{{0}, {1}}, 7, ""},
		"a usage that is a text":       {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":{"total_tokens":"7"}}`, [][]float64{{0}, {1}}, 7, ""},
		"a usage that is nothing":      {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":{"total_tokens":[7]}}`, [][]float64{{0}, {1}}, 0, ""},
		"a usage that is no object":    {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":"none"}`, [][]float64{{0}, {1}}, 0, ""},
		"a usage that cannot be":       {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":{"total_tokens":-7}}`, [][]float64{{0}, {1}}, 0, ""},
		"a usage that is far too much": {`{"data":[{"embedding":[0]},{"embedding":[1]}],"usage":{"total_tokens":9223372036854775807}}`, [][]float64{{0}, {1}}, 1 << 40, ""},
		"too few":                      {`{"data":[{"index":0,"embedding":[0]}]}`, nil, 0, "the service has answered 1 vectors for 2 texts"},
		"the same twice":               {`{"data":[{"index":0,"embedding":[0]},{"index":0,"embedding":[1]}]}`, nil, 0, each},
		"beyond":                       {`{"data":[{"index":0,"embedding":[0]},{"index":2,"embedding":[1]}]}`, nil, 0, each},
		"before":                       {`{"data":[{"index":0,"embedding":[0]},{"index":-1,"embedding":[1]}]}`, nil, 0, each},
		"an empty vector":              {`{"data":[{"index":0,"embedding":[0]},{"index":1,"embedding":[]}]}`, nil, 0, each},
		"no vector":                    {`{"data":[{"index":0,"embedding":[0]},{"index":1}]}`, nil, 0, each},
		"wrong base64":                 {`{"data":[{"embedding":"AAA"},{"embedding":[1]}]}`, nil, 0, "the answer of the service is not the JSON that was expected"},
		"not a number":                 {`{"data":[{"embedding":"AADAfw=="},{"embedding":[1]}]}`, nil, 0, "the answer of the service is not the JSON that was expected"},
		"other JSON":                   {`{"status":"ok"}`, nil, 0, lacking},
		"of the wrong type":            {`{"data":5}`, nil, 0, "data in the answer of the service has the wrong type"},
		"an error":                     {`{"error":{"message":"No such model"}}`, nil, 0, "the service reports an error: No such model"},
		"a web page":                   {`<html>`, nil, 0, "the service has answered with a web page: check the base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, say(http.StatusOK, test.answer))
			result, err := newBase().Embed(t.Context(), &embedding.Call[form]{ModelCall: model(), Credentials: form{url: s.URL}, Texts: []string{"a", "b"}})
			if test.err != "" {
				checkError(t, err, runtime.ErrorInvoke, test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := &embedding.Result{Model: "small", Embeddings: test.want, Usage: embedding.Usage{Tokens: test.tokens, TotalTokens: test.tokens}}
			if diff := cmp.Diff(want, result); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			got := s.got()[0]
			body := object(t, `{"model":"small","input":["a","b"],"encoding_format":"float","user":"u1"}`)
			if diff := cmp.Diff(body, got.Body); diff != "" || got.Path != "/v1/embeddings" {
				t.Errorf("%s (-want +got):\n%s", got.Path, diff)
			}
		})
	}
	b := newBase()
	b.HTTPClient = &http.Client{Transport: endless{}}
	_, err := b.Embed(t.Context(), &embedding.Call[form]{Credentials: form{url: "https://api.example.com"}, Texts: []string{"a"}})
	checkError(t, err, runtime.ErrorInvoke, "the service has answered more than 64 MiB")
	s := serve(t, say(http.StatusOK, "{}"))
	result, err := newBase().Embed(t.Context(), &embedding.Call[form]{ModelCall: model(), Credentials: form{url: s.URL}})
	if err != nil || len(result.Embeddings) != 0 || len(s.got()) > 0 {
		t.Errorf("no texts: %v, %v", result, err)
	}
}

// TestEmbedBatches checks that no request has more texts than the model takes.
func TestEmbedBatches(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 1000)
	texts := []string{long, "b", "c", "d", "e"}
	for most, want := range map[any][]any{
		2:   {[]any{long, "b"}, []any{"c", "d"}, []any{"e"}},
		5.0: {[]any{long, "b", "c", "d", "e"}},
		0:   {[]any{long, "b", "c", "d", "e"}},
	} {
		n := 0
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			size := min(len(texts)-n, len(want[0].([]any)))
			var data []string
			for i := range size {
				data = append(data, fmt.Sprintf(`{"index":%d,"embedding":[%d]}`, i, n+i))
			}
			n += size
			say(http.StatusOK, fmt.Sprintf(`{"data":[%s],"usage":{"total_tokens":%d}}`, strings.Join(data, ","), size))(w, r)
		})
		call := &embedding.Call[form]{ModelCall: model("max_chunks", most, "context_size", 10), Credentials: form{url: s.URL}, Texts: texts}
		result, err := newBase().Embed(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		wantResult := &embedding.Result{Model: "small", Embeddings: [][]float64{{0}, {1}, {2}, {3}, {4}}, Usage: embedding.Usage{Tokens: 5, TotalTokens: 5}}
		var got []any
		for _, r := range s.got() {
			got = append(got, r.Body["input"])
		}
		if diff := cmp.Diff(wantResult, result) + cmp.Diff(want, got); diff != "" {
			t.Errorf("max_chunks %v (-want +got):\n%s", most, diff)
		}
	}
	left := 1
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if left--; left < 0 {
			say(429, "")(w, r)
			return
		}
		say(http.StatusOK, `{"data":[{"embedding":[1]}]}`)(w, r)
	})
	call := &embedding.Call[form]{ModelCall: model("max_chunks", 1), Credentials: form{url: s.URL}, Texts: texts}
	_, err := newBase().Embed(t.Context(), call)
	checkError(t, err, runtime.ErrorInvokeRateLimit, "the service returned status 429 Too Many Requests")
	if n := len(s.got()); n != 2 {
		t.Errorf("%d requests, of which the second one fails", n)
	}
}
