package difytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/embedding"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/moderation"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
	"github.com/difygen/difygen/serve"
)

// echo is a provider whose models say what they are called with.
type echo struct{}

type echoParameters = map[string]any

func (echo) LLM(_ context.Context, call *llm.Call[string, echoParameters], out *llm.Output) error {
	switch text := call.Messages[len(call.Messages)-1].Text(); text {
	case "fail":
		return errors.Join(out.Text("so far"), &runtime.StatusError{StatusCode: http.StatusTooManyRequests})
	case "leak":
		return errors.Join(out.Text(call.Credentials[:5]), out.Text(call.Credentials[5:]))
	case "leak to a tool":
		return errors.Join(
			out.ToolCall(llm.ToolCall{ID: "1", Name: "f", Arguments: `{"a":"` + call.Credentials[:5]}),
			out.ToolCall(llm.ToolCall{Arguments: call.Credentials[5:] + `"}`}),
		)
	case "tool":
		return out.ToolCall(llm.ToolCall{ID: "1", Name: call.Tools[0].Name, Arguments: `{"a":1}`})
	}
	schema := ""
	if call.JSONSchema != nil {
		schema = call.JSONSchema.Name + " " + string(call.JSONSchema.Schema)
	}
	for _, m := range call.Messages {
		if err := out.Text(fmt.Sprint(m.Role, ":", m.Text(), " ")); err != nil {
			return err
		}
	}
	return errors.Join(
		out.Text(fmt.Sprint(call.UserID, " ", call.Model, " ", call.BaseModelName, " ", call.Parameters, " ", call.Stop, " ", call.Stream, " ", schema)),
		out.Finish(llm.FinishStop, llm.Usage{PromptTokens: 3}),
	)
}

func (echo) CountTokens(_ context.Context, call *llm.Call[string, echoParameters]) (int, error) {
	return len(call.Messages)*10 + len(call.Tools), nil
}

func (echo) StartPolling(_ context.Context, call *llm.Call[string, echoParameters]) (*llm.Polling, error) {
	state, err := json.Marshal(map[string]any{"text": call.Messages[0].Text(), "top": call.Parameters["top_k"]})
	return &llm.Polling{State: state, CheckAfter: 2 * time.Second, MaxAttempts: 3}, err
}

func (echo) CheckPolling(_ context.Context, call *llm.CheckPollingCall[string]) (*llm.Polling, error) {
	if strings.Contains(string(call.State), "fail") {
		return &llm.Polling{Failure: "a bad key\n" + call.Credentials}, nil
	}
	return &llm.Polling{Result: &llm.Result{Message: llm.Assistant(string(call.State))}}, nil
}

func (echo) Embed(_ context.Context, call *embedding.Call[string]) (*embedding.Result, error) {
	r := new(embedding.Result)
	for _, text := range call.Texts {
		r.Embeddings = append(r.Embeddings, []float64{float64(len(text)), float64(len(call.InputType))})
	}
	return r, nil
}

func (echo) EmbedMultimodal(_ context.Context, call *embedding.MultimodalCall[string]) (*embedding.Result, error) {
	r := new(embedding.Result)
	for _, d := range call.Documents {
		r.Embeddings = append(r.Embeddings, []float64{float64(len(d.Image))})
	}
	return r, nil
}

func (echo) Rerank(_ context.Context, call *rerank.Call[string]) (*rerank.Result, error) {
	return &rerank.Result{Matches: []rerank.Match{{Index: len(call.Documents) - 1, Score: 0.5}, {Index: 0, Score: 0.9, Text: call.Query}}}, nil
}

func (echo) RerankMultimodal(_ context.Context, call *rerank.MultimodalCall[string]) (*rerank.Result, error) {
	return &rerank.Result{Matches: []rerank.Match{{Score: 0.1, Text: string(call.Query.Image)}}}, nil
}

func (echo) Speak(_ context.Context, call *speech.SpeakCall[string], out *speech.Output) error {
	for _, s := range []string{call.Text, " ", call.Voice, " ", call.TenantID} {
		if _, err := out.Write([]byte(s)); err != nil {
			return err
		}
	}
	if call.Text == "fail" {
		return errors.New("broken")
	}
	if call.Text == "leak" {
		_, err := out.Write([]byte(call.Credentials))
		return err
	}
	return nil
}

