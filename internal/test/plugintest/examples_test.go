package plugintest_test

import (
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime/llm"
)

// examplesEnv is the environment variable that makes TestExamples run, since it links many
// binaries.
const examplesEnv = "DIFYGEN_EXAMPLES"

// key is what the services of the examples accept.
const key = "the-key-of-a-user"

// request is a request to an example, and its results and error on one line, or a part of it.
type request struct {
	typ, action string
	fields      map[string]any
	want        string
}

// example is what an example's binary must be able to do.
type example struct {
	env      []string
	requests []request
	// answers are those of Dify to calls back, by type.
	answers map[string]host.Program
}

// TestExamples builds each example and calls its binary over every transport.
func TestExamples(t *testing.T) {
	t.Parallel()
	if os.Getenv(examplesEnv) == "" {
		t.Skipf("SKIPPED: set %s=1 to build the examples and call them over every transport", examplesEnv)
	}
	dir := t.TempDir()
	build(t, dir, "../../../examples/...")
	secure, plain := httptest.NewTLSServer(http.HandlerFunc(service)), httptest.NewServer(http.HandlerFunc(service))
	t.Cleanup(secure.Close)
	t.Cleanup(plain.Close)
	trusted := filepath.Join(dir, "trusted.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}
	if err := os.WriteFile(trusted, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	examples := map[string]example{
		"agent": agent(), "crawler": crawler(t), "drive": drive(t), "gateway": gateway(plain.URL), "github": github(secure.URL, trusted), "gitlab": gitlab(plain.URL),
		"notion": notion(t), "relay": relay(plain.URL),
	}
	manifests, err := filepath.Glob("../../../examples/*/manifest.yaml")
	if err != nil || len(manifests) != len(examples) {
		t.Errorf("got %d examples to test, %v, want %d", len(examples), err, len(manifests))
	}
	answered := newCoverage()
	t.Cleanup(func() { answered.check(t, len(examples)) })
	for name, e := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugintest.EachTransport(t, filepath.Join(dir, name), e.env, permission(t, name), func(t *testing.T, plugin host.Host, dify *host.Dify) {
				t.Helper()
				for typ, answer := range e.answers {
					dify.Program(typ, answer)
				}
				before := new(host.Response)
				for _, r := range e.requests {
					fields := r.fields
					if r.action == "get_credentials" {
						fields = with(fields, map[string]any{"raw_http_request": comeBack(t, before)})
					}
					response, err := plugin.Call(t.Context(), r.typ, r.action, fields)
					if err != nil {
						t.Fatal(r.action, err)
					}
					if got := response.String(); !strings.Contains(got, r.want) {
						t.Errorf("%s: got %s\nwant %s", r.action, got, r.want)
					}
					answered.add(name, path.Base(t.Name()), r.action, response)
					before = response
				}
			})
		})
	}
}

// permission is what the manifest of an example permits.
func permission(t *testing.T, name string) host.Permission {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../examples", name, "manifest.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, findings := model.LoadManifest("manifest.yaml", data)
	if findings.HasErrors() {
		t.Fatal(findings.Settle())
	}
	form, err := json.Marshal(manifest.WireForm())
	if err != nil {
		t.Fatal(err)
	}
	p, err := host.ReadPermission(form)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	build(b, dir, "../../../examples/github")
	plugintest.BenchmarkStart(b, filepath.Join(dir, "github"))
}

// build builds main packages into a folder.
func build(tb testing.TB, dir, packages string) {
	tb.Helper()
	if out, err := exec.CommandContext(tb.Context(), "go", "build", "-o", dir+string(filepath.Separator), packages).CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
}

