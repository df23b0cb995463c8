package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/openai"
)

// key is the API key of all tests.
const key = "sk-test-0123456789abcdef"

// form are credentials as generated code has them.
type form struct {
	url    string
	config func(*openai.Config)
	values map[string]any
}

func (f form) Values() map[string]any { return f.values }

// parameters are those of a call.
type parameters map[string]any

func (p parameters) Values() map[string]any { return p }

type base = openai.Base[form, parameters]

func newBase() *base {
	return &base{Config: func(f form) openai.Config {
		c := openai.Config{BaseURL: f.url, APIKey: runtime.NewSecret(key)}
		if f.config != nil {
			f.config(&c)
		}
		return c
	}}
}

// request is what a service has got.
type request struct {
	Path   string
	Header http.Header
	Body   map[string]any // nil if it is not JSON
	Raw    []byte
	Length int64 // as the header says
}

// service is a service that answers the same to all, or what handlers say.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

// serve starts a service.
func serve(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got := request{Path: r.URL.RequestURI(), Header: r.Header, Raw: raw, Length: r.ContentLength}
		_ = json.Unmarshal(raw, &got.Body)
		s.mu.Lock()
		s.requests = append(s.requests, got)
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// got returns the requests so far.
func (s *service) got() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// say answers with a status and a body.
func say(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(body, "data:") || strings.HasPrefix(body, ":") || strings.HasPrefix(body, "event:") {
			w.Header().Set("Content-Type", "text/event-stream")
		}
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// stream returns a stream of chunks.
func stream(chunks ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		fmt.Fprintf(&b, "data: %s\n\n", c)
	}
	return b.String()
}

// delta returns a chunk with a piece of a message.
func delta(members string) string {
	return `{"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{` + members + `},"finish_reason":null}]}`
}

// finish returns the chunk that says why the model has stopped.
func finish(reason string) string {
	return `{"choices":[{"index":0,"delta":{},"finish_reason":"` + reason + `"}]}`
}

const usage = `{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`

// chatCall returns a call of a chat model.
func chatCall(url string) *llm.Call[form, parameters] {
	return &llm.Call[form, parameters]{
		ModelCall: runtime.ModelCall{
			Call: runtime.Call{UserID: "u1"}, ModelType: runtime.ModelTypeLLM, Model: "small",
			Schema: &runtime.ModelSchema{Properties: map[string]any{"mode": "chat"}},
		},
		Credentials: form{url: url}, Messages: []llm.Message{llm.User("hello")}, Stream: true,
	}
}

// ask makes a call, and collects what is sent.
func ask(ctx context.Context, call *llm.Call[form, parameters]) (*llm.Result, []*llm.Chunk, error) {
	var chunks []*llm.Chunk
	var collected llm.Collector
	out := llm.NewOutput(call.ModelCall, call.Stream, func(c *llm.Chunk) error {
		copied := *c
		chunks = append(chunks, &copied)
		return collected.Add(c)
	})
	err := out.End(newBase().LLM(ctx, call, out))
	return collected.Result(), chunks, err
}

// errorType returns the type that Dify gets, or "".
func errorType(err error) runtime.ErrorType {
	e, ok := err.(*runtime.Error) //nolint:errorlint // as it is returned
	if !ok {
		return ""
	}
	return e.Type
}

// check reports a difference between errors.
func checkError(t *testing.T, got error, wantType runtime.ErrorType, want string) {
	t.Helper()
	message := ""
	if got != nil {
		message = got.Error()
	}
	if diff := cmp.Diff(want, message); diff != "" || got != nil && errorType(got) != wantType {
		t.Errorf("type %q, want %q (-want +got):\n%s", errorType(got), wantType, diff)
	}
}