func (echo) Voices(_ context.Context, call *speech.VoicesCall[string]) ([]speech.Voice, error) {
	return call.DeclaredVoices(), nil
}

func (echo) Transcribe(_ context.Context, call *speech.TranscribeCall[string]) (string, error) {
	return string(call.Audio), nil
}

func (echo) Moderate(_ context.Context, call *moderation.Call[string]) (bool, error) {
	return call.Text == "bad", nil
}

const (
	echoSmall  = `{"model":"small","label":{"en_US":"Small"},"model_type":"llm","features":["structured-output","polling","multi-tool-call"],"fetch_from":"predefined-model","model_properties":{},"parameter_rules":[{"name":"most","use_template":"top_k","label":{"en_US":"Most"},"type":"int","min":1,"max":9,"options":[]},{"name":"response_format","label":{"en_US":"F"},"type":"string","options":["text","json_schema"]}]}`
	echoPlain  = `{"model":"plain","label":{"en_US":"Plain"},"model_type":"llm","features":[],"fetch_from":"predefined-model","model_properties":{},"parameter_rules":[]}`
	echoVector = `{"model":"vector","label":{"en_US":"V"},"model_type":"text-embedding","features":null,"fetch_from":"predefined-model","model_properties":{"max_chunks":2},"parameter_rules":[]}`
	echoVoice  = `{"model":"voice","label":{"en_US":"V"},"model_type":"tts","features":null,"fetch_from":"predefined-model","model_properties":{"default_voice":"a","voices":[{"mode":"a","name":"A","language":["en-US"]}]},"parameter_rules":[]}`
)

func echoPlugin(custom bool) *serve.Plugin {
	decode := func(_ runtime.ModelType, values map[string]any) (string, error) {
		d := runtime.NewDecoder("Echo", values)
		key := d.Text("key", "Key", runtime.FieldRequired)
		return key, d.Err()
	}
	parameters := func(r *llm.ParameterReader) echoParameters { return r.Extra().Values() }
	models := []string{echoSmall, echoPlain, echoVector, echoVoice}
	c := runtime.ModelConfig{
		Name: "echo", Models: models, Fields: &runtime.Fields{Secret: []string{"key"}},
		Actions: slices.Concat(llm.Bind(echo{}, decode, parameters), embedding.Bind(echo{}, decode), rerank.Bind(echo{}, decode),
			speech.BindSpeaker(echo{}, decode), speech.BindTranscriber(echo{}, decode), moderation.Bind(echo{}, decode)),
	}
	methods := `"predefined-model"`
	if custom {
		methods += `,"customizable-model"`
		c.CustomModel = runtime.BindCustomModel(decode, func(_ context.Context, call *runtime.CustomModelCall[string]) (*runtime.ModelSchema, error) {
			if call.Model == "unknown" {
				return nil, nil
			}
			schema := call.FormSchema()
			if call.Model != "plain" {
				schema.Features = append(schema.Features, runtime.FeatureToolCall, runtime.FeatureVision)
			}
			return schema, nil
		})
	}
	return pluginOf("model_declaration", `{"provider":"echo","supported_model_types":["llm","text-embedding","rerank","tts","speech2text","moderation"],"configurate_methods":[`+methods+`],`+
		`"provider_credential_schema":{"credential_form_schemas":[{"variable":"key","type":"secret-input"}]},`+
		`"model_credential_schema":{"credential_form_schemas":[{"variable":"key","type":"secret-input"},{"variable":"size","type":"text-input"}]},`+
		`"models":[`+strings.Join(models, ",")+`]}`, runtime.NewModel(c))
}

var echoCreds = map[string]any{"key": "k-12345678", "base_model_name": "b"}

