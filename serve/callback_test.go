package serve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// aModel are the fields of every call of a model.
func aModel(more map[string]any) map[string]any {
	fields := map[string]any{"provider": "a/b/c", "model": "m"}
	maps.Copy(fields, more)
	return fields
}

// everyType has a valid request of each type.
var everyType = map[string]map[string]any{
	"llm":                      aModel(map[string]any{"mode": "chat", "prompt_messages": []any{map[string]any{"role": "user", "content": "hi"}}, "stream": true}),
	"llm_structured_output":    aModel(map[string]any{"mode": "chat", "structured_output_schema": map[string]any{}}),
	"text_embedding":           aModel(map[string]any{"texts": []string{"a"}}),
	"multimodal_embedding":     aModel(map[string]any{"documents": []any{}, "input_type": "query"}),
	"rerank":                   aModel(map[string]any{"query": "q", "docs": []string{"d"}}),
	"multimodal_rerank":        aModel(map[string]any{"query": map[string]any{}, "docs": []any{}}),
	"tts":                      aModel(map[string]any{"content_text": "t", "voice": "v"}),
	"speech2text":              aModel(map[string]any{"file": "00"}),
	"moderation":               aModel(map[string]any{"text": "t"}),
	"system_summary":           {"text": "t"},
	"tool":                     {"tool_type": "builtin", "provider": "a/b/c", "tool": "t"},
	"app":                      {"app_id": "a"},
	"fetch_app":                {"app_id": "a"},
	"node_parameter_extractor": {"parameters": []any{}, "model": map[string]any{"provider": "p", "name": "n", "mode": "chat"}, "query": "q"},
	"node_question_classifier": {"classes": []any{}, "model": map[string]any{"provider": "p", "name": "n", "mode": "chat"}, "query": "q"},
	"storage":                  {"opt": "exist", "key": "k"},
	"upload_file":              {"filename": "f", "mimetype": "text/plain"},
}

