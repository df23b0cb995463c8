package embedding_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
)

// plain is a provider with no more than it must have.
type plain struct {
	result *embedding.Result
	err    error
	calls  *int
}

func (p plain) Embed(_ context.Context, call *embedding.Call[string]) (*embedding.Result, error) {
	if p.calls != nil {
		*p.calls++
	}
	if p.result != nil || p.err != nil {
		return p.result, p.err
	}
	r := &embedding.Result{Usage: embedding.Usage{Tokens: 3}}
	for range call.Texts {
		r.Embeddings = append(r.Embeddings, []float64{1, 0.5})
	}
	time.Sleep(250 * time.Millisecond) // fake
	return r, nil
}

// full is a provider with everything. Its results say what it was called with.
type full struct{ seen *string }

func (p full) Embed(_ context.Context, call *embedding.Call[string]) (*embedding.Result, error) {
	*p.seen = fmt.Sprint(call.UserID, " ", call.Model, " ", call.Credentials, " ", call.Texts, " ", call.InputType, " ", call.Schema.PropertyInt("max_chunks"))
	return &embedding.Result{Model: "m-2", Embeddings: make2(len(call.Texts))}, nil
}

func (p full) EmbedMultimodal(_ context.Context, call *embedding.MultimodalCall[string]) (*embedding.Result, error) {
	*p.seen = fmt.Sprintf("%s %q %s", call.Credentials, call.Documents, call.InputType)
	return &embedding.Result{Embeddings: make2(len(call.Documents))}, nil
}

func (p full) CountEmbedTokens(_ context.Context, call *embedding.Call[string]) ([]int, error) {
	if call.Texts[0] == "fail" {
		return nil, &runtime.StatusError{StatusCode: http.StatusUnauthorized}
	}
	if call.Texts[0] == "less" {
		return []int{0, -1}, nil
	}
	return []int{1, 2}, nil
}

func make2(n int) (list [][]float64) {
	for i := range n {
		list = append(list, []float64{float64(i)})
	}
	return list
}

const model = `{"model":"m","model_type":"text-embedding","model_properties":{"max_chunks":7},"pricing":{"input":"0.1","unit":"0.001","currency":"EUR"}}`

