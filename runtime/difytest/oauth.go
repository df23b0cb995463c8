package difytest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
)

// OAuthTest configures the test of a provider's OAuth flow.
type OAuthTest struct {
	// Server is the authorization server. The provider under test must use
	// Server.HTTPClient.
	Server *AuthServer
	// Client holds the values for client_schema. If nil, the server's client_id and
	// client_secret are used.
	Client map[string]any
	// Behavior is how the real server always behaves. Only FormEncoded, NoExpiry,
	// ExpiresIn, ExpiryMember, Rotate, ErrorIn200, BasicOnly, RequirePKCE, OfflineConsent and
	// Extra are used. With NoExpiry, what the flow says of expiry is not tested, so set
	// ExpiryMember instead if the server says it under another name.
	Behavior Behavior
	// Refused are members of token responses for which the provider must fail an
	// exchange, such as {"scope": "read"} if it needs more.
	Refused []map[string]any
	// NoRefresh is set if tokens do not expire and the server issues no refresh tokens.
	NoRefresh bool
}

const (
	accessToken  = "access_token"
	refreshToken = "refresh_token"
)

// maxDeadline is how long a request may take at most, since the host does not wait
// forever.
const maxDeadline = time.Minute

// patience is how long a call may continue after its context is done.
const patience = 2 * time.Second

// TestOAuth tests the OAuth flow of a provider as the host uses it: authorization, callback,
// exchange and refresh, with a server that behaves in all the ways of Behavior. What the
// flow may return is what the plugin declares. Calls back into Dify reach that of h. TestOAuth
// reports problems as errors of tb. At the end, the server behaves as before.
func TestOAuth(tb testing.TB, h *Host, test OAuthTest) {
	tb.Helper()
	p := h.target(runtime.KindTool, runtime.KindDatasource, runtime.KindTrigger)
	if p.problem != "" {
		tb.Fatal(p.problem)
	}
	adapter, ok := p.adapter.(runtime.Provider)
	if !ok || adapter.OAuth() == nil || len(p.oauthCredentials) == 0 {
		tb.Fatalf("the provider %s has no OAuth flow, or declares no credentials in oauth_schema", p.name)
	}
	if test.Server == nil {
		tb.Fatal("difytest.OAuthTest needs Server")
	}
	switch b := test.Behavior; {
	case len(b.ExpiryMember) > 0 && b.NoExpiry:
		tb.Fatal("difytest.OAuthTest.Behavior must not have both NoExpiry and ExpiryMember")
	case len(b.ExpiryMember) > 1 && b.FormEncoded:
		tb.Fatal("difytest.OAuthTest.Behavior must not have both FormEncoded and a nested ExpiryMember: forms have no objects")
	}
	if test.Client == nil {
		test.Client = map[string]any{"client_id": test.Server.ClientID, "client_secret": test.Server.ClientSecret}
	}
	for _, f := range p.client {
		if _, given := test.Client[f.key()]; f.Required && !given {
			tb.Fatalf("difytest.OAuthTest.Client needs %s, which client_schema requires", f.key())
		}
	}
	before := test.Server.state()
	defer test.Server.Set(before)
	f := &flow{TB: tb, host: h, provider: p, oauth: adapter.OAuth(), test: test, reported: make(map[string]bool)}
	for _, check := range []func(*flow){
		(*flow).authorizations, (*flow).exchange, (*flow).expiries, (*flow).callbacks, (*flow).faults, (*flow).refreshes, (*flow).deadline,
	} {
		f.reset(Behavior{})
		check(f)
		f.requests()
	}
}

// flow is a running test.
type flow struct {
	testing.TB
	host     *Host
	provider *provider
	oauth    runtime.OAuth
	test     OAuthTest
	reported map[string]bool // by errorOnce
}

// Context returns the context of what the flow does.
func (f *flow) Context() context.Context { return f.host.context(f.provider) }

// declares reports whether the flow may return a value of that name.
func (f *flow) declares(name string) bool {
	return slices.ContainsFunc(f.provider.oauthCredentials, func(d field) bool { return d.key() == name })
}

// reset sets the server's behavior to that of the test and b combined.
func (f *flow) reset(b Behavior) {
	base := f.test.Behavior
	b.FormEncoded = b.FormEncoded || base.FormEncoded
	b.NoExpiry = b.NoExpiry || base.NoExpiry
	b.NoRefreshToken = b.NoRefreshToken || base.NoRefreshToken || f.test.NoRefresh
	b.ErrorIn200 = b.ErrorIn200 || base.ErrorIn200
	b.Rotate = b.Rotate || base.Rotate
	b.BasicOnly = b.BasicOnly || base.BasicOnly
	b.RequirePKCE = b.RequirePKCE || base.RequirePKCE
	b.OfflineConsent = b.OfflineConsent || base.OfflineConsent
	b.ExpiryMember = base.ExpiryMember
	if b.ExpiresIn == nil {
		b.ExpiresIn = base.ExpiresIn
	}
	extra := make(map[string]any)
	maps.Copy(extra, base.Extra)
	maps.Copy(extra, b.Extra)
	b.Extra = extra
	f.test.Server.Set(b)
}

// authorize returns the authorization URL.
func (f *flow) authorize() *url.URL {
	f.Helper()
	location, err := f.oauth.AuthorizationURL(f.Context(), RedirectURI, f.test.Client)
	if err != nil {
		f.failure("authorization", err)
		f.Fatalf("authorization: %v (set OAuthTest.Client to what an administrator enters)", err)
	}
	u, err := url.Parse(location)
	if err != nil || !u.IsAbs() {
		f.Fatalf("authorization: %q is not an absolute URL", location)
	}
	return u
}