// TestCallbackTypes makes a call of every type, which Dify answers and then refuses.
func TestCallbackTypes(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(host.Types(), slices.Sorted(maps.Keys(everyType))); diff != "" {
		t.Fatalf("types (-want +got):\n%s", diff)
	}
	dify := host.NewDify(permitted(t))
	refusing := host.NewDify(host.Permission{})
	for typ := range everyType {
		dify.Program(typ, func(cb *host.Callback) error {
			cb.Stream(map[string]string{"type": cb.Type})
			cb.Stream(map[string]json.RawMessage{"request": cb.Request})
			return nil
		})
	}
	ask := func(ctx context.Context) string {
		got := make(map[string]string)
		for typ, request := range everyType {
			got[typ] = read(ctx, typ, request)
		}
		data, _ := json.Marshal(got)
		return string(data)
	}
	for name, test := range map[string]struct {
		handler host.Handler
		want    func(typ string) string
	}{
		"answered": {dify.Handle, func(typ string) string {
			request, _ := json.Marshal(everyType[typ])
			return fmt.Sprintf(`{"type":%q} {"request":%s}`, typ, request)
		}},
		"refused": {refusing.Handle, func(typ string) string {
			word := map[string]string{"text_embedding": "text-embedding", "multimodal_embedding": "text-embedding", "multimodal_rerank": "rerank"}[typ]
			switch {
			case typ == "upload_file":
				return "" // needs no permission: see below
			case word != "":
			case strings.HasPrefix(typ, "llm"), typ == "system_summary":
				word = "llm"
			case strings.HasPrefix(typ, "node"):
				word = "node"
			case typ == "fetch_app":
				word = "app"
			default:
				word = typ
			}
			return "permission denied, you need to enable " + word + " access in plugin manifest"
		}},
	} {
		refusing.Program("upload_file", func(*host.Callback) error { return nil })
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachAnswered(t, ask, test.handler, func(t *testing.T, _ string, p *plugin) {
				t.Helper()
				var got map[string]string
				if text := p.tool(t.Context()); json.Unmarshal([]byte(text), &got) != nil {
					t.Fatalf("got %s", text)
				}
				want := make(map[string]string)
				for typ := range everyType {
					want[typ] = test.want(typ)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallbackOrigins checks from which requests code can call back.
func TestCallbackOrigins(t *testing.T) {
	t.Parallel()
	dify := host.NewDify(permitted(t))
	dify.Store("state", []byte("hi"))
	ask := func(ctx context.Context) string {
		return read(ctx, "storage", map[string]any{"opt": "get", "key": "state"})
	}
	raw, err := host.EncodeEndpoint(httptest.NewRequest(http.MethodGet, "/any", http.NoBody), "hook")
	if err != nil {
		t.Fatal(err)
	}
	eachAnswered(t, ask, dify.Handle, func(t *testing.T, _ string, p *plugin) {
		t.Helper()
		for _, test := range []struct {
			typ, action string
			fields      map[string]any
			want        string
		}{
			{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"}, `{"type":"text","message":{"text":"{\"data\":\"6869\"}"},"meta":null}`},
			{"endpoint", "invoke_endpoint", map[string]any{"settings": map[string]any{}, "raw_http_request": raw}, `"result":"` + fmt.Sprintf("%x", `{"data":"6869"}`) + `"`},
			{"oauth", "get_authorization_url", map[string]any{"provider": "box", "redirect_uri": "https://d/", "system_credentials": map[string]any{}}, `{"authorization_url":"{\"data\":\"6869\"}"}`},
			{"dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what", "credentials": map[string]any{}}, `"value":"{\"data\":\"6869\"}"`},
			{"model", "validate_provider_credentials", map[string]any{"provider": "box", "credentials": map[string]any{}}, `"said":"no call back into Dify: Dify does not let models make any"`},
		} {
			response, err := p.host.Call(t.Context(), test.typ, test.action, test.fields)
			if err != nil || !strings.Contains(response.String(), test.want) {
				t.Errorf("%s: got %v, %v\nwant %s", test.typ, response, err, test.want)
			}
		}
	})
	for _, c := range dify.Calls() {
		if c.From == "model" {
			t.Error("a model calls back")
		}
	}
}

// TestManyReplies checks that 3,000 replies to one call arrive in order.
func TestManyReplies(t *testing.T) {
	t.Parallel()
	const many = 3000
	handler := func(cb *host.Callback) {
		for i := range many {
			cb.Stream(number(i))
		}
		cb.End()
	}
	var want []string
	for i := range many {
		want = append(want, string(number(i)))
	}
	ask := func(ctx context.Context) string { return read(ctx, "llm", map[string]any{}) }
	eachAnswered(t, ask, handler, func(t *testing.T, _ string, p *plugin) {
		t.Helper()
		if diff := cmp.Diff(want, strings.Fields(p.tool(t.Context()))); diff != "" {
			t.Errorf("(-want +got):\n%.1000s", diff)
		}
	})
}

// TestManyCallbacks checks that each of 1,000 calls at once gets its own replies, in order.
func TestManyCallbacks(t *testing.T) {
	t.Parallel()
	const many = 1000
	handlers := make(map[string]host.Handler)
	for transport := range answered {
		var mu sync.Mutex
		running, all := 0, make(chan struct{})
		handlers[transport] = func(cb *host.Callback) {
			mu.Lock()
			if running++; running == many {
				close(all)
			}
			mu.Unlock()
			select { // until all of them are open
			case <-all:
			case <-cb.Context().Done():
			}
			for range 3 {
				cb.Stream(cb.Request)
			}
			cb.End()
		}
	}
	ask := func(ctx context.Context) string {
		var wait sync.WaitGroup
		var mu sync.Mutex
		wrong := ""
		for i := range many {
			wait.Go(func() {
				want := strings.TrimSpace(strings.Repeat(string(number(i))+" ", 3))
				if got := read(ctx, "llm", map[string]any{"n": i}); got != want {
					mu.Lock()
					defer mu.Unlock()
					wrong = fmt.Sprintf("got %s, want %s", got, want)
				}
			})
		}
		wait.Wait()
		return wrong
	}
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			if got := start(t, asker(ask), handlers[transport]).tool(t.Context()); got != "" {
				t.Error(got)
			}
		})
	}
}