func TestLLM(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, echoPlugin(true))
	call := difytest.LLMCall{
		Model: "small", Credentials: echoCreds, Messages: []llm.Message{llm.System("be"), {Role: llm.RoleDeveloper, Parts: []llm.Part{&llm.Text{Text: "dev"}}}, llm.User("hi")},
		Parameters: map[string]any{"top_k": 5}, Stop: []string{"x"}, From: runtime.Call{UserID: "u"},
		JSONSchema: map[string]any{"type": "object"}, Tools: []llm.Tool{{Name: "f"}},
	}
	const format = ` map[most:5 response_format:json_schema] [x] `
	for _, stream := range []bool{false, true} {
		call.Stream = stream
		r := h.LLM(call)
		want := "system:be developer:dev user:hi u small b" + format + strconv.FormatBool(stream) + ` llm_response {"type":"object"}`
		if r.Err != nil || r.Text() != want || r.FinishReason != llm.FinishStop || r.Usage.PromptTokens != 3 || (len(r.Chunks) > 1) != stream {
			t.Errorf("stream %t: %q, %v, %+v, %d chunks", stream, r.Text(), r.Err, r.Usage, len(r.Chunks))
		}
	}
	say := func(text string) difytest.LLMCall {
		return difytest.LLMCall{Model: "other", Credentials: echoCreds, Messages: []llm.Message{llm.User(text)}, Tools: call.Tools, Stream: true}
	}
	r := h.LLM(say("fail"))
	difytest.WantError(t, r.Err, runtime.ErrorInvokeRateLimit, "the service returned status 429")
	if r.Text() != "so far" {
		t.Errorf("before the error: %q", r.Text())
	}
	want := []llm.ToolCall{{ID: "1", Type: "function", Name: "f", Arguments: `{"a":1}`}}
	if r := h.LLM(say("tool")); r.Err != nil || !cmp.Equal(want, r.Message.ToolCalls) {
		t.Errorf("%+v, %v", r.Message, r.Err)
	}
	bad := call
	bad.Parameters = map[string]any{"most": 50}
	difytest.WantError(t, h.LLM(bad).Err, runtime.ErrorInvokeBadRequest, "Most (most) must be at most 9")
	if n, err := h.CountTokens(call); n != 31 || err != nil {
		t.Errorf("%d tokens, %v", n, err)
	}
	custom := say("hi")
	custom.Parameters = map[string]any{"temperature": 0.5}
	if r := h.LLM(custom); r.Err != nil || !strings.Contains(r.Text(), " map[temperature:0.5] ") {
		t.Errorf("%q, %v", r.Text(), r.Err)
	}
}

