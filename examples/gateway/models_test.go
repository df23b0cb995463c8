package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/rerank"
	"github.com/difygen/difygen/runtime/speech"
)

// request returns the last request.
func (g *testGateway) request() map[string]any {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last
}

// creds are credentials that a gateway accepts.
func (g *testGateway) creds() map[string]any {
	return map[string]any{"base_url": g.url, "auth_method": "api_key", "api_key": gatewayKey}
}

func TestLLM(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	for _, test := range []struct {
		name   string
		call   difytest.LLMCall
		chunks int
	}{
		{"a stream", difytest.LLMCall{Credentials: g.creds(), Stream: true}, 3},
		{"Dify wants no stream", difytest.LLMCall{Credentials: g.creds()}, 1},
		{"the gateway has no streams", difytest.LLMCall{Credentials: with(g.creds(), map[string]any{"no_streaming": true}), Stream: true}, 2},
	} {
		test.call.Model, test.call.Messages = gateway.ModelSmall, []llm.Message{llm.User("hi")}
		r := h.LLM(test.call)
		if r.Err != nil || r.Text() != "Hello!" || r.FinishReason != llm.FinishStop || len(r.Chunks) != test.chunks {
			t.Errorf("%s: %q because of %q in %d chunks, %v", test.name, r.Text(), r.FinishReason, len(r.Chunks), r.Err)
		}
		if u := r.Usage; u.TotalTokens != 1500 || u.TotalPrice.String() != "0.00045" || u.Currency != "USD" { // of the model's pricing
			t.Errorf("%s: %d tokens for %s %s", test.name, u.TotalTokens, u.TotalPrice, u.Currency)
		}
	}
}

