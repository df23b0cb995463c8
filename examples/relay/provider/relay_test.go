package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	relay "github.com/difygen/difygen/examples/relay/provider"
)

// settings returns settings as Dify sends them.
func settings(url string) map[string]any {
	return map[string]any{
		"service_url": url, "token": "s3cret-token",
		"app":   map[string]any{"app_id": "app-1"},
		"model": map[string]any{"provider": "langgenius/openai/openai", "model": "gpt", "model_type": "llm"},
		"tools": []any{map[string]any{"provider_id": "time", "tool_name": "now", "tool_description": "The time."}},
		// The host keeps undeclared keys.
		"old_setting": true,
	}
}

// handler returns the handler as for a request from Dify.
func handler(values map[string]any) (http.Handler, error) {
	return relay.NewEndpoints(func(s relay.Settings) (http.Handler, error) { return relay.New(s, nil) }).Handler(values)
}

// service starts a test server for the service.
func service(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// ask sends a request to the endpoint.
func ask(t *testing.T, values map[string]any, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	endpoint, err := handler(values)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, r)
	return w
}

func request(t *testing.T, token, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("User-Agent", "a test")
	return r
}

const hello = `{"question":"hello?"}`

func TestAsk(t *testing.T) {
	t.Parallel()
	var got map[string]any
	values := settings(service(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"answer":"hello!","internal":1}`)
	}))
	values["forward_caller"] = "true"
	w := ask(t, values, request(t, "s3cret-token", hello))
	if w.Code != http.StatusOK || w.Body.String() != `{"answer":"hello!"}`+"\n" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	want := map[string]any{
		"question": "hello?", "app_id": "app-1", "model": values["model"], "tools": values["tools"], "from": "a test",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the service gets (-want +got):\n%s", diff)
	}
}

// TestAskWithoutOptions tests without optional settings.
func TestAskWithoutOptions(t *testing.T) {
	t.Parallel()
	var got string
	values := settings(service(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = string(body)
		fmt.Fprint(w, `{"answer":"hello!"}`)
	}))
	delete(values, "model")
	values["tools"] = []any{}
	if w := ask(t, values, request(t, "s3cret-token", hello)); w.Code != http.StatusOK {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if want := `{"question":"hello?","app_id":"app-1"}`; got != want {
		t.Errorf("the service gets %s, want %s", got, want)
	}
}

func TestAskFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, token, body string
		service           http.HandlerFunc
		status            int
		want              string
	}{
		{"no token", "", hello, nil, 401, "the token is missing or wrong"},
		{"wrong token", "s3cret-tokem", hello, nil, 401, "the token is missing or wrong"},
		{"not JSON", "s3cret-token", "hello", nil, 400, `send JSON such as {"question": "..."}`},
		{"no question", "s3cret-token", "{}", nil, 400, `send JSON such as {"question": "..."}`},
		{"huge", "s3cret-token", `{"question":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, `send JSON such as {"question": "..."}`},
		{"service is down", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 502, "the service failed"},
		{"service does not return JSON", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>s3cret-token") }, 502, "the service failed"},
		{"service returns no answer", "s3cret-token", hello, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }, 502, "the service failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := test.service
			if handler == nil {
				handler = func(http.ResponseWriter, *http.Request) { t.Error("the service is called") }
			}
			w := ask(t, settings(service(t, handler)), request(t, test.token, test.body))
			if w.Code != test.status || strings.TrimSpace(w.Body.String()) != test.want {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, test.status, test.want)
			}
		})
	}
}

func TestAskDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	values := settings(service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise, the server does not notice that the client is gone
		<-r.Context().Done()
	}))
	w := ask(t, values, request(t, "s3cret-token", hello).WithContext(ctx))
	if w.Code != http.StatusGatewayTimeout {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"service_url", "ftp://x", "the service URL must start with https://"},
		{"service_url", nil, "relay: Service URL (service_url) is required"},
		{"token", "[__HIDDEN__]", "relay: Token (token) arrived masked from Dify; enter it again"},
		{"app", "app-1", "relay: App (app) must be an object"},
		{"app", map[string]any{"id": "app-1"}, "relay: App (app) must be an app: an object with app_id"},
		{"model", map[string]any{"provider": "p"}, "relay: Model (model) must be a model: an object with provider, model and model_type"},
		{"tools", []any{"time"}, "relay: Tools (tools) must be a list of objects"},
	} {
		values := maps.Clone(settings("https://answers.example.com"))
		values[test.key] = test.value
		if _, err := handler(values); err == nil || err.Error() != test.want {
			t.Errorf("%s = %v: got %v, want %s", test.key, test.value, err, test.want)
		}
	}
}
