package openid_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/difygen/difygen/internal/thirdparty/openid"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

const redirect = "http://localhost/console/api/oauth/plugin/difygen/openid/openid/tool/callback"

// serve starts the OpenID Connect server of zitadel/oidc.
func serve(t *testing.T) (issuer string, client map[string]any) {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	issuer = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/"
	storage.RegisterClients(storage.WebClient("dify", "s3cret-client", redirect))
	handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), slog.New(slog.DiscardHandler), false)
	return issuer, map[string]any{"issuer": issuer, "client_id": "dify", "client_secret": "s3cret-client"}
}

// browse opens an authorization URL like a user's browser. It signs in, consents, and
// returns the callback.
func browse(t *testing.T, issuer, location string) *http.Request {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	back := errors.New("back")
	var callback *http.Request
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			callback = r
			return back
		}
		return nil
	}}
	page, err := browser.Get(location)
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close()
	id := page.Request.URL.Query().Get("authRequestID")
	if page.StatusCode != http.StatusOK || id == "" {
		t.Fatalf("no sign-in form: status %d at %s", page.StatusCode, page.Request.URL)
	}
	form := url.Values{"id": {id}, "username": {"test-user@localhost"}, "password": {"verysecure"}}
	resp, err := browser.PostForm(issuer+"login/username", form)
	if err == nil {
		_ = resp.Body.Close()
	}
	if callback == nil {
		t.Fatalf("there is no callback: %v", err)
	}
	return callback
}

// TestServer tests authorization, consent, exchange, refresh and revocation.
func TestServer(t *testing.T) {
	issuer, client := serve(t)
	oauth := openid.NewProvider(openid.New()).OAuth()
	location, err := oauth.AuthorizationURL(t.Context(), redirect, client)
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(location); err != nil || u.Query().Get("code_challenge_method") != "S256" {
		t.Errorf("no PKCE in %s: %v", location, err)
	}
	callback := browse(t, issuer, location)
	grant, err := oauth.Credentials(t.Context(), redirect, client, callback)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(time.Unix(grant.ExpiresAt, 0)); left <= 0 || left > 24*time.Hour || grant.Credentials.Reveal()["refresh_token"] == nil {
		t.Errorf("expires in %v, holds %d values", left, len(grant.Credentials.Reveal()))
	}

	// The server accepts a code only once.
	_, err = oauth.Credentials(t.Context(), redirect, client, callback)
	var refused *authcode.Error
	if !errors.As(err, &refused) || refused.Code != "invalid_grant" {
		t.Errorf("the same code again: %v", err)
	}

	// It rotates refresh tokens.
	again, err := oauth.Refresh(t.Context(), redirect, client, grant.Credentials.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	before, after := grant.Credentials.Reveal(), again.Credentials.Reveal()
	if after["access_token"] == before["access_token"] || after["refresh_token"] == before["refresh_token"] {
		t.Error("the refresh returned the old tokens")
	}

	revoke(t, issuer, again.Credentials.Reveal()["refresh_token"].(string))
	_, err = oauth.Refresh(t.Context(), redirect, client, again.Credentials.Reveal())
	if !errors.Is(err, authcode.ErrReauthorize) || errors.Is(err, runtime.ErrUnreachable) {
		t.Errorf("a refresh after revocation: %v", err)
	}
}

// revoke revokes a refresh token (RFC 7009).
func revoke(t *testing.T, issuer, token string) {
	t.Helper()
	form := url.Values{"token": {token}, "token_type_hint": {"refresh_token"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"revoke", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("dify", "s3cret-client")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("revocation: status %d", resp.StatusCode)
	}
}

// TestWrongVerifier checks that the server rejects a verifier for another challenge.
func TestWrongVerifier(t *testing.T) {
	issuer, client := serve(t)
	oauth := openid.NewProvider(openid.New()).OAuth()
	location, err := oauth.AuthorizationURL(t.Context(), redirect, client)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("code_challenge", strings.Repeat("A", 43))
	u.RawQuery = query.Encode()
	_, err = oauth.Credentials(t.Context(), redirect, client, browse(t, issuer, u.String()))
	var refused *authcode.Error
	if !errors.As(err, &refused) {
		t.Errorf("the server accepts a wrong verifier: %v", err)
	}
}