// service is what each of the examples connects to.
func service(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"GET /v1/models":                         `{"data":[{"id":"small"}]}`,
		"GET /api/v3/user":                       `{"login":"octocat"}`,
		"GET /api/v3/repos/octocat/hello/issues": `[{"number":7,"title":"It breaks","html_url":"https://github.example.com/7"}]`,
		"GET /api/v3/user/repos":                 `[{"full_name":"octocat/hello"}]`,
		"GET /api/v4/user":                       `{"username":"me"}`,
		"GET /api/v4/projects":                   `[{"id":15,"path_with_namespace":"group/one"}]`,
		"POST /api/v4/projects/15/hooks":         `{"id":7}`,
		"GET /api/v4/projects/15/hooks/7":        `{"id":7,"url":"https://dify.example/1"}`,
		"DELETE /api/v4/projects/15/hooks/7":     `{}`,
		"POST /":                                 `{"answer":"hello!"}`,
		"POST /v1/chat/completions":              `{"choices":[{"message":{"content":"hello!"},"finish_reason":"stop"}]}`,
		"POST /v1/embeddings":                    `{"data":[{"embedding":[0.5]}]}`,
		"POST /v1/rerank":                        `{"results":[{"index":1,"relevance_score":0.75},{"index":0,"relevance_score":0.25}]}`,
		"POST /v1/audio/speech":                  "ID3 hello!", // an MP3 file begins so
		"POST /v1/audio/transcriptions":          `{"text":"hello!"}`,
		"POST /v1/moderations":                   `{"results":[{"flagged":true}]}`,
		"POST /v1/responses":                     `{"id":"resp_1","status":"queued"}`,
		"GET /v1/responses/resp_1":               `{"id":"resp_1","status":"completed","output":[{"type":"message","content":[{"text":"hello!"}]}]}`,
	}
	answer, ok := answers[r.Method+" "+r.URL.EscapedPath()]
	switch {
	case r.URL.Path != "/" && r.Header.Get("Authorization") != "Bearer "+key:
		w.WriteHeader(http.StatusUnauthorized)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		fmt.Fprint(w, answer)
	}
}

// with returns values and, in addition, more.
func with(values, more map[string]any) map[string]any {
	values = maps.Clone(values)
	maps.Copy(values, more)
	return values
}

// github is called with a GitHub Enterprise Server whose certificate is in the file trusted.
func github(url, trusted string) example {
	creds := map[string]any{"access_token": key, "deployment": "server", "server_url": url}
	call := func(params map[string]any) map[string]any {
		return map[string]any{"provider": "github", "credentials": creds, "credential_type": "api-key", "tool": "list_issues", "tool_parameters": params}
	}
	onlyNew := call(map[string]any{"repository": "octocat/hello", "only_new": true})
	return example{env: []string{"SSL_CERT_FILE=" + trusted}, requests: []request{
		{"tool", "validate_tool_credentials", call(nil), `{"result":true}`},
		{"tool", "validate_tool_credentials", map[string]any{"provider": "github", "credentials": with(creds, map[string]any{"access_token": "another"})}, "ToolProviderCredentialValidationError: GitHub rejects the access token"},
		{"tool", "get_tool_runtime_parameters", call(nil), "The user has octocat/hello."},
		{"tool", "invoke_tool", call(map[string]any{"repository": "octocat/hello"}), `{"type":"text","message":{"text":"#7 It breaks\n"},"meta":null} + {"type":"json",`},
		{"tool", "invoke_tool", call(map[string]any{"limit": 0}), "InvokeError: List issues: Repository (repository) is required; Limit (limit) must be at least 1"},
		{"tool", "invoke_tool", onlyNew, `{"type":"text","message":{"text":"#7 It breaks\n"},"meta":null}`},
		{"tool", "invoke_tool", onlyNew, `{"type":"text","message":{"text":"There are no new issues.\n"},"meta":null}`},
	}}
}

// agent works with a model that asks for the tool, and repeats what it says.
func agent() example {
	fields := map[string]any{"agent_strategy_provider": "agent", "agent_strategy": "function_calling", "agent_strategy_params": map[string]any{
		"model": map[string]any{
			"provider": "o/p/p", "model": "small", "model_type": "llm", "mode": "chat", "completion_params": map[string]any{},
			"entity": map[string]any{"model": "small", "features": []any{"tool-call"}}, "history_prompt_messages": []any{},
		},
		"tools": []any{map[string]any{
			"identity": map[string]any{"author": "o", "name": "weather", "provider": "o/w/w"}, "description": map[string]any{"llm": "The weather."},
			"parameters": []any{}, "provider_type": "builtin", "runtime_parameters": map[string]any{},
		}},
		"query": "Does it rain?", "maximum_iterations": 2,
	}}
	return example{requests: []request{
		{"agent_strategy", "invoke_agent_strategy", fields, `"text":"The tool says: rain"`},
		{"agent_strategy", "invoke_agent_strategy", with(fields, map[string]any{"agent_strategy_params": nil}), "InvokeError: Function calling: Model (model) is required; Tools (tools) is required; Question (query) is required"},
	}, answers: map[string]host.Program{
		"llm": func(cb *host.Callback) error {
			answer := llm.Assistant("", llm.ToolCall{ID: "call-1", Name: "weather", Arguments: "{}"})
			if strings.Contains(string(cb.Request), `"role":"tool"`) {
				answer = llm.Assistant("The tool says: rain")
			}
			cb.Stream(&llm.Chunk{Model: "small", Message: answer})
			return nil
		},
		"tool": func(cb *host.Callback) error {
			cb.Stream(map[string]any{"type": "text", "message": map[string]any{"text": "rain"}})
			return nil
		},
	}}
}