func TestBind(t *testing.T) {
	t.Parallel()
	var seen string
	actions := embedding.Bind(full{&seen}, modeltest.Key)
	const usage = `"usage":{"tokens":0,"total_tokens":0,"unit_price":"0.1","price_unit":"0.001","total_price":"0","currency":"EUR","latency":0}}`
	for _, test := range []struct{ action, fields, want, seen string }{
		{"invoke_text_embedding", `{"texts":["a","b"],"input_type":"query"}`, `{"model":"m-2","embeddings":[[0],[1]],` + usage, "u m k [a b] query 7"},
		{"invoke_text_embedding", `{"texts":["a"],"input_type":""}`, `{"model":"m-2","embeddings":[[0]],` + usage, "u m k [a] document 7"},
		{"invoke_text_embedding", `{"texts":[]}`, `{"model":"m","embeddings":[],` + usage, ""},
		{"invoke_text_embedding", `{"texts":null,"credentials":null}`, "ValidationError: texts of the request is missing", ""},
		{"invoke_text_embedding", `{"texts":["a",1]}`, "ValidationError: texts of the request has the wrong type", ""},
		{"invoke_text_embedding", `{"texts":"a","input_type":1}`, "ValidationError: texts, input_type of the request have the wrong type", ""},
		{"invoke_text_embedding", `{"texts":["a"],"credentials":{}}`, "InvokeAuthorizationError: P: Key (key) is required", ""},
		{
			"invoke_text_embedding", `{"texts":["a"],"credentials":null}`,
			"ValidationError: the request has no credentials, which happens if Dify cannot read the rest of it: P: Key (key) is required", "",
		},

		{
			"invoke_multimodal_embedding", `{"documents":[{"content":"a","content_type":"text"},{"content":"eA==","content_type":"image"},{"content":"","content_type":"text"}]}`,
			`{"model":"m","embeddings":[[0],[1],[2]],` + usage, `k [{"a" ""} {"" "x"} {"" ""}] document`,
		},
		{"invoke_multimodal_embedding", `{"documents":[]}`, `{"model":"m","embeddings":[],` + usage, ""},
		{"invoke_multimodal_embedding", `{"documents":null}`, "ValidationError: documents of the request: the list of documents is missing", ""},
		{"invoke_multimodal_embedding", `{"documents":["a"]}`, "ValidationError: documents of the request: document 1: a document must be an object", ""},
		{"invoke_multimodal_embedding", `{"documents":[{"content":null,"content_type":"text"}]}`, "ValidationError: documents of the request: document 1: the content of a document must be a text", ""},
		{"invoke_multimodal_embedding", `{"documents":[{"content":"?","content_type":"image"}]}`, "ValidationError: documents of the request: document 1: the content of a document of type image is not base64", ""},
		{"invoke_multimodal_embedding", `{"documents":[{"content":"a","content_type":"smell"}]}`, "ValidationError: documents of the request: document 1: the content_type of a document is neither text nor image", ""},
		{"invoke_multimodal_embedding", `{"documents":[],"input_type":[]}`, "ValidationError: input_type of the request has the wrong type", ""},
		{"invoke_multimodal_embedding", `{"documents":[],"credentials":{}}`, "InvokeAuthorizationError: P: Key (key) is required", ""},

		{"get_text_embedding_num_tokens", `{"texts":["a","b"]}`, `{"num_tokens":[1,2]}`, ""},
		{"get_text_embedding_num_tokens", `{"texts":["a"]}`, "InvokeError: tokens of 2 texts were counted, but there are 1", ""},
		{"get_text_embedding_num_tokens", `{"texts":["less","b"]}`, "InvokeError: the provider has counted -1 tokens of text 2", ""},
		{"get_text_embedding_num_tokens", `{"texts":["fail"]}`, "InvokeAuthorizationError: the service returned status 401 Unauthorized", ""},
		{"get_text_embedding_num_tokens", `{"texts":[]}`, `{"num_tokens":[]}`, ""},
		{"get_text_embedding_num_tokens", `{"texts":null}`, "ValidationError: texts of the request is missing", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			seen = ""
			got := modeltest.Answer(t, actions, model, test.action, test.fields)
			if diff := cmp.Diff([2]string{test.want, test.seen}, [2]string{got, seen}); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", test.action, test.fields, diff)
			}
		})
	}
}

