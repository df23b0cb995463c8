package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

var (
	pat   = map[string]any{"access_token": "github_pat_1"}
	oauth = map[string]any{"access_token": "gho_12345678"}
)

// start runs the plugin with a test server instead of GitHub.
func start(t *testing.T, handler http.HandlerFunc) *difytest.Host {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(github.New(github.Service{APIURL: server.URL})))
}

// service has a user and an issue in octocat/hello, for those who have a token.
func service(w http.ResponseWriter, r *http.Request) {
	switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
	case token != pat["access_token"] && token != oauth["access_token"]:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/user":
		fmt.Fprint(w, `{"login":"octocat"}`)
	case r.URL.Path == "/user/repos" && token == oauth["access_token"]:
		fmt.Fprint(w, `[]`)
	case r.URL.Path == "/user/repos":
		fmt.Fprint(w, `[{"full_name":"octocat/hello"},{"full_name":"octocat/empty"}]`)
	case r.URL.Path == "/repos/octocat/empty/issues":
		fmt.Fprint(w, `[]`)
	case r.URL.Path == "/repos/octocat/hello/issues":
		q := r.URL.Query()
		fmt.Fprintf(w, `[{"number":7,"title":"%s, at most %s","html_url":"https://github.com/octocat/hello/issues/7"}]`, q.Get("state"), q.Get("per_page"))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	difytest.TestCredentials(t, start(t, service), difytest.CredentialsTest{
		Valid:       map[string]any{"access_token": "github_pat_1", "deployment": "cloud"},
		Wrong:       map[string]any{"access_token": "github_pat_2"},
		Unreachable: newPlugin(github.New(github.Service{APIURL: "http://127.0.0.1:1"})),
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const fromAnother = "the response is not from GitHub: check the server URL"
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"rejected", 401, `{"message":"Bad credentials"}`, "GitHub rejects the access token; it may have expired"},
		{"forbidden", 403, `{"message":"x"}`, "GitHub forbids the request; check the permissions of the token and the rate limit: the service returned status 403"},
		{"rate limit", 429, `{}`, "GitHub forbids the request; check the permissions of the token and the rate limit: the service returned status 429"},
		{"down", 502, `<html>`, "the service returned status 502 Bad Gateway"},
		{"not found", 404, `{}`, fromAnother},
		{"JSON of another service", 200, `{}`, fromAnother},
		{"a web page", 200, `<html>`, "the response is not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			difytest.WantError(t, h.Validate(pat), runtime.ErrorToolCredentials, test.want)
		})
	}
}

func TestDeployment(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, newPlugin(github.New(github.Service{})))
	const wantURL = "GitHub Enterprise Server needs a server URL such as https://github.example.com"
	for _, test := range []struct{ deployment, serverURL, want string }{
		{"server", "", wantURL},
		{"server", "http://x.example", wantURL},
		{"server", "https://a:b@x", wantURL},
		{"server", "https://%zz", wantURL},
		{"mars", "", "GitHub: Deployment (deployment) must be one of cloud, server"},
		{"server", "https://127.0.0.1:1", "could not reach the service"},
	} {
		err := h.Validate(map[string]any{"access_token": "github_pat_1", "deployment": test.deployment, "server_url": test.serverURL})
		difytest.WantError(t, err, runtime.ErrorToolCredentials, test.want)
	}
}

func TestListIssues(t *testing.T) {
	t.Parallel()
	h := start(t, service)
	for _, test := range []struct {
		name      string
		host      *difytest.Host
		creds     map[string]any
		params    map[string]any
		wantTitle string
	}{
		{"defaults", h, pat, map[string]any{}, "open, at most 30"},
		{"all parameters", h, pat, map[string]any{"state": "all", "limit": 5}, "all, at most 5"},
		{"a number as text", h, pat, map[string]any{"state": nil, "limit": "100"}, "open, at most 100"},
		{"OAuth", h.As(runtime.CredentialTypeOAuth2), oauth, map[string]any{"state": "closed"}, "closed, at most 30"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.params["repository"] = "octocat/hello"
			r := test.host.Tool("list_issues", test.creds, test.params)
			if want := "#7 " + test.wantTitle + "\n"; r.Err != nil || r.Text != want {
				t.Errorf("got %q, %v, want %q", r.Text, r.Err, want)
			}
			issues := []any{map[string]any{"number": 7.0, "title": test.wantTitle, "html_url": "https://github.com/octocat/hello/issues/7"}}
			if diff := cmp.Diff([]any{issues}, r.JSON); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]any{"count": 1.0, "issues": issues}, r.Variables); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
	r := h.Tool("list_issues", pat, map[string]any{"repository": "octocat/empty"})
	if r.Err != nil || r.Text != "There are no such issues.\n" || r.Variables["count"] != 0.0 {
		t.Errorf("without issues: got %q, %v, %v", r.Text, r.Variables, r.Err)
	}
}