func TestPolling(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, echoPlugin(true))
	call := difytest.LLMCall{Model: "small", Credentials: echoCreds, Messages: []llm.Message{llm.User("hi")}}
	p, err := h.StartPolling(call)
	if err != nil || string(p.State) != `{"text":"hi","top":null}` || p.CheckAfter != 2*time.Second || p.MaxAttempts != 3 || p.GiveUpAfter != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	p, err = h.CheckPolling(call, p.State)
	if err != nil || p.Result == nil || p.Result.Text() != `{"text":"hi","top":null}` {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = h.CheckPolling(call, json.RawMessage(`{"text":"fail"}`))
	if err != nil || p.Failure != "a bad key [redacted]" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, echoPlugin(true))
	vectors, err := h.Embed(difytest.EmbedCall{Model: "vector", Credentials: echoCreds, Texts: []string{"a", "bb"}, InputType: embedding.InputQuery})
	if err != nil || !cmp.Equal(vectors.Embeddings, [][]float64{{1, 5}, {2, 5}}) || vectors.Model != "vector" {
		t.Errorf("%+v, %v", vectors, err)
	}
	vectors, err = h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: "x", Credentials: echoCreds, Documents: []embedding.Document{{Image: []byte("abc")}}})
	if err != nil || !cmp.Equal(vectors.Embeddings, [][]float64{{3}}) {
		t.Errorf("%+v, %v", vectors, err)
	}
	if n, err := h.CountEmbedTokens(difytest.EmbedCall{Model: "x", Credentials: echoCreds, Texts: []string{"", "one"}}); err != nil || !cmp.Equal(n, []int{0, 1}) {
		t.Errorf("%v tokens, %v", n, err)
	}
	ranked, err := h.Rerank(difytest.RerankCall{Model: "r", Credentials: echoCreds, Query: "q", Documents: []string{"a", "b"}, ScoreThreshold: 0.6})
	if err != nil || !cmp.Equal(ranked.Matches, []rerank.Match{{Index: 0, Text: "q", Score: 0.9}}) {
		t.Errorf("%+v, %v", ranked, err)
	}
	ranked, err = h.RerankMultimodal(difytest.RerankMultimodalCall{
		Model: "r", Credentials: echoCreds, Query: embedding.Document{Image: []byte("i")}, Documents: []embedding.Document{{Text: "a"}}, TopN: 1,
	})
	if err != nil || !cmp.Equal(ranked.Matches, []rerank.Match{{Index: 0, Text: "i", Score: 0.1}}) {
		t.Errorf("%+v, %v", ranked, err)
	}
	if audio, err := h.Speak(difytest.SpeakCall{Model: "voice", Credentials: echoCreds, Text: "hi"}); err != nil || string(audio) != "hi a tenant-1" {
		t.Errorf("%q, %v", audio, err)
	}
	audio, err := h.Speak(difytest.SpeakCall{Model: "own", Credentials: echoCreds, Text: "fail", Voice: "v", TenantID: "t"})
	difytest.WantError(t, err, runtime.ErrorInvoke, "broken")
	if string(audio) != "fail v t" {
		t.Errorf("before the error: %q", audio)
	}
	if voices, err := h.Voices(difytest.VoicesCall{Model: "voice", Credentials: echoCreds, Language: "en-US"}); err != nil || !cmp.Equal(voices, []speech.Voice{{Name: "A", Value: "a"}}) {
		t.Errorf("%v, %v", voices, err)
	}
	if text, err := h.Transcribe(difytest.TranscribeCall{Model: "t", Credentials: echoCreds, Audio: []byte("la")}); err != nil || text != "la" {
		t.Errorf("%q, %v", text, err)
	}
	if flagged, err := h.Moderate(difytest.ModerateCall{Model: "m", Credentials: echoCreds, Text: "bad"}); err != nil || !flagged {
		t.Errorf("%t, %v", flagged, err)
	}
	_, err = h.Moderate(difytest.ModerateCall{Model: "m", Text: "bad"})
	difytest.WantError(t, err, runtime.ErrorInvokeAuthorization, "Echo: Key (key) is required")
	schema, err := h.ModelSchema(runtime.ModelTypeLLM, "small", echoCreds)
	if err != nil || schema.Label != "Small" || schema.Parameter("most") == nil {
		t.Errorf("%+v, %v", schema, err)
	}
	if schema, err := h.ModelSchema(runtime.ModelTypeLLM, "unknown", echoCreds); err != nil || schema != nil {
		t.Errorf("%+v, %v", schema, err)
	}
}

