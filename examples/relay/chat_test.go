package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// chatRequest is a question to /chat.
func chatRequest(t *testing.T, token string) *http.Request {
	t.Helper()
	r := request(t, token, hello)
	r.URL.Path, r.RequestURI = "/chat", "/chat"
	return r
}

// says is a model that writes these pieces and then, if err is not nil, fails.
func says(err error, pieces ...string) func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
	return func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) {
		if len(pieces) == 0 {
			return nil, err
		}
		return difytest.Chunks(pieces...), err
	}
}

func TestChat(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	var got *invoke.LLMRequest
	h.Dify().LLM(func(_ context.Context, r *invoke.LLMRequest) ([]*llm.Chunk, error) {
		got = r
		return difytest.Chunks("Hello", "", ", ", "world."), nil
	})
	status, body := ask(t, h, chatRequest(t, "s3cret-token"), settings("https://answers.example.com"))
	if status != http.StatusOK || body != "Hello, world." {
		t.Errorf("got %d %s", status, body)
	}
	want := &invoke.LLMRequest{
		Model:    runtime.ModelSelector{Provider: "langgenius/openai/openai", Model: "gpt", Mode: "chat"},
		Messages: []llm.Message{llm.User("hello?")}, Parameters: map[string]any{},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what the model is asked (-want +got):\n%s", diff)
	}
}

func TestChatFailures(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	h.Dify().LLM(says(errors.New("the quota is used up")))
	without := settings("https://answers.example.com")
	without["model"] = nil
	for _, test := range []struct {
		name, token string
		settings    map[string]any
		status      int
		want        string
	}{
		{"wrong token", "s3cret-tokem", settings("https://answers.example.com"), 401, "the token is missing or wrong"},
		{"no model", "s3cret-token", without, 404, "this endpoint has no model"},
		{"the model fails", "s3cret-token", settings("https://answers.example.com"), 502, "the model failed"},
	} {
		status, body := ask(t, h, chatRequest(t, test.token), test.settings)
		if status != test.status || body != test.want {
			t.Errorf("%s: got %d %s, want %d %s", test.name, status, body, test.status, test.want)
		}
	}
}

// TestChatBreaksOff has a model that fails in the middle of its answer.
func TestChatBreaksOff(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	h.Dify().LLM(says(errors.New("the quota is used up"), "Hel"))
	_, err := h.Endpoint(chatRequest(t, "s3cret-token"), settings("https://answers.example.com")) //nolint:bodyclose // there is no response
	difytest.WantError(t, err, runtime.ErrorInvoke, "the endpoint gave up its response")
}

// TestChatOfManyPieces has a model that writes more pieces than Dify keeps for a slow reader.
func TestChatOfManyPieces(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	pieces := strings.SplitAfter(strings.Repeat("word ", 3000), " ")
	h.Dify().LLM(says(nil, pieces...))
	status, body := ask(t, h, chatRequest(t, "s3cret-token"), settings("https://answers.example.com"))
	if want := strings.TrimSpace(strings.Join(pieces, "")); status != http.StatusOK || body != want {
		t.Errorf("got %d and %d bytes, want %d", status, len(body), len(want))
	}
}
