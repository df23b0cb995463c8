package notion_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	notion "github.com/difygen/difygen/examples/notion/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/runtimetest"
)

const redirect = "https://dify.example/console/api/oauth/plugin/difygen/notion/notion/datasource/callback"

// serve starts a test server for Notion, and returns a provider that uses it.
func serve(t *testing.T, handler http.HandlerFunc) *notion.Provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &notion.Provider{APIURL: server.URL}
}

func respond(t *testing.T, status int, body string) *notion.Provider {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// check checks an error's type and message, and that it contains no secret.
func check(t *testing.T, err error, wantType runtime.ErrorType, want string) {
	t.Helper()
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != wantType || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s: %s", err, wantType, want)
	}
	for _, secret := range []string{"ntn_", "client-secret", "the-code"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error contains a secret: %q", err)
		}
	}
}

func TestValidateCredentials(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/users/me" || r.Header.Get("Authorization") != "Bearer ntn_1" || r.Header.Get("Notion-Version") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"object":"error","code":"unauthorized"}`)
			return
		}
		fmt.Fprint(w, `{"object":"user","type":"bot"}`)
	})
	validate := func(p *notion.Provider, secret any) error {
		return notion.NewProvider(p).ValidateCredentials(t.Context(), map[string]any{"integration_secret": secret})
	}
	if err := validate(p, "ntn_1"); err != nil {
		t.Error(err)
	}
	check(t, validate(p, "ntn_2"), runtime.ErrorDatasourceCredentials, "Notion rejects the integration secret")
	check(t, validate(p, ""), runtime.ErrorDatasourceCredentials, "Notion: Internal integration secret (integration_secret) is required")
	check(t, validate(respond(t, 403, `{}`), "ntn_1"), runtime.ErrorDatasourceCredentials, "Notion does not identify the secret, with status 403")
	check(t, validate(respond(t, 200, `<html>ntn_`), "ntn_1"), runtime.ErrorDatasourceCredentials, "it is not JSON")
	for _, status := range []int{429, 500} {
		err := validate(respond(t, status, `ntn_`), "ntn_1")
		check(t, err, runtime.ErrorDatasourceCredentials, fmt.Sprintf("Notion returned status %d", status))
		if !errors.Is(err, runtime.ErrUnreachable) {
			t.Errorf("%v is not unreachable", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := notion.NewProvider(p).ValidateCredentials(ctx, map[string]any{"integration_secret": "ntn_1"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func client() map[string]any {
	return map[string]any{"client_id": "client-id", "client_secret": "client-secret"}
}

// callback starts a flow and returns the query of the callback.
func callback(t *testing.T, p *notion.Provider) url.Values {
	t.Helper()
	location, err := notion.NewProvider(p).OAuth().AuthorizationURL(t.Context(), redirect, client())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); u.Path != "/v1/oauth/authorize" || q.Get("owner") != "user" || q.Get("redirect_uri") != redirect || q.Get("client_id") != "client-id" {
		t.Errorf("the user is sent to %s", location)
	}
	return url.Values{"code": {"the-code"}, "state": {u.Query().Get("state")}}
}

func exchange(t *testing.T, p *notion.Provider, query url.Values) (runtime.OAuthGrant, error) {
	t.Helper()
	request := &http.Request{Method: http.MethodGet, URL: &url.URL{RawQuery: query.Encode()}}
	return notion.NewProvider(p).OAuth().Credentials(t.Context(), redirect, client(), request)
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	for icon, avatar := range map[string]string{"https://img.example/w.png": "https://img.example/w.png", "🙂": ""} {
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			id, secret, _ := r.BasicAuth()
			var order map[string]string
			if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
				t.Error(err)
			}
			want := map[string]string{"grant_type": "authorization_code", "code": "the-code", "redirect_uri": redirect}
			if diff := cmp.Diff(want, order); diff != "" || id != "client-id" || secret != "client-secret" || r.URL.Path != "/v1/oauth/token" {
				t.Errorf("%s asks for (-want +got):\n%s", id, diff)
			}
			fmt.Fprintf(w, `{"access_token":"ntn_1","workspace_id":"w1","workspace_name":"Team","workspace_icon":%q,"bot_id":"b"}`, icon)
		})
		grant, err := exchange(t, p, callback(t, p))
		if err != nil {
			t.Fatal(err)
		}
		want := runtime.OAuthGrant{
			Metadata:    &runtime.OAuthMetadata{Name: "Team", AvatarURL: avatar},
			Credentials: map[string]any{"access_token": "ntn_1", "workspace_id": "w1"},
			ExpiresAt:   -1,
		}
		if diff := cmp.Diff(want, grant); diff != "" {
			t.Errorf("grant (-want +got):\n%s", diff)
		}
		again, err := notion.NewProvider(p).OAuth().Refresh(t.Context(), redirect, client(), grant.Credentials)
		want.Metadata = nil
		if diff := cmp.Diff(want, again); err != nil || diff != "" {
			t.Errorf("refresh: %v (-want +got):\n%s", err, diff)
		}
	}
}

func TestOAuthFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(url.Values)
		status int
		body   string
		want   string
	}{
		{"denied", func(q url.Values) { q.Set("error", "access_denied\n") }, 0, "", "the authorization server returned access_denied"},
		{"no code", func(q url.Values) { q.Del("code") }, 0, "", "the callback has no authorization code"},
		{"no state", func(q url.Values) { q.Del("state") }, 0, "", "the callback has no state"},
		{"another's state", func(q url.Values) { q.Set("state", strings.Repeat("A", 75)) }, 0, "", "the state in the callback is not valid"},
		{"code is used", nil, 400, `{"error":"invalid_grant"}`, "the authorization server returned invalid_grant [status 400]"},
		{"no token", nil, 200, `{"workspace_id":"w1"}`, "the token response has no access_token"},
		{"no workspace", nil, 200, `{"access_token":"ntn_1"}`, "Workspace ID (workspace_id) is required"},
		{"HTML", nil, 200, `<html>ntn_1`, "neither JSON nor form-encoded"},
		{"down", nil, 502, `ntn_1`, "the token endpoint returned status 502"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := respond(t, max(test.status, 200), test.body)
			query := callback(t, p)
			if test.change != nil {
				test.change(query)
			}
			_, err := exchange(t, p, query)
			check(t, err, runtime.ErrorDatasourceOAuth, test.want)
		})
	}
}

