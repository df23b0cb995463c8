package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

// settings returns settings as Dify sends them.
func settings(url string) map[string]any {
	return map[string]any{
		"service_url": url, "token": "s3cret-token",
		"app":   map[string]any{"app_id": "app-1"},
		"model": map[string]any{"provider": "langgenius/openai/openai", "model": "gpt", "model_type": "llm"},
		"tools": []any{map[string]any{"provider_id": "time", "tool_name": "now", "tool_description": "The time."}},
	}
}

// service starts a test server for the service.
func service(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func request(t *testing.T, token, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask/products/printers", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("User-Agent", "a test")
	return r
}

// ask sends a request to the endpoint, and returns the status and the body of the response.
func ask(t *testing.T, h *difytest.Host, r *http.Request, settings map[string]any) (status int, body string) {
	t.Helper()
	resp, err := h.Endpoint(r, settings)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(data))
}

const hello = `{"question":"hello?"}`

func TestAsk(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	all := settings("")
	for name, test := range map[string]struct {
		change map[string]any // of the settings
		want   map[string]any
	}{
		"with all settings": {
			map[string]any{"forward_caller": "true"},
			map[string]any{"question": "hello?", "topic": "products/printers", "app_id": "app-1", "model": all["model"], "tools": all["tools"], "from": "a test"},
		},
		"with as few as possible": {map[string]any{"model": nil, "tools": []any{}}, map[string]any{"question": "hello?", "topic": "products/printers", "app_id": "app-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got map[string]any
			values := settings(service(t, func(w http.ResponseWriter, r *http.Request) {
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				fmt.Fprint(w, `{"answer":"hello!","internal":1}`)
			}))
			for key, value := range test.change {
				values[key] = value
			}
			status, body := ask(t, h, request(t, "s3cret-token", hello), values)
			if status != http.StatusOK || body != `{"answer":"hello!"}` {
				t.Errorf("got %d %s", status, body)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("what the service gets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAskFailures(t *testing.T) {
	t.Parallel()
	const malformed = `send JSON such as {"question": "..."}`
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	for _, test := range []struct {
		name, token, body string
		service           http.HandlerFunc
		status            int
		want              string
	}{
		{"no token", "", hello, nil, 401, "the token is missing or wrong"},
		{"wrong token", "s3cret-tokem", hello, nil, 401, "the token is missing or wrong"},
		{"not JSON", "s3cret-token", "hello", nil, 400, malformed},
		{"no question", "s3cret-token", "{}", nil, 400, malformed},
		{"huge", "s3cret-token", `{"question":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, malformed},
		{"service is down", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 502, "the service failed"},
		{"service does not return JSON", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>s3cret-token") }, 502, "the service failed"},
		{"service returns no answer", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }, 502, "the service failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := test.service
			if handler == nil {
				handler = func(http.ResponseWriter, *http.Request) { t.Error("the service is called") }
			}
			status, body := ask(t, h, request(t, test.token, test.body), settings(service(t, handler)))
			if status != test.status || body != test.want {
				t.Errorf("got %d %s, want %d %s", status, body, test.status, test.want)
			}
		})
	}
	status, body := ask(t, h, request(t, "s3cret-token", hello), settings("http://127.0.0.1:1"))
	if status != http.StatusBadGateway || body != "the service failed" {
		t.Errorf("an unreachable service: got %d %s", status, body)
	}
	status, body = ask(t, h, request(t, "s3cret-token", hello), settings("ftp://x"))
	if status != http.StatusInternalServerError || body != "Internal Server Error" {
		t.Errorf("a service URL that is none: got %d %s", status, body)
	}
}

// TestPaths tests which requests reach an endpoint.
func TestPaths(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	h.Dify().LLM(says(nil, "Hello."))
	for target, want := range map[string]int{
		"POST /ask/products": http.StatusBadGateway, "POST /ask/products/printers": http.StatusBadGateway,
		"POST /ask": http.StatusNotFound, "GET /ask/products": http.StatusNotFound,
		"POST /chat/1": http.StatusOK, "POST /chat/1000": http.StatusOK, "POST /chat/0": http.StatusNotFound,
		"POST /chat/1001": http.StatusNotFound, "POST /chat/few": http.StatusNotFound, "POST /chat": http.StatusNotFound,
	} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(hello))
		r.Header.Set("Authorization", "Bearer s3cret-token")
		if status, body := ask(t, h, r, settings("http://127.0.0.1:1")); status != want {
			t.Errorf("%s: got %d %s, want %d", target, status, body, want)
		}
	}
}

// TestAskDeadline tests a request that Dify gives up on.
func TestAskDeadline(t *testing.T) {
	t.Parallel()
	url := service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise, the server does not notice that the client is gone
		<-r.Context().Done()
	})
	handler, err := relay.NewEndpoints(&relay.Provider{}).Handler(settings(url))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request(t, "s3cret-token", hello).WithContext(ctx))
	if w.Code != http.StatusGatewayTimeout {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(&relay.Provider{}))
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"service_url", nil, "relay: Service URL (service_url) is required"},
		{"token", "[__HIDDEN__]", "relay: Token (token) arrived masked from Dify; enter it again"},
		{"app", "app-1", "relay: App (app) must be an object"},
		{"app", map[string]any{"id": "app-1"}, "relay: App (app) must be an app: an object with app_id"},
		{"model", map[string]any{"provider": "p"}, "relay: Model (model) must be a model: an object with provider, model and model_type"},
		{"tools", []any{"time"}, "relay: Tools (tools) must be a list of objects"},
	} {
		values := settings("https://answers.example.com")
		values[test.key] = test.value
		_, err := h.Endpoint(request(t, "s3cret-token", hello), values) //nolint:bodyclose // there is no response
		if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorEndpointSetup || e.Error() != test.want {
			t.Errorf("%s = %v: got %v, want %s", test.key, test.value, err, test.want)
		}
	}
}
