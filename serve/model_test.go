package serve_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/modeltest"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
	"github.com/difygen/difygen/serve"
)

// models is a provider of models of several types.
type models struct{}

func (models) LLM(_ context.Context, call *llm.Call[string, llm.Extra], out *llm.Output) error {
	for _, m := range call.Messages {
		if err := out.Text(m.Text() + " "); err != nil {
			return err
		}
	}
	if call.Model == "failing" {
		return runtime.Unreachable(errors.New("no answer for " + call.Credentials))
	}
	return errors.Join(out.Text(call.Parameters.Float("temperature").String()), out.Finish(llm.FinishLength, llm.Usage{PromptTokens: 2000, CompletionTokens: 1, Latency: 1e9}))
}

func (models) Embed(_ context.Context, call *embedding.Call[string]) (*embedding.Result, error) {
	if call.Model == "other" {
		return nil, &runtime.StatusError{StatusCode: http.StatusTooManyRequests}
	}
	r := &embedding.Result{Usage: embedding.Usage{Tokens: 1000, Latency: 1e9}}
	for _, text := range call.Texts {
		r.Embeddings = append(r.Embeddings, []float64{float64(len(text)), 0.5})
	}
	return r, nil
}

func (models) Rerank(_ context.Context, call *rerank.Call[string]) (*rerank.Result, error) {
	r := new(rerank.Result)
	for i, d := range call.Documents {
		r.Matches = append(r.Matches, rerank.Match{Index: i, Score: float64(len(d))})
	}
	return r, nil
}

func (models) Speak(_ context.Context, call *speech.SpeakCall[string], out *speech.Output) error {
	for _, s := range []string{call.Text, " by ", call.Voice} {
		if _, err := io.WriteString(out, s); err != nil {
			return err
		}
	}
	return nil
}

func (models) Voices(_ context.Context, call *speech.VoicesCall[string]) ([]speech.Voice, error) {
	return call.DeclaredVoices(), nil
}

func (models) Transcribe(_ context.Context, call *speech.TranscribeCall[string]) (string, error) {
	return string(call.Audio), nil
}

func (models) Moderate(_ context.Context, call *moderation.Call[string]) (bool, error) {
	if call.Text == call.Credentials {
		return false, errors.New("the text is " + call.Text)
	}
	return true, nil
}

func modelPlugin() *serve.Plugin {
	m := models{}
	return serve.NewPlugin(declaration(), nil, runtime.NewModel(runtime.ModelConfig{
		Name: "box", Fields: &runtime.Fields{Secret: []string{"key"}},
		Models: []string{
			`{"model":"e","label":{"en_US":"E"},"model_type":"text-embedding","features":null,"fetch_from":"predefined-model","model_properties":{"max_chunks":7},"deprecated":false,"parameter_rules":[],"pricing":{"input":"0.1","output":null,"unit":"0.001","currency":"USD"}}`,
			`{"model":"l","label":{"en_US":"L"},"model_type":"llm","features":[],"fetch_from":"predefined-model","model_properties":{"mode":"chat"},"deprecated":false,` +
				`"parameter_rules":[{"name":"temperature","use_template":"temperature","label":{"en_US":"Warmth"},"type":"float","help":null,"required":true,"default":0.5,"min":0,"max":1,"precision":2,"options":[]}],` +
				`"pricing":{"input":"0.1","output":"0.2","unit":"0.001","currency":"EUR"}}`,
			`{"model":"t","label":{"en_US":"T"},"model_type":"tts","fetch_from":"predefined-model","model_properties":{"voices":[{"mode":"v","name":"V","language":["en-US"]}]}}`,
		},
		CustomModel: func(_ context.Context, call runtime.ModelCall, _ map[string]any) (*runtime.ModelSchema, error) {
			if call.Model == "nothing" {
				return nil, nil
			}
			return &runtime.ModelSchema{Features: []runtime.ModelFeature{runtime.FeatureVision}}, nil
		},
		Actions: slices.Concat(llm.Bind(m, modeltest.Key, (*llm.ParameterReader).Extra), embedding.Bind(m, modeltest.Key), rerank.Bind(m, modeltest.Key), speech.BindSpeaker(m, modeltest.Key),
			speech.BindTranscriber(m, modeltest.Key), moderation.Bind(m, modeltest.Key)),
	}))
}

