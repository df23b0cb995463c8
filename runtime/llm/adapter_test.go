package llm_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// TestAdapter asks the adapter of a provider that declares a model.
func TestAdapter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		adapter := runtime.NewModel(runtime.ModelConfig{
			Name: "box",
			Models: []string{`{"model":"m","label":{"en_US":"M"},"model_type":"llm","parameter_rules":[{"name":"temperature","use_template":"temperature"},{"name":"limit","use_template":"max_tokens","required":true}],` +
				`"pricing":{"input":"2","output":"8","unit":"0.000001","currency":"EUR"}}`},
			Actions: llm.Bind(writer(func(call *call, out *llm.Output) error {
				n, _ := call.Parameters.Extra.Int("limit").Get()
				return out.Finish(llm.FinishLength, llm.Usage{PromptTokens: 1000, CompletionTokens: int(n)})
			}), decodeCredentials, decodeParameters),
		})
		for data, want := range map[string]string{
			`"model_parameters":{"max_tokens":10}`: strings.NewReplacer(`"prompt_tokens":0`, `"prompt_tokens":1000`, `"prompt_price":"0"`, `"prompt_price":"0.002"`,
				`"completion_tokens":0`, `"completion_tokens":10`, `"completion_price":"0"`, `"completion_price":"0.00008"`,
				`"total_tokens":0`, `"total_tokens":1010`, `"total_price":"0"`, `"total_price":"0.00208"`, `"stop"`, `"length"`).Replace(`"delta":{"index":0,` + stopped),
			`"model_parameters":{"max_tokens":10,"temperature":2}`: "InvokeBadRequestError",
			`"model_parameters":null,"stop":5`:                     "ValidationError",
		} {
			req := request(t, `{"provider":"box","model_type":"llm","model":"m","credentials":{"key":"k"},`+prompt+`,`+data+`}`).Request
			var got []string
			req.Stream = func(v any) error {
				text, err := json.Marshal(v)
				got = append(got, string(text))
				return err
			}
			for _, r := range adapter.Routes() {
				if r.Action != "invoke_llm" {
					continue
				}
				if _, err := r.Serve(t.Context(), req); err != nil {
					var e *runtime.Error
					errors.As(err, &e)
					got = append(got, string(e.Type))
				}
			}
			if diff := cmp.Diff([]string{want}, brief(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", data, diff)
			}
		}
	})
}
