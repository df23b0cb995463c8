package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	notion "github.com/difygen/difygen/examples/notion/provider"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
)

// start runs the plugin with a test server instead of Notion.
func start(t *testing.T, handler http.HandlerFunc) *difytest.Host {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(notion.New(notion.Service{APIURL: server.URL})))
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/users/me" || r.Header.Get("Authorization") != "Bearer ntn_12345678" || r.Header.Get("Notion-Version") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(w, `{"object":"user","type":"bot"}`)
	})
	difytest.TestCredentials(t, h, difytest.CredentialsTest{
		Valid:       map[string]any{"integration_secret": "ntn_12345678"},
		Wrong:       map[string]any{"integration_secret": "ntn_87654321"},
		Unreachable: newPlugin(notion.New(notion.Service{APIURL: "http://127.0.0.1:1"})),
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		want   string
	}{
		{401, `{"object":"error","code":"unauthorized"}`, "Notion rejects the integration secret"},
		{403, `{}`, "the service returned status 403"},
		{429, `{}`, "the service returned status 429"},
		{500, `ntn_`, "the service returned status 500"},
		{200, `<html>ntn_`, "the response is not JSON"},
		{200, `{"type":"person"}`, "Notion does not identify the secret"},
	} {
		h := start(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
		})
		difytest.WantError(t, h.Validate(map[string]any{"integration_secret": "ntn_1"}), runtime.ErrorDatasourceCredentials, test.want)
	}
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(notion.New(notion.Service{HTTPClient: server.HTTPClient(), APIURL: server.URL})))
	difytest.TestOAuth(t, h, difytest.OAuthTest{
		Server: server, NoRefresh: true,
		Behavior: difytest.Behavior{NoExpiry: true, BasicOnly: true, Extra: map[string]any{"workspace_id": "w1", "workspace_name": "Team"}},
	})
}

// TestWorkspace tests what Notion says about the workspace.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	h := difytest.Start(t, newPlugin(notion.New(notion.Service{HTTPClient: server.HTTPClient(), APIURL: server.URL})))
	flow := h.OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret})
	exchange := func(extra map[string]any) (runtime.OAuthGrant, error) {
		server.Set(difytest.Behavior{NoExpiry: true, NoRefreshToken: true, Extra: extra})
		location, err := flow.AuthorizationURL()
		if err != nil {
			t.Fatal(err)
		}
		if u, err := url.Parse(location); err != nil || u.Path != "/v1/oauth/authorize" || u.Query().Get("owner") != "user" {
			t.Errorf("the user is sent to %s, %v", location, err)
		}
		return flow.Exchange(server.Browse(t, location))
	}
	for icon, avatar := range map[string]string{"https://img.example/w.png": "https://img.example/w.png", "🙂": ""} {
		grant, err := exchange(map[string]any{"access_token": "ntn_1", "workspace_id": "w1", "workspace_name": "Team", "workspace_icon": icon})
		want := runtime.OAuthGrant{
			Metadata:    &runtime.OAuthMetadata{Name: "Team", AvatarURL: avatar},
			Credentials: runtime.NewValues(map[string]any{"access_token": "ntn_1", "workspace_id": "w1"}),
			ExpiresAt:   -1,
		}
		if diff := cmp.Diff(want, grant); err != nil || diff != "" {
			t.Errorf("grant: %v (-want +got):\n%s", err, diff)
		}
		again, err := flow.Refresh(grant.Credentials.Reveal())
		want.Metadata = nil
		if diff := cmp.Diff(want, again); err != nil || diff != "" {
			t.Errorf("refresh: %v (-want +got):\n%s", err, diff)
		}
	}
	_, err := exchange(nil)
	difytest.WantError(t, err, runtime.ErrorDatasourceOAuth, "Workspace ID (workspace_id) is required")
}