// TestBindUsage checks what usage leaves out.
func TestBindUsage(t *testing.T) {
	t.Parallel()
	given := embedding.Usage{Tokens: 5, TotalTokens: 9, TotalPrice: runtime.NewDecimal(7, 0), Currency: "JPY", Latency: time.Second}
	for name, test := range map[string]struct {
		schema string
		usage  *embedding.Usage
		want   string
	}{
		"pricing":    {model, nil, `{"tokens":3,"total_tokens":3,"unit_price":"0.1","price_unit":"0.001","total_price":"0.0003","currency":"EUR","latency":0.25}`},
		"no pricing": {"", nil, `{"tokens":3,"total_tokens":3,"unit_price":"0","price_unit":"0","total_price":"0","currency":"USD","latency":0.25}`},
		"given":      {model, &given, `{"tokens":5,"total_tokens":9,"unit_price":"0","price_unit":"0","total_price":"7","currency":"JPY","latency":1}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := plain{}
			if test.usage != nil {
				p.result = &embedding.Result{Embeddings: [][]float64{{1, 0.5}}, Usage: *test.usage}
			}
			got := modeltest.Answer(t, embedding.Bind(p, modeltest.Key), test.schema, "invoke_text_embedding", `{"texts":["a"]}`)
			if diff := cmp.Diff(`{"model":"m","embeddings":[[1,0.5]],"usage":`+test.want+"}", got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if p.result != nil && !cmp.Equal(p.result.Usage, given) {
				t.Errorf("%s: the result of the provider has changed: %+v", name, p.result)
			}
		})
	}
}

// TestBindWrong checks results that Dify would not take, or would store.
func TestBindWrong(t *testing.T) {
	t.Parallel()
	vectors := func(v ...[]float64) *embedding.Result { return &embedding.Result{Embeddings: v} }
	for _, test := range []struct {
		result *embedding.Result
		err    error
		want   string
	}{
		{nil, errors.New("broken"), "InvokeError: broken"},
		{vectors([]float64{1}), nil, "InvokeError: the model has returned 1 vectors for 2 inputs"},
		{vectors(), nil, "InvokeError: the model has returned 0 vectors for 2 inputs"},
		{vectors([]float64{1}, nil), nil, "InvokeError: the model has returned a vector of length 0 for input 2, and one of length 1 for input 1"},
		{vectors(nil, nil), nil, "InvokeError: the model has returned a vector of length 0 for input 1, and one of length 0 for input 1"},
		{vectors([]float64{1}, []float64{1, 2}), nil, "InvokeError: the model has returned a vector of length 2 for input 2, and one of length 1 for input 1"},
		{vectors([]float64{1}, []float64{math.NaN()}), nil, "InvokeError: the vector that the model has returned for input 2 has an element that is not a number"},
		{&embedding.Result{Embeddings: [][]float64{{1}, {2}}, Usage: embedding.Usage{Tokens: -1}}, nil, "InvokeError: the Usage of the vectors has a negative number of tokens"},
		{&embedding.Result{Embeddings: [][]float64{{1}, {2}}, Usage: embedding.Usage{TotalTokens: -1}}, nil, "InvokeError: the Usage of the vectors has a negative number of tokens"},
	} {
		calls := 0
		actions := embedding.Bind(plain{test.result, test.err, &calls}, modeltest.Key)
		if got := modeltest.Answer(t, actions, "", "invoke_text_embedding", `{"texts":["a","b"]}`); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		if got := modeltest.Answer(t, actions, "", "invoke_text_embedding", `{"texts":[]}`); !strings.HasPrefix(got, `{"model":"m","embeddings":[]`) || calls != 1 {
			t.Errorf("no texts: %s, %d calls", got, calls)
		}
	}
	nothing := embedding.Bind[string](nothing{}, modeltest.Key)
	if got := modeltest.Answer(t, nothing, "", "invoke_text_embedding", `{"texts":["a"]}`); got != "InvokeError: the provider returns neither vectors nor an error" {
		t.Error(got)
	}
	if got := modeltest.Answer(t, nothing, "", "invoke_multimodal_embedding", `{"documents":[]}`); got != "no route invoke_multimodal_embedding" {
		t.Error(got)
	}
	if got := modeltest.Answer(t, nothing, "", "get_text_embedding_num_tokens", `{"texts":["a","b"]}`); !strings.HasPrefix(got, `{"num_tokens":[`) || strings.Count(got, ",") != 1 {
		t.Errorf("estimated: %s", got)
	}
}

type nothing struct{}

func (nothing) Embed(context.Context, *embedding.Call[string]) (*embedding.Result, error) {
	return nil, nil
}

// FuzzBind checks that what a service returns ends in a result that Dify takes, or in an error.
func FuzzBind(f *testing.F) {
	f.Add(`{"texts":["a","b"]}`, `{"model":"m","embeddings":[[1],[2]],"usage":{"tokens":1}}`)
	f.Add(`{"texts":["a"],"input_type":"query"}`, `{"embeddings":[[1e308,-0]]}`)
	f.Add(`{"texts":[]}`, `{"embeddings":[[]]}`)
	f.Fuzz(func(t *testing.T, fields, answer string) {
		var result embedding.Result
		var object map[string]any
		if json.Unmarshal([]byte(answer), &result) != nil || json.Unmarshal([]byte(fields), &object) != nil {
			return
		}
		got := modeltest.Answer(t, embedding.Bind(plain{result: &result}, modeltest.Key), model, "invoke_text_embedding", fields)
		var sent struct {
			Model      string
			Embeddings [][]float64
			Usage      *embedding.Usage
		}
		if strings.HasPrefix(got, "{") && (json.Unmarshal([]byte(got), &sent) != nil || sent.Model == "" || sent.Embeddings == nil || sent.Usage == nil) {
			t.Errorf("%s of %s: %s", fields, answer, got)
		}
	})
}
