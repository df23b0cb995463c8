package github_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/runtimetest"
)

const redirect = "https://dify.example/console/api/oauth/plugin/difygen/github/github/tool/callback"

func client() map[string]any {
	return map[string]any{"client_id": "client-id", "client_secret": "client-secret"}
}

// authorize starts a flow and returns the query of the callback.
func authorize(t *testing.T, p *github.Provider) url.Values {
	t.Helper()
	location, err := github.NewProvider(p).OAuth().AuthorizationURL(t.Context(), redirect, client())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for key, want := range map[string]string{
		"response_type": "code", "client_id": "client-id", "redirect_uri": redirect, "scope": "repo", "code_challenge_method": "S256",
	} {
		if got := query.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	return url.Values{"code": {"the-code"}, "state": {query.Get("state")}, "challenge": {query.Get("code_challenge")}}
}

func exchange(t *testing.T, p *github.Provider, query url.Values) (runtime.OAuthGrant, error) {
	t.Helper()
	callback := &http.Request{Method: http.MethodGet, URL: &url.URL{RawQuery: query.Encode()}}
	return github.NewProvider(p).OAuth().Credentials(t.Context(), redirect, client(), callback)
}

// respond starts a token endpoint that always returns body and stores the request's form
// in got.
func respond(t *testing.T, body string, got *url.Values) *github.Provider {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/login/oauth/access_token" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("unexpected request %s", r.URL.Path)
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if got != nil {
			*got = r.PostForm
		}
		fmt.Fprint(w, body)
	})
}

func TestOAuthExchange(t *testing.T) {
	t.Parallel()
	var sent url.Values
	p := respond(t, `{"access_token":"gho_1","token_type":"bearer","scope":"repo"}`, &sent)
	query := authorize(t, p)
	grant, err := exchange(t, p, query)
	if err != nil {
		t.Fatal(err)
	}
	want := runtime.OAuthGrant{Credentials: map[string]any{"access_token": "gho_1"}, ExpiresAt: -1}
	if diff := cmp.Diff(want, grant); diff != "" {
		t.Errorf("grant (-want +got):\n%s", diff)
	}
	if sent.Get("code") != "the-code" || sent.Get("client_secret") != "client-secret" || sent.Get("redirect_uri") != redirect {
		t.Errorf("sent %v", sent)
	}
	if verifier := sent.Get("code_verifier"); len(verifier) < 43 || oauth2.S256ChallengeFromVerifier(verifier) != query.Get("challenge") {
		t.Errorf("the verifier %q does not match the challenge", verifier)
	}
	if again := authorize(t, p); again.Get("state") == query.Get("state") || again.Get("challenge") == query.Get("challenge") {
		t.Error("two flows share a state or verifier")
	}
}

func TestOAuthRefresh(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := []struct {
		name, stored, body string
		want               map[string]any
		expires            int64
	}{
		{
			"rotated", "ghr_1", `{"access_token":"gho_2","refresh_token":"ghr_2","expires_in":28800}`,
			map[string]any{"access_token": "gho_2", "refresh_token": "ghr_2"}, now.Unix() + 28800,
		},
		{
			"kept", "ghr_1", `{"access_token":"gho_2","expires_in":28800}`,
			map[string]any{"access_token": "gho_2", "refresh_token": "ghr_1"}, now.Unix() + 28800,
		},
		{"nothing to refresh", "", `never asked`, map[string]any{"access_token": "gho_1"}, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := respond(t, test.body, nil)
			p.Now = func() time.Time { return now }
			stored := map[string]any{"access_token": "gho_1", "refresh_token": test.stored}
			grant, err := github.NewProvider(p).OAuth().Refresh(t.Context(), redirect, client(), stored)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(runtime.OAuthGrant{Credentials: test.want, ExpiresAt: test.expires}, grant); diff != "" {
				t.Errorf("grant (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOAuthRefused(t *testing.T) {
	t.Parallel()
	const invalidState = "the state in the callback is not valid: start the authorization again"
	with := func(key string, values ...string) func(url.Values) {
		return func(q url.Values) { q[key] = values }
	}
	tests := []struct {
		name   string
		change func(url.Values)
		body   string
		want   string
	}{
		{"denied", func(q url.Values) {
			q.Set("error", "access_denied")
			q.Set("error_description", "The user\nsaid no"+strings.Repeat("x", 500))
		}, "", "the authorization server returned access_denied: The user said no"},
		{"denied before the code is read", with("error", "access_denied"), "", "the authorization server returned access_denied"},
		{"no code", with("code"), "", "the callback has no authorization code"},
		{"two codes", with("code", "the-code", "the-code2"), "", "several authorization codes"},
		{"no state", with("state"), "", "the callback has no state"},
		{"forged state", with("state", strings.Repeat("A", 75)), "", invalidState},
		{"not base64", with("state", "***"), "", invalidState},
		{"error in a 200", nil, `{"error":"bad_verification_code","error_description":"The code is incorrect"}`, "the authorization server returned bad_verification_code: The code is incorrect"},
		{"no token", nil, `{}`, "the token response has no access_token"},
		{"HTML", nil, `<html>gho_1`, "neither JSON nor form-encoded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := respond(t, test.body, nil)
			query := authorize(t, p)
			if test.change != nil {
				test.change(query)
			}
			_, err := exchange(t, p, query)
			check(t, err, runtime.ErrorToolOAuth, test.want)
		})
	}
}

func TestOAuthState(t *testing.T) {
	t.Parallel()
	p := respond(t, `{"access_token":"gho_1"}`, nil)
	query := authorize(t, p)

	late := *p
	late.Now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	_, err := exchange(t, &late, query)
	check(t, err, runtime.ErrorToolOAuth, "the authorization took longer than ten minutes")

	callback := &http.Request{URL: &url.URL{RawQuery: query.Encode()}}
	_, err = github.NewProvider(p).OAuth().Credentials(t.Context(), redirect+"2", client(), callback)
	check(t, err, runtime.ErrorToolOAuth, "the state in the callback is not valid")
	other := client()
	other["client_secret"] = "another"
	_, err = github.NewProvider(p).OAuth().Credentials(t.Context(), redirect, other, callback)
	check(t, err, runtime.ErrorToolOAuth, "the state in the callback is not valid")
}

func TestOAuthAsAHost(t *testing.T) {
	t.Parallel()
	server := runtimetest.NewAuthServer(t)
	p := github.NewProvider(&github.Provider{HTTPClient: server.HTTPClient(), WebURL: server.URL})
	runtimetest.OAuth(t, p, runtimetest.OAuthTest{Server: server, Declared: []string{"access_token", "refresh_token"}})
}
