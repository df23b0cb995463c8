package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// chatRequest is a question to /chat, to be answered in 100 words.
func chatRequest(t *testing.T, token string) *http.Request {
	t.Helper()
	r := request(t, token, hello)
	r.URL.Path, r.RequestURI = "/chat/100", "/chat/100"
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
		Messages: []llm.Message{llm.System("Answer in at most 100 words."), llm.User("hello?")}, Parameters: map[string]any{},
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
	difytest.WantError(t, err, runtime.ErrorInvoke, "the plugin gave up its response")
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

// chatOf serves /chat outside of a plugin, with the Dify that the model is in.
func chatOf(t *testing.T, dify *difytest.Dify) (ctx context.Context, chat http.Handler) {
	t.Helper()
	handler, err := relay.NewEndpoints(new(relay.Provider)).Handler(settings("https://answers.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	return dify.Context(t.Context()), handler
}

// TestChatStreams has a model that goes on when its first piece has been read.
func TestChatStreams(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	read, chunks := make(chan struct{}), difytest.Chunks("Hel", "lo")
	dify.StreamLLM(func(ctx context.Context, _ *invoke.LLMRequest) iter.Seq2[*llm.Chunk, error] {
		return func(yield func(*llm.Chunk, error) bool) {
			if !yield(chunks[0], nil) {
				return
			}
			select {
			case <-read:
				yield(chunks[1], nil)
			case <-ctx.Done():
				yield(nil, ctx.Err())
			}
		}
	})
	ctx, chat := chatOf(t, dify)
	server := httptest.NewUnstartedServer(chat)
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	t.Cleanup(server.Close)

	deadline, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(deadline, http.MethodPost, server.URL+"/chat/100", strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer s3cret-token")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, len("Hel"))
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "Hel" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(read)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "lo" {
		t.Errorf("got %q, %v", rest, err)
	}
}

// TestChatTimesOut has a model that never answers.
func TestChatTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := difytest.Start(t, newPlugin(&relay.Provider{}))
		h.Dify().Silence(difytest.LLM)
		status, body := ask(t, h, chatRequest(t, "s3cret-token"), settings("https://answers.example.com"))
		if status != http.StatusGatewayTimeout || body != "the model timed out" {
			t.Errorf("got %d %s", status, body)
		}
	})
}

// gone is a client that has gone: it takes no byte.
type gone struct {
	*httptest.ResponseRecorder

	writes int
}

func (g *gone) Write([]byte) (int, error) { return g.write() }

// WriteString is what io.WriteString calls.
func (g *gone) WriteString(string) (int, error) { return g.write() }

func (g *gone) write() (int, error) {
	g.writes++
	return 0, errors.New("the client has gone")
}

// TestChatOfNobody has a client that goes while the model writes, which is then given up.
func TestChatOfNobody(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.LLM(says(nil, "Hel", "lo"))
	ctx, chat := chatOf(t, dify)
	w := &gone{ResponseRecorder: httptest.NewRecorder()}
	chat.ServeHTTP(w, chatRequest(t, "s3cret-token").WithContext(ctx))
	if w.writes != 1 {
		t.Errorf("%d pieces are written to nobody", w.writes)
	}
}