// TestModels calls models over every transport. The hosts check the results as Dify does.
func TestModels(t *testing.T) {
	t.Parallel()
	spoken := func(text string) string { return `{"result":"` + hex.EncodeToString([]byte(text)) + `"}` }
	const embedded = `{"model":"e","embeddings":[[1,0.5],[2,0.5]],"usage":{"tokens":1000,"total_tokens":1000,"unit_price":"0.1","price_unit":"0.001","total_price":"0.1","currency":"USD","latency":1}}`
	written := func(index int, text, end string) string {
		return fmt.Sprintf(`{"model":"%%s","delta":{"index":%d,"message":{"role":"assistant","content":%q,"tool_calls":[]},%s}}`, index, text, end)
	}
	of := func(model string, chunks ...string) string {
		return strings.ReplaceAll(strings.Join(chunks, " + "), "%s", model)
	}
	const (
		more = `"usage":null,"finish_reason":null`
		last = `"usage":{"prompt_tokens":2000,"prompt_unit_price":"0.1","prompt_price_unit":"0.001","prompt_price":"0.2","completion_tokens":1,"completion_unit_price":"0.2","completion_price_unit":"0.001","completion_price":"0.0002",` +
			`"total_tokens":2001,"total_price":"0.2002","currency":"EUR","latency":1},"finish_reason":"length"`
	)
	prompt := func(stream bool, parameters map[string]any) map[string]any {
		return map[string]any{"prompt_messages": []llm.Message{llm.System("be"), llm.User("hi")}, "stream": stream, "model_parameters": parameters}
	}
	calls := []struct {
		typ, model, action string
		fields             map[string]any
		want               string
	}{
		{"llm", "l", "invoke_llm", prompt(true, map[string]any{"temperature": 1, "other": 1}), of("l", written(0, "be ", more), written(1, "hi ", more), written(2, "1", more), written(3, "", last))},
		{"llm", "l", "invoke_llm", prompt(false, nil), of("l", written(0, "be hi 0.5", last))},
		{"llm", "l", "invoke_llm", prompt(true, map[string]any{"temperature": 1.5}), "InvokeBadRequestError: Warmth (temperature) must be at most 1"},
		{"llm", "failing", "invoke_llm", prompt(true, nil), of("failing", written(0, "be ", more), written(1, "hi ", more), "InvokeConnectionError: could not reach the service: no answer for [redacted]")},
		{"llm", "l", "invoke_llm", nil, "ValidationError: the request has no prompt_messages"},
		{"text-embedding", "e", "invoke_text_embedding", map[string]any{"texts": []string{"a", "bb"}}, embedded},
		{"text-embedding", "other", "invoke_text_embedding", map[string]any{"texts": []string{"a"}}, "InvokeRateLimitError: the service returned status 429 Too Many Requests"},
		{"text-embedding", "e", "invoke_text_embedding", nil, "ValidationError: texts of the request is missing"},
		{"llm", "e", "invoke_text_embedding", nil, "ValueError: model_type llm does not support model/invoke_text_embedding"},
		{"text-embedding", "e", "invoke_multimodal_embedding", nil, "ValueError: this plugin does not support model/invoke_multimodal_embedding; it supports model/get_ai_model_schemas, model/get_llm_num_tokens, model/get_text_embedding_num_tokens, model/get_tts_model_voices, model/invoke_llm, model/invoke_moderation, model/invoke_rerank, model/invoke_speech2text, model/invoke_text_embedding, model/invoke_tts"},
		{"rerank", "r", "invoke_rerank", map[string]any{"query": "q", "docs": []string{"a", "ccc", "bb"}, "top_n": 2}, `{"model":"r","docs":[{"index":1,"text":"ccc","score":3},{"index":2,"text":"bb","score":2}]}`},
		{"tts", "t", "invoke_tts", map[string]any{"content_text": "hi", "voice": "v"}, spoken("hi") + " + " + spoken(" by ") + " + " + spoken("v")},
		{"tts", "t", "get_tts_model_voices", nil, `{"voices":[{"name":"V","value":"v"}]}`},
		{"speech2text", "s", "invoke_speech2text", map[string]any{"file": hex.EncodeToString([]byte("la"))}, `{"result":"la"}`},
		{"moderation", "m", "invoke_moderation", map[string]any{"text": "bad"}, `{"result":true}`},
		{"moderation", "m", "invoke_moderation", map[string]any{"text": "box-secret"}, "InvokeError: the text is [redacted]"},
		{"tts", "t", "get_ai_model_schemas", nil, `{"model_schema":{"model":"t","label":{"en_US":"T"},"model_type":"tts","fetch_from":"predefined-model","model_properties":{"voices":[{"mode":"v","name":"V","language":["en-US"]}]}}}`},
		{"llm", "x", "get_ai_model_schemas", nil, `{"model_schema":{"model":"x","label":{"en_US":"x"},"model_type":"llm","features":["vision"],"fetch_from":"customizable-model","model_properties":{},"deprecated":false,"parameter_rules":[],"pricing":null}}`},
		{"llm", "nothing", "get_ai_model_schemas", nil, `{"model_schema":null}`},
	}
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, modelPlugin())
		for _, c := range calls {
			req, err := host.ModelRequest(c.action, c.fields)
			if err != nil {
				t.Fatal(err)
			}
			req.Fields["provider"], req.Fields["model_type"], req.Fields["model"] = "box", c.typ, c.model
			req.Fields["credentials"] = map[string]any{"key": "box-secret"}
			response, err := p.host.Do(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, response.String()); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", c.action, c.model, diff)
			}
		}
	})
}