func gitlab(url string) example {
	fields := map[string]any{"provider": "gitlab", "credentials": map[string]any{"access_token": key, "server_url": url}, "credential_type": "api-key"}
	sub := map[string]any{
		"endpoint": "https://dify.example/1", "expires_at": -1, "parameters": map[string]any{"project": "15"},
		"properties": map[string]any{"hook_id": "7", "webhook_secret": "shared"},
	}
	webhook := func(token string) map[string]any {
		const body = `{"object_attributes":{"action":"open","title":"It breaks"}}`
		raw := fmt.Sprintf("POST /triggers/plugin/1 HTTP/1.1\r\nHost: dify.example\r\nX-Gitlab-Event: Issue Hook\r\nX-Gitlab-Token: %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
		return with(fields, map[string]any{"subscription": sub, "raw_http_request": hex.EncodeToString([]byte(raw))})
	}
	event := func(action string) map[string]any {
		payload := map[string]any{"object_attributes": map[string]any{"action": action, "title": "It breaks"}}
		return with(webhook("shared"), map[string]any{"event": "issue", "parameters": nil, "payload": payload})
	}
	return example{requests: []request{
		{"trigger", "validate_trigger_credentials", fields, `{"result":true}`},
		{"trigger", "validate_trigger_credentials", with(fields, map[string]any{"credentials": map[string]any{}}), "TriggerProviderCredentialValidationError: GitLab: Access token (access_token) is required"},
		{"dynamic_parameter", "fetch_parameter_options", with(fields, map[string]any{"provider_action": "provider", "parameter": "project"}), `"value":"15"`},
		{"trigger", "subscribe_trigger", with(fields, map[string]any{"endpoint": "https://dify.example/1", "parameters": map[string]any{"project": "15"}}), `"hook_id":"7"`},
		{"trigger", "refresh_trigger", with(fields, map[string]any{"subscription": sub}), `"webhook_secret":"shared"`},
		{"trigger", "dispatch_trigger_event", webhook("shared"), `"events":["issue"]`},
		{"trigger", "dispatch_trigger_event", webhook("another"), `"events":[]`},
		{"trigger", "invoke_trigger_event", event("open"), `"title":"It breaks"`},
		{"trigger", "invoke_trigger_event", event("close"), `{"variables":{},"cancelled":true}`},
		{"trigger", "unsubscribe_trigger", with(fields, map[string]any{"subscription": sub}), `"success":true`},
		{"trigger", "unsubscribe_trigger", with(fields, map[string]any{"subscription": nil}), "UnsubscribeError: GitLab: "},
	}}
}

func relay(url string) example {
	settings := map[string]any{
		"service_url": url + "/", "token": key, "app": map[string]any{"app_id": "a"},
		"model": map[string]any{"provider": "o/p/p", "model": "small", "model_type": "llm"},
	}
	const question = `{"question":"hello?"}`
	post := func(path string) string {
		raw := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: dify.example\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", path, key, len(question), question)
		return hex.EncodeToString([]byte(raw))
	}
	fields := map[string]any{"settings": settings, "raw_http_request": post("/ask/time")}
	return example{requests: []request{
		{"endpoint", "invoke_endpoint", fields, `"result":"` + hex.EncodeToString([]byte(`{"answer":"hello!"}`+"\n"))},
		{"endpoint", "invoke_endpoint", with(fields, map[string]any{"settings": with(settings, map[string]any{"token": "another"})}), `{"status":401,`},
		{"endpoint", "invoke_endpoint", with(fields, map[string]any{"settings": nil}), "EndpointSetupFailedError: relay: Service URL (service_url) is required; Token (token) is required; App (app) is required"},
		{"endpoint", "invoke_endpoint", with(fields, map[string]any{"raw_http_request": post("/chat/100")}), `"result":"` + hex.EncodeToString([]byte("hel"))},
	}, answers: map[string]host.Program{"llm": func(cb *host.Callback) error {
		for i, text := range []string{"hel", "lo!"} {
			cb.Stream(&llm.Chunk{Model: "small", Index: i, Message: llm.Assistant(text)})
		}
		return nil
	}}}
}
