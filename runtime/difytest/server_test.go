package difytest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
)

// TestAuthServerAPI checks that the server gets what is meant for any host, apart from this
// machine's, and sees which.
func TestAuthServerAPI(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	server.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		fmt.Fprint(w, r.Host+r.URL.Path)
	})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "another server") }))
	t.Cleanup(other.Close)
	for address, want := range map[string]string{
		server.URL + "/user":                   strings.TrimPrefix(server.URL, "http://") + "/user",
		"https://eu.service.example/user":      "eu.service.example/user",
		"https://eu.service.example:8443/user": "eu.service.example:8443/user",
		"http://service.example/user":          "service.example/user",
		"https://eu.service.example/old":       "eu.service.example/new",
		other.URL:                              "another server",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%s: got %q, %v, want %q", address, body, err, want)
		}
		if got := resp.Request.URL; !strings.HasPrefix(address, got.Scheme+"://"+got.Host) {
			t.Errorf("%s: the response is that to %s", address, got)
		}
	}
	if a, b := server.HTTPClient().Transport, server.HTTPClient().Transport; a != b {
		t.Error("the clients of a server do not share tokens")
	}
}

// TestClientGrant checks the client credentials grant of the server, and which tokens it knows.
func TestClientGrant(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	grant := func(secret string) (runtime.Secret, error) {
		c := &authcode.ClientCredentials{
			TokenURL: "https://eu.service.example/oauth/token", ClientID: server.ClientID, ClientSecret: runtime.NewSecret(secret),
			HTTPClient: server.HTTPClient(),
		}
		return c.Token(t.Context())
	}
	token, err := grant(server.ClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	isAuthorized := func(header string) bool {
		return server.Authorized(&http.Request{Header: http.Header{"Authorization": {header}}})
	}
	if !isAuthorized("Bearer "+token.Reveal()) || !isAuthorized("bearer "+token.Reveal()) {
		t.Error("the server does not know its token")
	}
	for _, header := range []string{"", "Bearer ", "Bearer x", "Basic " + token.Reveal(), token.Reveal()} {
		if isAuthorized(header) {
			t.Errorf("%.7s is authorized", header)
		}
	}
	if server.RevokeTokens(); isAuthorized("Bearer " + token.Reveal()) {
		t.Error("a revoked token is authorized")
	}
	if _, err := grant("another"); err == nil || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("another secret: %v", err)
	}
	server.Set(difytest.Behavior{BasicOnly: true})
	if _, err := grant("another"); err == nil {
		t.Error("a client that does not authenticate as the server wants gets a token")
	}
}
