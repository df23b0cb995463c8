package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/internal/difyhost"
	"github.com/difygen/difygen/serve"
)

// TestMain also runs the plugin, for difyhost.EachTransport, with a test server instead
// of GitHub.
func TestMain(m *testing.M) {
	difyhost.Main(m, func() {
		service := os.Getenv("TEST_GITHUB_URL")
		serve.Main(os.DirFS("."), bindings(&github.Provider{APIURL: service, WebURL: service})...)
	})
}

const redirect = "https://dify.example/console/api/oauth/plugin/difygen/github/github/tool/callback"

// service starts a test server for GitHub and returns its URL.
func service(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	authorized := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if a := r.Header.Get("Authorization"); a != "Bearer github_pat_1" && a != "Bearer gho_1" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h(w, r)
		}
	}
	mux.HandleFunc("GET /user", authorized(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"login":"octocat"}`) }))
	mux.HandleFunc("GET /repos/octocat/hello/issues", authorized(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"number":7,"title":"It breaks","html_url":"https://github.com/octocat/hello/issues/7"}]`)
	}))
	mux.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("code") != "the-code" {
			fmt.Fprint(w, `{"error":"bad_verification_code"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"gho_1","token_type":"bearer","scope":"repo"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// ask calls the plugin and returns its results and error on one line.
func ask(t *testing.T, host difyhost.Host, typ, action string, fields map[string]any) string {
	t.Helper()
	fields["provider"] = "github"
	response, err := host.Call(t.Context(), typ, action, fields)
	if err != nil {
		t.Fatal(action, err)
	}
	return response.String()
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	env := []string{"TEST_GITHUB_URL=" + service(t)}
	difyhost.EachTransport(t, env, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		creds := map[string]any{"access_token": "github_pat_1"}
		issues := `{"type":"text","message":{"text":"#7 It breaks\n"},"meta":null} + ` +
			`{"type":"json","message":{"json_object":[{"number":7,"title":"It breaks","html_url":"https://github.com/octocat/hello/issues/7"}]},"meta":null}`
		call := map[string]any{"tool": "list_issues", "tool_parameters": map[string]any{"repository": "octocat/hello"}}
		with := func(more map[string]any) map[string]any {
			fields := map[string]any{"credentials": creds}
			for _, m := range []map[string]any{call, more} {
				for key, v := range m {
					fields[key] = v
				}
			}
			return fields
		}
		for _, c := range []struct {
			typ, action string
			fields      map[string]any
			want        string
		}{
			{"tool", "validate_tool_credentials", with(nil), `{"result":true}`},
			{"tool", "validate_tool_credentials", with(map[string]any{"credentials": map[string]any{"access_token": "github_pat_2"}}),
				"ToolProviderCredentialValidationError: GitHub rejects the personal access token; it may have expired"},
			{"tool", "invoke_tool", with(nil), issues},
			{"tool", "invoke_tool", with(map[string]any{"credential_type": "oauth2", "credentials": map[string]any{"access_token": "gho_1"}}), issues},
			{"tool", "invoke_tool", with(map[string]any{"tool_parameters": map[string]any{"repository": "hello"}}),
				"InvokeError: the repository must be its owner and name, such as octocat/hello-world"},
			{"tool", "invoke_tool", with(map[string]any{"tool_parameters": map[string]any{"repository": "octocat/none"}}),
				"InvokeError: GitHub has no such repository, or the token has no access to it"},
			{"tool", "invoke_tool", with(map[string]any{"credential_type": "unauthorized"}),
				`ToolProviderCredentialValidationError: GitHub: credential type is not supported: "unauthorized"`},
		} {
			if got := ask(t, host, c.typ, c.action, c.fields); got != c.want {
				t.Errorf("%s: got %s\nwant %s", c.action, got, c.want)
			}
		}
		oauth(t, host)
	})
}

// oauth tests the OAuth flow like a browser.
func oauth(t *testing.T, host difyhost.Host) {
	t.Helper()
	system := map[string]any{"client_id": "id", "client_secret": "client-secret"}
	fields := func(more map[string]any) map[string]any {
		all := map[string]any{"redirect_uri": redirect, "system_credentials": system}
		for key, v := range more {
			all[key] = v
		}
		return all
	}
	var location struct {
		URL string `json:"authorization_url"`
	}
	if err := json.Unmarshal([]byte(ask(t, host, "oauth", "get_authorization_url", fields(nil))), &location); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location.URL)
	if err != nil {
		t.Fatal(err)
	}
	callback := func(query url.Values) map[string]any {
		query.Set("state", u.Query().Get("state"))
		return fields(map[string]any{"raw_http_request": hex.EncodeToString([]byte("GET /callback?" + query.Encode() + " HTTP/1.1\r\nHost: dify.example\r\n\r\n"))})
	}
	if got, want := ask(t, host, "oauth", "get_credentials", callback(url.Values{"code": {"the-code"}})),
		`{"credentials":{"access_token":"gho_1"},"expires_at":-1}`; got != want {
		t.Errorf("exchange: got %s, want %s", got, want)
	}
	for _, query := range []url.Values{{"code": {"another-code"}}, {"error": {"access_denied"}}} {
		got := ask(t, host, "oauth", "get_credentials", callback(query))
		if !strings.HasPrefix(got, "ToolProviderOAuthError: ") || strings.Contains(got, "another-code") || strings.Contains(got, "client-secret") {
			t.Errorf("%v: got %s", query, got)
		}
	}
	got := ask(t, host, "oauth", "get_authorization_url", map[string]any{"redirect_uri": "/relative", "system_credentials": system})
	if want := "ToolProviderOAuthError: redirect_uri is not an absolute URL: CONSOLE_API_URL is not set on the Dify host"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestUnreachable checks that the error for a service that is down does not blame the
// credentials.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	difyhost.EachTransport(t, []string{"TEST_GITHUB_URL=" + server.URL}, func(t *testing.T, host difyhost.Host) {
		t.Helper()
		got := ask(t, host, "tool", "validate_tool_credentials", map[string]any{"credentials": map[string]any{"access_token": "github_pat_1"}})
		if !strings.HasPrefix(got, "ToolProviderCredentialValidationError: could not reach the service: ") {
			t.Errorf("got %s", got)
		}
	})
}

func BenchmarkStart(b *testing.B) { difyhost.BenchmarkStart(b) }