// TestRepositories has what models read of the parameter repository.
func TestRepositories(t *testing.T) {
	t.Parallel()
	h := start(t, service)
	const about = "Owner and name of the repository, separated by a slash."
	for _, test := range []struct {
		name  string
		host  *difytest.Host
		creds map[string]any
		want  string
	}{
		{"some", h, pat, about + " The user has octocat/hello, octocat/empty."},
		{"none", h.As(runtime.CredentialTypeOAuth2), oauth, about},
	} {
		got, err := test.host.RuntimeParameters("list_issues", test.creds)
		if err != nil || len(got) != 1 || got[0]["name"] != "repository" || got[0]["required"] != true || got[0]["llm_description"] != test.want {
			t.Errorf("%s: got %v, %v", test.name, got, err)
		}
	}
	_, err := h.RuntimeParameters("list_issues", map[string]any{"access_token": "github_pat_2"})
	difytest.WantError(t, err, runtime.ErrorInvoke, "GitHub rejects the access token; it may have expired")
}

func TestListIssuesFailures(t *testing.T) {
	t.Parallel()
	h := start(t, service)
	const wantRepository = "the repository must be its owner and name, such as octocat/hello-world"
	for _, test := range []struct {
		name   string
		host   *difytest.Host
		creds  map[string]any
		params map[string]any
		typ    runtime.ErrorType
		want   string
	}{
		{"no owner", h, pat, map[string]any{"repository": "hello"}, runtime.ErrorInvoke, wantRepository},
		{"a path", h, pat, map[string]any{"repository": "octocat/hello/x"}, runtime.ErrorInvoke, wantRepository},
		{"no such repository", h, pat, map[string]any{"repository": "octocat/none"}, runtime.ErrorInvoke, "GitHub has no such repository, or the token has no access to it"},
		{
			"wrong parameters", h, pat, map[string]any{"state": "new", "limit": 0}, runtime.ErrorInvoke,
			"List issues: Repository (repository) is required; State (state) must be one of open, closed, all; Limit (limit) must be at least 1",
		},
		{"a fraction", h, pat, map[string]any{"repository": "octocat/hello", "limit": 1.5}, runtime.ErrorInvoke, "Limit (limit) must be a whole number"},
		{"no token", h, nil, map[string]any{"repository": "octocat/hello"}, runtime.ErrorToolCredentials, "GitHub: Personal access token (access_token) is required"},
		{"an expired token", h.As(runtime.CredentialTypeOAuth2), map[string]any{"access_token": "gho_2"}, map[string]any{"repository": "octocat/hello"}, runtime.ErrorInvoke, "GitHub rejects the access token; it may have expired"},
		{"unauthorized", h.As(runtime.CredentialTypeUnauthorized), nil, map[string]any{"repository": "octocat/hello"}, runtime.ErrorToolCredentials, `GitHub: credential type is not supported: "unauthorized"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := test.host.Tool("list_issues", test.creds, test.params)
			difytest.WantError(t, r.Err, test.typ, test.want)
		})
	}
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(github.New(github.Service{HTTPClient: server.HTTPClient(), WebURL: server.URL})))
	difytest.TestOAuth(t, h, difytest.OAuthTest{Server: server})

	server.Set(difytest.Behavior{NoExpiry: true, NoRefreshToken: true}) // as for OAuth apps
	flow := h.OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret})
	location, err := flow.AuthorizationURL()
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(location); err != nil || u.Path != "/login/oauth/authorize" || u.Query().Get("scope") != "repo" {
		t.Errorf("the user is sent to %s, %v", location, err)
	}
	callback := server.Browse(t, location)
	grant, err := flow.Exchange(callback)
	if token, _ := grant.Credentials.Reveal()["access_token"].(string); err != nil || token == "" || grant.ExpiresAt != -1 {
		t.Errorf("got %v, %v", grant, err)
	}
	again, err := flow.Refresh(grant.Credentials.Reveal())
	if diff := cmp.Diff(grant, again); err != nil || diff != "" {
		t.Errorf("refresh: %v (-want +got):\n%s", err, diff)
	}
	_, err = flow.Exchange(callback)
	difytest.WantError(t, err, runtime.ErrorToolOAuth, "the authorization server returned invalid_grant")
}