// authorizations tests authorization URLs.
func (f *flow) authorizations() {
	f.Helper()
	first, second := f.authorize().Query(), f.authorize().Query()
	for key, want := range map[string]string{"response_type": "code", "redirect_uri": RedirectURI, "client_id": f.test.Server.ClientID} {
		if got := first[key]; len(got) != 1 || got[0] != want {
			f.Errorf("authorization: %s is %q, want %q", key, got, want)
		}
	}
	switch {
	case first.Get("state") == "":
		f.Errorf("authorization: there is no state")
	case first.Get("state") == second.Get("state"):
		f.Errorf("authorization: two flows have the same state")
	}
	if challenge := first.Get("code_challenge"); challenge != "" {
		if first.Get("code_challenge_method") != "S256" {
			f.Errorf("authorization: code_challenge_method is %q, want S256", first.Get("code_challenge_method"))
		}
		if challenge == second.Get("code_challenge") {
			f.Errorf("authorization: two flows have the same PKCE verifier")
		}
	}
	if strings.Contains(fmt.Sprint(first), f.test.Server.ClientSecret) {
		f.Errorf("authorization: the URL contains the client secret")
	}
	if f.test.Behavior.OfflineConsent && !offlineConsent(first) {
		f.Errorf("authorization: the URL has no access_type=offline with prompt=consent, without which this server issues no refresh token")
	}
	_, err := f.oauth.AuthorizationURL(f.Context(), "/console/callback", f.test.Client)
	f.wantFailure("authorization with a relative redirect_uri", err)
}

// browse follows the authorization URL.
func (f *flow) browse() *http.Request {
	f.Helper()
	return f.test.Server.Browse(f, f.authorize().String())
}

// connect runs a complete flow that must succeed.
func (f *flow) connect(what string) (runtime.OAuthGrant, bool) {
	f.Helper()
	grant, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, f.browse())
	if err != nil {
		f.failure(what, err)
		f.Errorf("%s: %v", what, err)
		return grant, false
	}
	f.grant(what, grant)
	return grant, true
}

// grant checks what is returned to the host.
func (f *flow) grant(what string, g runtime.OAuthGrant) {
	f.Helper()
	latest := time.Now().Add(10 * 365 * 24 * time.Hour).Unix()
	switch {
	case g.ExpiresAt == 0:
		f.Errorf("%s: expires_at is 0, so that every use refreshes; use -1 for never", what)
	case g.ExpiresAt > latest:
		f.Errorf("%s: expires_at is %d, which is not in seconds", what, g.ExpiresAt)
	case g.ExpiresAt != -1 && g.ExpiresAt <= time.Now().Unix():
		f.Errorf("%s: expires_at is in the past", what)
	}
	if f.declares(accessToken) && (g.Credentials.Reveal()[accessToken] == nil || g.Credentials.Reveal()[accessToken] == "") {
		f.Errorf("%s: there is no access_token", what)
	}
	for _, key := range slices.Sorted(maps.Keys(g.Credentials.Reveal())) {
		switch v := g.Credentials.Reveal()[key].(type) {
		case string:
			if v == f.test.Server.ClientSecret {
				f.Errorf("%s: %s is the client secret, which must not be returned", what, key)
			}
		case nil:
			f.Errorf("%s: %s is null", what, key)
		case bool:
		default:
			f.Errorf("%s: %s has type %T; a secret must be a string, or the host cannot encrypt it", what, key, v)
		}
		if key == "client_secret" {
			f.Errorf("%s: client_secret must not be returned", what)
		} else if !f.declares(key) {
			f.errorOnce(fmt.Sprintf("%s is not declared in credentials_schema, so the host would store it in plain text", key))
		}
	}
}

// exchange tests the plain flow, then the same code again.
func (f *flow) exchange() {
	f.Helper()
	callback := f.browse()
	g, err := f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
	if err != nil {
		f.failure("exchange", err)
		f.Fatalf("exchange: %v", err)
	}
	f.grant("exchange", g)
	_, err = f.oauth.Credentials(f.Context(), RedirectURI, f.test.Client, callback)
	f.wantFailure("the same code again", err)
	_, err = f.oauth.Credentials(f.Context(), RedirectURI, nil, callback)
	f.wantFailure("exchange without a client", err)
}

// wantFailure checks that there is an error, and that it can be sent to the host.
func (f *flow) wantFailure(what string, err error) {
	f.Helper()
	if err == nil {
		f.Errorf("%s: there is no error", what)
		return
	}
	f.failure(what, err)
}

// failure checks an error of the flow.
func (f *flow) failure(what string, err error) {
	f.Helper()
	checkError(f, what, err, f.provider.kind.OAuthError(), append(f.test.Server.issued(), cookie))
}

// checkError checks an error's type on the wire, and that its message is one line
// without secrets.
func checkError(tb testing.TB, what string, err error, want runtime.ErrorType, secrets []string) {
	tb.Helper()
	var typed *runtime.Error
	if !errors.As(err, &typed) {
		tb.Errorf("%s: the error is a %T, want a *runtime.Error", what, err)
	} else if typed.Type != want {
		tb.Errorf("%s: the error has type %s, want %s", what, typed.Type, want)
	}
	message := err.Error()
	for _, secret := range secrets {
		for _, spelling := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if secret != "" && strings.Contains(fmt.Sprintf("%s %+v", message, err), spelling) {
				tb.Errorf("%s: the message contains a secret: %s", what, strings.ReplaceAll(message, spelling, "[secret]"))
				return
			}
		}
	}
	if strings.ContainsAny(message, "\r\n") || len(message) > 1000 {
		tb.Errorf("%s: the message is not one short line", what)
	}
}