func TestOAuthTakesTooLong(t *testing.T) {
	t.Parallel()
	p := respond(t, 200, `{"access_token":"ntn_1","workspace_id":"w1"}`)
	query := callback(t, p)
	p.Now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	_, err := exchange(t, p, query)
	check(t, err, runtime.ErrorDatasourceOAuth, "the authorization took longer than ten minutes")
}

func TestOAuthAsAHost(t *testing.T) {
	t.Parallel()
	server := runtimetest.NewAuthServer(t)
	p := notion.NewProvider(&notion.Provider{HTTPClient: server.HTTPClient(), APIURL: server.URL})
	runtimetest.OAuth(t, p, runtimetest.OAuthTest{
		Server: server, Declared: []string{"access_token", "workspace_id"}, NoRefresh: true,
		Behavior: runtimetest.Behavior{NoExpiry: true, Extra: map[string]any{"workspace_id": "w1", "workspace_name": "Team"}},
	})
}

func TestValidateCredentialsAsAHost(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer ntn_12345678" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(w, `{"type":"bot"}`)
	})
	runtimetest.ValidateCredentials(t, notion.NewProvider(p), runtimetest.CredentialsTest{
		Valid:       map[string]any{"integration_secret": "ntn_12345678"},
		Required:    []string{"integration_secret"},
		Wrong:       map[string]any{"integration_secret": "ntn_87654321"},
		Unreachable: notion.NewProvider(&notion.Provider{APIURL: "http://127.0.0.1:1"}),
	})
}