// TestModelMistakes checks that calls that Dify would not make fail the test, and are not made.
func TestModelMistakes(t *testing.T) {
	t.Parallel()
	hi := []llm.Message{llm.User("hi")}
	ask := func(part llm.Part) []llm.Message { return []llm.Message{llm.User("hi", part)} }
	small := difytest.LLMCall{Model: "small", Credentials: echoCreds, Messages: hi}
	with := func(change func(*difytest.LLMCall)) func(*difytest.Host) error {
		return func(h *difytest.Host) error {
			call := small
			change(&call)
			return h.LLM(call).Err
		}
	}
	for name, test := range map[string]struct {
		call func(*difytest.Host) error
		want string
	}{
		"no model":      {with(func(c *difytest.LLMCall) { c.Model = "" }), "the call has no Model"},
		"another model": {with(func(c *difytest.LLMCall) { c.Model = "large" }), "the provider echo declares no model large of type llm, and users can add none; it has small, plain"},
		"no messages":   {with(func(c *difytest.LLMCall) { c.Messages = nil }), "the call of the model small has no Messages"},
		"a message":     {with(func(c *difytest.LLMCall) { c.Messages = []llm.Message{{}} }), "Dify does not send message 1: a message has no role"},
		"credentials":   {with(func(c *difytest.LLMCall) { c.Credentials = map[string]any{"kye": "k"} }), "the provider echo declares no credential kye; it has key, size"},
		"a secret":      {with(func(c *difytest.LLMCall) { c.Credentials = map[string]any{"key": runtime.NewSecret("k")} }), "key is a runtime.Secret, which would be sent as [redacted]: give the text itself"},
		"parameters":    {with(func(c *difytest.LLMCall) { c.Parameters = map[string]any{"top_p": 1, "top_k": 1} }), "the model small declares no parameter top_p; it has most, response_format"},
		"structured output": {
			with(func(c *difytest.LLMCall) { c.Model, c.JSONSchema = "plain", map[string]any{} }),
			"the model plain does not declare the feature structured-output: Dify sends it no JSON Schema, but describes it in the prompt",
		},
		"tools":       {with(func(c *difytest.LLMCall) { c.Model, c.Tools = "plain", []llm.Tool{{Name: "f"}} }), "Dify sends the model plain no Tools: add tool-call to features in its YAML"},
		"an image":    {with(func(c *difytest.LLMCall) { c.Messages = ask(&llm.Image{URL: "u", MIMEType: "image/png"}) }), "Dify sends the model small no images: add vision to features in its YAML"},
		"a document":  {with(func(c *difytest.LLMCall) { c.Messages = ask(&llm.Document{URL: "u", MIMEType: "text/plain"}) }), "Dify sends the model small no documents: add document to features in its YAML"},
		"a recording": {with(func(c *difytest.LLMCall) { c.Messages = ask(&llm.Audio{URL: "u", MIMEType: "audio/mp3"}) }), "Dify sends the model small no audio: add audio to features in its YAML"},
		"a video":     {with(func(c *difytest.LLMCall) { c.Messages = ask(&llm.Video{URL: "u", MIMEType: "video/mp4"}) }), "Dify sends the model small no videos: add video to features in its YAML"},
		"a start": {func(h *difytest.Host) error {
			_, err := h.StartPolling(difytest.LLMCall{Model: "plain", Credentials: echoCreds, Messages: hi})
			return err
		}, "Dify sends the model plain no polled calls: add polling to features in its YAML"},
		"a check": {func(h *difytest.Host) error {
			_, err := h.CheckPolling(difytest.LLMCall{Model: "plain", Credentials: echoCreds}, json.RawMessage(`{"a":1}`))
			return err
		}, "Dify sends the model plain no polled calls: add polling to features in its YAML"},
		"images to embed": {func(h *difytest.Host) error {
			_, err := h.EmbedMultimodal(difytest.EmbedMultimodalCall{Model: "vector", Credentials: echoCreds, Documents: []embedding.Document{{Image: []byte("i")}}})
			return err
		}, "Dify sends the model vector no images: add vision to features in its YAML"},
		"another voice": {func(h *difytest.Host) error {
			_, err := h.Speak(difytest.SpeakCall{Model: "voice", Credentials: echoCreds, Text: "a", Voice: "b"})
			return err
		}, "the model voice has no voice b: add it to voices in its YAML, which has a"},
		"a tool":   {with(func(c *difytest.LLMCall) { c.Tools = []llm.Tool{{}} }), "Dify cannot send this call: encoding the fields of a request: json: error calling MarshalJSON for type llm.Tool: a tool has no Name"},
		"a schema": {with(func(c *difytest.LLMCall) { c.JSONSchema = map[string]any{"a": func() {}} }), "the JSONSchema of the call is not JSON: json: unsupported type: func()"},
		"the type": {func(h *difytest.Host) error { _, err := h.ModelSchema("text2img", "small", nil); return err }, "the provider echo declares no models of type text2img in supported_model_types; it has llm, text-embedding, rerank, tts, speech2text, moderation"},
		"the other": {func(h *difytest.Host) error {
			_, err := h.Moderate(difytest.ModerateCall{Model: "small", Text: "a"})
			return err
		}, "the provider echo declares no model small of type moderation, and users can add none; it has none"},
		"many texts": {
			func(h *difytest.Host) error {
				_, err := h.Embed(difytest.EmbedCall{Model: "vector", Texts: []string{"a", "b", "c"}})
				return err
			},
			"Dify asks the model vector for no more than 2 at once, which is max_chunks of its schema, or 1; the call has 3",
		},
		"no texts": {func(h *difytest.Host) error { _, err := h.Embed(difytest.EmbedCall{Model: "vector"}); return err }, "the call of the model vector has no Texts or Documents"},
		"silence":  {func(h *difytest.Host) error { _, err := h.Speak(difytest.SpeakCall{Model: "voice"}); return err }, "the call of the model voice has no Text, without which Dify makes none"},
	} {
		var err error
		reported, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			err = test.call(difytest.Start(tb, echoPlugin(false)))
		})
		if err == nil || err.Error() != test.want || len(reported) != 1 || reported[0] != test.want {
			t.Errorf("%s: %v, reported %q, want %s", name, err, reported, test.want)
		}
	}
	for name, test := range map[string]struct {
		call func(*difytest.Host) error
		want string
	}{
		"no voice": {func(h *difytest.Host) error {
			_, err := h.Speak(difytest.SpeakCall{Model: "m", Credentials: map[string]any{"kye": 1}, Text: "a"})
			return err
		}, "the provider echo declares no credential kye; it has key, size"},
		"no query": {func(h *difytest.Host) error {
			_, err := h.Rerank(difytest.RerankCall{Model: "m", Documents: []string{"a"}})
			return err
		}, "the call of the model m has no Query, without which Dify makes none"},
		"no multimodal query": {func(h *difytest.Host) error {
			_, err := h.RerankMultimodal(difytest.RerankMultimodalCall{Model: "m", Documents: []embedding.Document{{Text: "a"}}})
			return err
		}, "the call of the model m has no Query, without which Dify makes none"},
		"nothing to count": {func(h *difytest.Host) error {
			_, err := h.CountEmbedTokens(difytest.EmbedCall{Model: "m"})
			return err
		}, "the call of the model m has no Texts, without which Dify makes none"},
		"no audio": {func(h *difytest.Host) error { _, err := h.Transcribe(difytest.TranscribeCall{Model: "m"}); return err }, "the call of the model m has no Audio, without which Dify makes none"},
		"no text":  {func(h *difytest.Host) error { _, err := h.Moderate(difytest.ModerateCall{Model: "m"}); return err }, "the call of the model m has no Text, without which Dify makes none"},
		"parameters": {func(h *difytest.Host) error {
			return h.LLM(difytest.LLMCall{Model: "m", Credentials: echoCreds, Messages: hi, Parameters: map[string]any{"heat": 1}}).Err
		}, "the model m declares no parameter heat; it has temperature, top_p, frequency_penalty, presence_penalty, max_tokens"},
		"images to rank": {func(h *difytest.Host) error {
			_, err := h.RerankMultimodal(difytest.RerankMultimodalCall{Model: "plain", Credentials: echoCreds, Query: embedding.Document{Text: "q"}})
			return err
		}, "Dify sends the model plain no images: add vision to features in the schema that CustomModel returns"},
		"two texts": {func(h *difytest.Host) error {
			_, err := h.Embed(difytest.EmbedCall{Model: "m", Credentials: echoCreds, Texts: []string{"a", "b"}})
			return err
		}, "Dify asks the model m for no more than 1 at once, which is max_chunks of its schema, or 1; the call has 2"},
	} {
		var err error
		reported, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			err = test.call(difytest.Start(tb, echoPlugin(true)))
		})
		if err == nil || err.Error() != test.want || len(reported) != 1 || reported[0] != test.want {
			t.Errorf("%s, of a custom model: %v, reported %q, want %s", name, err, reported, test.want)
		}
	}
}

// TestModelSecrets checks that secrets are found in what models send, also in pieces.
func TestModelSecrets(t *testing.T) {
	t.Parallel()
	reported, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		h := difytest.Start(tb, echoPlugin(true))
		for _, text := range []string{"leak", "leak to a tool"} {
			h.LLM(difytest.LLMCall{Model: "small", Credentials: echoCreds, Messages: []llm.Message{llm.User(text)}, Stream: true})
		}
		if _, err := h.Speak(difytest.SpeakCall{Model: "voice", Credentials: echoCreds, Text: "leak"}); err != nil {
			t.Error(err)
		}
		if r := h.AllowSecrets().LLM(difytest.LLMCall{Model: "small", Credentials: echoCreds, Messages: []llm.Message{llm.User("leak")}}); r.Text() != "k-12345678" {
			t.Errorf("%q, %v", r.Text(), r.Err)
		}
	})
	var want []string
	for _, what := range []string{"invoke_llm", "invoke_llm", "invoke_tts"} {
		want = append(want, "the result of "+what+" holds the secret key; users and models see it (call it on Host.AllowSecrets if it must)")
	}
	if diff := cmp.Diff(want, reported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