// TestRequest says what the gateway gets of a call.
func TestRequest(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	image := &llm.Image{Data: []byte{0, 1}, MIMEType: "image/png"}
	r := h.LLM(difytest.LLMCall{
		Model: gateway.ModelSmall, Credentials: g.creds(), Stream: true, Stop: []string{"END"}, From: runtime.Call{UserID: "u1"},
		Messages:   []llm.Message{llm.System("Be nice."), llm.User("What is this?", image)},
		Parameters: map[string]any{"temperature": 0.5, "max_tokens": 100, "seed": nil, "response_format": "text"},
		JSONSchema: map[string]any{"type": "object"},
	})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := map[string]any{
		"model": "small", "stream": true, "stream_options": map[string]any{"include_usage": true}, "stop": []any{"END"}, "user": "u1",
		"temperature": 0.5, "max_tokens": 100.0,
		"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "llm_response", "schema": map[string]any{"type": "object"}}},
		"messages": []any{
			map[string]any{"role": "system", "content": "Be nice."},
			map[string]any{"role": "user", "content": []any{
				map[string]any{"type": "text", "text": "What is this?"},
				map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:image/png;base64,AAE=", "detail": "low"}},
			}},
		},
	}
	if diff := cmp.Diff(want, g.request()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTools has a whole conversation about a tool.
func TestTools(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	call := difytest.LLMCall{
		Model: gateway.ModelSmall, Credentials: g.creds(), Stream: true, Messages: []llm.Message{llm.User("How is the weather?")},
		Tools: []llm.Tool{{Name: "weather", Parameters: map[string]any{"type": "object"}}},
	}
	r := h.LLM(call)
	want := []llm.ToolCall{{ID: "a", Type: "function", Name: "weather", Arguments: `{"city":"Bonn"}`}, {ID: "b", Type: "function", Name: "weather", Arguments: `{}`}}
	if diff := cmp.Diff(want, r.Message.ToolCalls); diff != "" || r.FinishReason != llm.FinishToolCalls || r.Err != nil {
		t.Fatalf("%q, %v (-want +got):\n%s", r.FinishReason, r.Err, diff)
	}
	call.Messages = append(call.Messages, r.Message, llm.ToolResult(want[0], "rain"), llm.ToolResult(want[1], "sun"))
	call.Tools = nil
	if r := h.LLM(call); r.Err != nil || r.Text() != "Hello!" {
		t.Errorf("%q, %v", r.Text(), r.Err)
	}
	messages, _ := g.request()["messages"].([]any)
	if len(messages) != 4 || !cmp.Equal(messages[3], any(map[string]any{"role": "tool", "tool_call_id": "b", "content": "sun"})) {
		t.Errorf("the messages %v", messages)
	}
}

// TestCustomModel checks a model that the YAML does not declare, which is passed on.
func TestCustomModel(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	creds := with(g.creds(), map[string]any{"context_size": "128000", "function_calling_type": "tool_call", "vision_support": "support"})
	schema, err := h.ModelSchema(runtime.ModelTypeLLM, "large", creds)
	if err != nil || schema.Properties["context_size"] != 128000.0 || !schema.HasFeature(runtime.FeatureVision) || !schema.HasFeature(runtime.FeatureMultiToolCall) {
		t.Fatalf("%+v, %v", schema, err)
	}
	r := h.LLM(difytest.LLMCall{Model: "large", Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Parameters: map[string]any{"temperature": 1.5}, Stream: true})
	if got := g.request(); r.Err != nil || r.Text() != "Hello!" || got["model"] != "large" || got["temperature"] != 1.5 {
		t.Errorf("%q, %v, of %v", r.Text(), r.Err, got)
	}
	schema, err = h.ModelSchema(runtime.ModelTypeLLM, gateway.ModelSmall, g.creds())
	if err != nil || schema.Properties["context_size"] != 8192.0 {
		t.Errorf("a model that the YAML declares: %+v, %v", schema, err)
	}
}

func TestOtherModels(t *testing.T) {
	t.Parallel()
	g := startGateway(t, "Bearer "+gatewayKey)
	h := difytest.Start(t, newPlugin(gateway.New()))
	vectors, err := h.Embed(difytest.EmbedCall{Model: gateway.ModelEmbedding, Credentials: g.creds(), Texts: []string{"a", "b"}})
	if err != nil || !cmp.Equal(vectors.Embeddings, [][]float64{{0.5, -1}, {0.5, -1}}) || vectors.Usage.TotalTokens != 4 || vectors.Usage.TotalPrice.String() != "0.0000001" {
		t.Errorf("embeddings: %+v, %v", vectors, err)
	}
	ranked, err := h.Rerank(difytest.RerankCall{Model: gateway.ModelReranker, Credentials: g.creds(), Query: "q", Documents: []string{"a", "b"}, ScoreThreshold: 0.5})
	if err != nil || !cmp.Equal(ranked.Matches, []rerank.Match{{Index: 1, Text: "b", Score: 0.75}}) {
		t.Errorf("ranks: %+v, %v", ranked, err)
	}
	audio, err := h.Speak(difytest.SpeakCall{Model: gateway.ModelVoice, Credentials: g.creds(), Text: "Hello."})
	if err != nil || string(audio) != "ID3 alloy says Hello." {
		t.Errorf("speech: %q, %v", audio, err)
	}
	voices, err := h.Voices(difytest.VoicesCall{Model: gateway.ModelVoice, Credentials: g.creds(), Language: "de-DE"})
	if err != nil || !cmp.Equal(voices, []speech.Voice{{Name: "Alloy", Value: "alloy"}}) {
		t.Errorf("voices: %v, %v", voices, err)
	}
	voices, err = h.Voices(difytest.VoicesCall{Model: "large", Credentials: with(g.creds(), map[string]any{"voices": "nova, echo"})})
	if err != nil || !cmp.Equal(voices, []speech.Voice{{Name: "nova", Value: "nova"}, {Name: "echo", Value: "echo"}}) {
		t.Errorf("voices of a model that a user has added: %v, %v", voices, err)
	}
	text, err := h.Transcribe(difytest.TranscribeCall{Model: gateway.ModelWhisper, Credentials: g.creds(), Audio: audio})
	if err != nil || text != "It says: true" {
		t.Errorf("transcription: %q, %v", text, err)
	}
	for text, want := range map[string]bool{"good": false, "bad": true} {
		flagged, err := h.Moderate(difytest.ModerateCall{Model: gateway.ModelModerator, Credentials: g.creds(), Text: text})
		if err != nil || flagged != want {
			t.Errorf("moderation of a %s text: %v, %v", text, flagged, err)
		}
	}
}

// TestFailures has what Dify gets when a gateway fails.
func TestFailures(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(gateway.New()))
	const begun = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n"
	for _, test := range []struct {
		name     string
		answer   http.HandlerFunc
		wantType runtime.ErrorType
		want     string
	}{
		{"400", failing(400, "The prompt is too long"), runtime.ErrorInvokeBadRequest, "the service returned status 400 Bad Request: The prompt is too long"},
		{"401", failing(401, "Unknown key "+gatewayKey), runtime.ErrorInvokeAuthorization, "the service returned status 401 Unauthorized"},
		{"403", failing(403, "Not yours"), runtime.ErrorInvokeAuthorization, "the service returned status 403 Forbidden: Not yours"},
		{"404", failing(404, "No such model"), runtime.ErrorInvokeBadRequest, "the service returned status 404 Not Found: No such model"},
		{"429", failing(429, "Slow down"), runtime.ErrorInvokeRateLimit, "the service returned status 429 Too Many Requests: Slow down: it asks to try again in 20 s"},
		{"500", failing(500, "Oops"), runtime.ErrorInvokeServerUnavailable, "the service returned status 500 Internal Server Error: Oops"},
		{"503", failing(503, ""), runtime.ErrorInvokeServerUnavailable, "the service returned status 503 Service Unavailable"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }, runtime.ErrorInvokeBadRequest, "the service redirects requests"},
		{"a web page", writing("<html>" + gatewayKey), runtime.ErrorInvoke, "the service has answered with a web page: check the base URL"},
		{"wrong types", writing(`{"choices":"` + gatewayKey + `"}`), runtime.ErrorInvoke, "something else than a piece of an answer in JSON"},
		{"garbage", writing(begun + "data: " + gatewayKey + "\n\n"), runtime.ErrorInvoke, "something else than a piece of an answer in JSON"},
		{"an error in the stream", writing(begun + "data: {\"error\":{\"message\":\"Overloaded\",\"code\":503}}\n\n"), runtime.ErrorInvokeServerUnavailable, "the service reports an error: Overloaded"},
		{"a stream that ends", writing(begun), runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		{"a stream that is cut", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, begun)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, runtime.ErrorInvokeConnection, "the service has broken off its answer"},
		{"a huge line", writing("data: " + strings.Repeat("x", 9<<20)), runtime.ErrorInvoke, "an event of the stream is too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			creds := map[string]any{"base_url": start(t, test.answer), "auth_method": "api_key", "api_key": gatewayKey}
			r := h.LLM(difytest.LLMCall{Model: gateway.ModelSmall, Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Stream: true})
			difytest.WantError(t, r.Err, test.wantType, test.want)
			if test.wantType == runtime.ErrorInvoke && strings.Contains(fmt.Sprint(r.Err), gatewayKey) {
				t.Errorf("%v has the key", r.Err)
			}
		})
	}
	creds := map[string]any{"base_url": "http://127.0.0.1:1", "auth_method": "none"}
	_, err := h.Embed(difytest.EmbedCall{Model: gateway.ModelEmbedding, Credentials: creds, Texts: []string{"a"}})
	difytest.WantError(t, err, runtime.ErrorInvokeConnection, "could not reach the service")
	r := h.LLM(difytest.LLMCall{Model: gateway.ModelSmall, Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Parameters: map[string]any{"temperature": 3}})
	difytest.WantError(t, r.Err, runtime.ErrorInvokeBadRequest, "temperature")
}

// TestTimeout has a gateway that falls silent.
func TestTimeout(t *testing.T) {
	t.Parallel()
	base := start(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	p := gateway.New()
	p.HTTPClient = &http.Client{Timeout: time.Second}
	h := difytest.Start(t, newPlugin(p))
	creds := map[string]any{"base_url": base, "auth_method": "none"}
	r := h.LLM(difytest.LLMCall{Model: gateway.ModelSmall, Credentials: creds, Messages: []llm.Message{llm.User("hi")}, Stream: true})
	difytest.WantError(t, r.Err, runtime.ErrorInvokeConnection, "took too long")
	if r.Text() != "Hel" {
		t.Errorf("before that, the gateway said %q", r.Text())
	}
}

func failing(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		fail(w, status, message)
	}
}

func writing(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}
