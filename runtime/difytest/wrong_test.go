package difytest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
)

// loose are untyped credentials, which can hold anything.
type loose map[string]any

func (l loose) Values() map[string]any { return l }
func (l loose) Validate() error        { return nil }

func decodeLoose(values map[string]any) (loose, error) {
	if len(values) == 0 {
		return nil, errors.New("there are no values")
	}
	return maps.Clone(loose(values)), nil
}

// decodeDeclared keeps only declared values, as generated code does.
func decodeDeclared(values map[string]any) (loose, error) {
	kept := make(loose)
	for _, key := range []string{"access_token", "refresh_token"} {
		if v, ok := values[key]; ok {
			kept[key] = v
		}
	}
	return kept, nil
}

// provider has a correct flow with one mistake.
type provider struct {
	config  authcode.Config[loose, loose]
	flow    *authcode.Flow[loose, loose]
	mistake mistake
}

// mistake changes what a correct flow does.
type mistake struct {
	setup    func(*provider)
	waits    bool // also when the context is done
	location func(string) string
	callback func(*provider, *http.Request) *http.Request
	result   func(*provider, *runtime.OAuthResult[loose])
	failed   func(result *runtime.OAuthResult[loose], err error) error
	refresh  func(old loose, result *runtime.OAuthResult[loose], err error) error
}

func (p *provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client loose) (string, error) {
	location, err := p.flow.OAuthGetAuthorizationURL(ctx, redirectURI, client)
	if err == nil && p.mistake.location != nil {
		location = p.mistake.location(location)
	}
	return location, err
}

func (p *provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client loose, callback *http.Request) (runtime.OAuthResult[loose], error) {
	if p.mistake.callback != nil {
		callback = p.mistake.callback(p, callback)
	}
	if p.mistake.waits {
		ctx = context.WithoutCancel(ctx)
	}
	result, err := p.flow.OAuthGetCredentials(ctx, redirectURI, client, callback)
	if err == nil && p.mistake.result != nil {
		p.mistake.result(p, &result)
	}
	if err != nil && p.mistake.failed != nil {
		err = p.mistake.failed(&result, err)
	}
	return result, err
}

func (p *provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client, creds loose) (runtime.OAuthResult[loose], error) {
	result, err := p.flow.OAuthRefreshCredentials(ctx, redirectURI, client, creds)
	if p.mistake.refresh != nil {
		err = p.mistake.refresh(creds, &result, err)
	}
	return result, err
}

// wrong returns the adapter of a provider with a mistake.
func wrong(t *testing.T, server *difytest.AuthServer, m mistake) runtime.Adapter {
	t.Helper()
	p := &provider{mistake: m, config: authcode.Config[loose, loose]{
		Endpoint: oauth2.Endpoint{AuthURL: server.URL, TokenURL: server.URL}, HTTPClient: server.HTTPClient(),
	}}
	if m.setup != nil {
		m.setup(p)
	}
	p.flow = authcode.MustNew(decodeDeclared, p.config)
	return runtime.NewTool(runtime.ToolConfig{Name: "wrong", OAuth: runtime.BindOAuth[loose, loose](p, decodeLoose, decodeLoose)})
}

// try tests a provider with a mistake, and returns the errors reported.
func try(t *testing.T, m mistake, b difytest.Behavior) []string {
	t.Helper()
	server := difytest.NewAuthServer(t)
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		h := difytest.Start(tb, newPlugin(oauthDeclaration, wrong(t, server, m)))
		difytest.TestOAuth(tb, h, difytest.OAuthTest{Server: server, Behavior: b})
	})
	return errs
}

// oauthDeclaration declares a tool provider with an OAuth flow.
const oauthDeclaration = `{"identity":{"name":"wrong"},"tools":[],"oauth_schema":{
	"client_schema":[{"name":"client_id","type":"text-input","required":true},{"name":"client_secret","type":"secret-input","required":true}],
	"credentials_schema":[{"name":"access_token","type":"secret-input","required":true},{"name":"refresh_token","type":"secret-input"}]}}`

func TestCorrectProvider(t *testing.T) {
	t.Parallel()
	if errs := try(t, mistake{}, difytest.Behavior{RequirePKCE: true}); len(errs) > 0 {
		t.Errorf("reported: %q", errs)
	}
	noPKCE := mistake{setup: func(p *provider) { p.config.NoPKCE = true }}
	if errs := try(t, noPKCE, difytest.Behavior{}); len(errs) > 0 {
		t.Errorf("reported without PKCE: %q", errs)
	}
}

// TestWrongProviders checks that mistakes of real plugins are reported.
func TestWrongProviders(t *testing.T) {
	t.Parallel()
	returns := func(change func(*provider, *runtime.OAuthResult[loose])) mistake { return mistake{result: change} }
	for name, test := range map[string]struct {
		mistake mistake
		want    string
	}{
		"an expiry in the past": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.ExpiresAt = time.Unix(0, 0) }),
			"exchange: the OAuth flow returned credentials that have expired already",
		},
		"milliseconds": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.ExpiresAt = time.Unix(r.ExpiresAt.UnixMilli(), 0) }),
			"which is not in seconds",
		},
		"a lost refresh token": {
			mistake{refresh: func(_ loose, r *runtime.OAuthResult[loose], err error) error {
				delete(r.Credentials, "refresh_token")
				return err
			}},
			"refresh: the refresh token is lost, although the server sent no new one",
		},
		"an undeclared key": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.Credentials["id_token"] = "x" }),
			"id_token is not declared",
		},
		"the client secret": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.Credentials["client_secret"] = "x" }),
			"exchange: client_secret must not be returned",
		},
		"the code before the error": {
			mistake{callback: func(_ *provider, r *http.Request) *http.Request {
				return changed(r, func(q url.Values) {
					if q.Has("code") {
						q.Del("error")
					}
				})
			}},
			"a callback with an error and a code: the code is sent to the token endpoint nevertheless",
		},
		"a constant verifier": {
			mistake{
				setup: func(p *provider) {
					p.config.NoPKCE = true
					p.config.TokenParams = map[string]string{"code_verifier": "constant"}
				},
				location: func(s string) string {
					return s + "&code_challenge_method=S256&code_challenge=" + oauth2.S256ChallengeFromVerifier("constant")
				},
			},
			"authorization: two flows have the same PKCE verifier",
		},
		"a state that is not checked": {anyState(), "the state of another flow: there is no error"},
		"a token in a message": {
			mistake{refresh: func(old loose, _ *runtime.OAuthResult[loose], err error) error {
				if err != nil {
					err = fmt.Errorf("refreshing %v: %w", old, err)
				}
				return err
			}},
			"a refresh that is refused: the message contains a secret",
		},
		"a number in a secret": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.Credentials["access_token"] = 12345 }),
			"exchange: access_token has type int; a secret must be a string",
		},
		"a null value": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.Credentials["refresh_token"] = nil }),
			"exchange: refresh_token is null",
		},
		"no expiry at all": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { r.ExpiresAt = time.Time{} }),
			"expires_in as text: the flow says that the token never expires, but the server said 1h0m0s: read expires_in or",
		},
		"no access token": {
			returns(func(_ *provider, r *runtime.OAuthResult[loose]) { delete(r.Credentials, "access_token") }),
			"exchange: there is no access_token",
		},
		"a web page for a token": {
			mistake{failed: func(r *runtime.OAuthResult[loose], _ error) error {
				r.Credentials = loose{"access_token": "x"}
				return nil
			}},
			"a web page instead of a token: there is no error",
		},
		"the same code again": {
			mistake{failed: func(r *runtime.OAuthResult[loose], err error) error {
				if e := (*authcode.Error)(nil); errors.As(err, &e) && e.Code == "invalid_grant" {
					r.Credentials = loose{"access_token": "x"}
					return nil
				}
				return err
			}},
			"the same code again: there is no error",
		},
		"a new refresh token that is lost": {
			mistake{refresh: func(old loose, r *runtime.OAuthResult[loose], err error) error {
				if err == nil {
					r.Credentials["refresh_token"] = old["refresh_token"]
				}
				return err
			}},
			"refresh: the new refresh token is lost, and the old one is no longer valid",
		},
		"the old access token": {
			mistake{refresh: func(old loose, r *runtime.OAuthResult[loose], err error) error {
				if err == nil {
					r.Credentials["access_token"] = old["access_token"]
				}
				return err
			}},
			"refresh: the access token is still the old one",
		},
		"an encoded token in a message": {
			mistake{refresh: func(old loose, _ *runtime.OAuthResult[loose], err error) error {
				if err != nil {
					err = fmt.Errorf("refreshing %s: %w", base64.StdEncoding.EncodeToString(fmt.Append(nil, old["refresh_token"])), err)
				}
				return err
			}},
			"a refresh that is refused: the message contains a secret",
		},
		"a code that is sent again": {
			mistake{setup: func(p *provider) {
				p.config.HTTPClient = &http.Client{Transport: stubborn{p.config.HTTPClient.Transport}}
			}},
			"a server that is down: the code is sent 3 times",
		},
		"a deadline of hours": {
			mistake{setup: func(p *provider) {
				p.config.HTTPClient = &http.Client{Transport: patient{p.config.HTTPClient.Transport}}
			}},
			"a token request may take 2h0m0s",
		},
		"no TLS": {
			mistake{setup: func(p *provider) {
				p.config.HTTPClient = &http.Client{Transport: plain{p.config.HTTPClient.Transport}}
			}},
			"a token request goes to http://service.example: use https, since it has secrets",
		},
		"a context that is ignored": {
			mistake{waits: true, setup: func(p *provider) {
				p.config.HTTPClient = &http.Client{Transport: endless{p.config.HTTPClient.Transport}}
			}},
			"a server that does not respond: the call does not end when its context is done\na token request has no deadline",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs := try(t, test.mistake, difytest.Behavior{})
			for want := range strings.SplitSeq(test.want, "\n") {
				if !strings.Contains(strings.Join(errs, "\n"), want) || len(errs) == 0 {
					t.Errorf("reported:\n%s\nwant %s", strings.Join(errs, "\n"), want)
				}
			}
		})
	}
}

// TestStrictServers tests servers that require more than the provider sends.
func TestStrictServers(t *testing.T) {
	t.Parallel()
	noPKCE := mistake{setup: func(p *provider) { p.config.NoPKCE = true }}
	for want, errs := range map[string][]string{
		"the authorization request has no code_challenge":                       try(t, noPKCE, difytest.Behavior{RequirePKCE: true}),
		"the authorization server returned invalid_client":                      try(t, mistake{}, difytest.Behavior{BasicOnly: true}),
		"authorization: the URL has no access_type=offline with prompt=consent": try(t, mistake{}, difytest.Behavior{OfflineConsent: true}),
	} {
		if !strings.Contains(strings.Join(errs, "\n"), want) {
			t.Errorf("reported %q, want %s", errs, want)
		}
	}
}

// TestOfflineConsent tests a server that gives refresh tokens only to those who ask for them.
func TestOfflineConsent(t *testing.T) {
	t.Parallel()
	asks := mistake{setup: func(p *provider) {
		p.config.AuthParams = map[string]string{"access_type": "offline", "prompt": "select_account consent"}
	}}
	if errs := try(t, asks, difytest.Behavior{OfflineConsent: true}); len(errs) > 0 {
		t.Errorf("reported: %q", errs)
	}
	errs := try(t, mistake{}, difytest.Behavior{OfflineConsent: true})
	if len(errs) != 1 {
		t.Errorf("reported: %q, want one error", errs)
	}
}

// changed returns the callback with a changed query.
func changed(r *http.Request, change func(url.Values)) *http.Request {
	r = r.Clone(r.Context())
	query := r.URL.Query()
	change(query)
	r.URL.RawQuery = query.Encode()
	return r
}

// anyState treats every callback as that of the latest flow.
func anyState() mistake {
	var mutex sync.Mutex
	last := ""
	return mistake{
		setup: func(p *provider) { p.config.NoPKCE = true },
		location: func(s string) string {
			mutex.Lock()
			defer mutex.Unlock()
			if u, err := url.Parse(s); err == nil {
				last = u.Query().Get("state")
			}
			return s
		},
		callback: func(_ *provider, r *http.Request) *http.Request {
			mutex.Lock()
			defer mutex.Unlock()
			return changed(r, func(q url.Values) { q.Set("state", last) })
		},
	}
}

// plain is a transport that does not use TLS.
type plain struct{ next http.RoundTripper }

func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = "http", "service.example", ""
	return p.next.RoundTrip(r)
}

// endless is a transport that ignores the context.
type endless struct{ next http.RoundTripper }

func (e endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return e.next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

// patient is a transport with a deadline of two hours.
type patient struct{ next http.RoundTripper }

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*time.Hour)
	context.AfterFunc(r.Context(), cancel)
	return p.next.RoundTrip(r.WithContext(ctx))
}

// stubborn is a transport that sends a request up to three times.
type stubborn struct{ next http.RoundTripper }

func (s stubborn) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	for range 2 {
		r.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := s.next.RoundTrip(r)
		if err != nil || resp.StatusCode < http.StatusInternalServerError {
			return resp, err
		}
		_ = resp.Body.Close()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return s.next.RoundTrip(r)
}

// TestBehaviorAfter checks that a server behaves after a test as before, even if it failed.
func TestBehaviorAfter(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]mistake{"passes": {}, "fails": {location: func(string) string { return "relative" }}} {
		server := difytest.NewAuthServer(t)
		server.Set(difytest.Behavior{NoExpiry: true, NoRefreshToken: true})
		record(t, func(tb testing.TB) {
			tb.Helper()
			h := difytest.Start(tb, newPlugin(oauthDeclaration, wrong(t, server, m)))
			difytest.TestOAuth(tb, h, difytest.OAuthTest{Server: server})
		})
		flow := difytest.Start(t, newPlugin(oauthDeclaration, wrong(t, server, mistake{}))).
			OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret})
		location, err := flow.AuthorizationURL()
		if err != nil {
			t.Fatal(err)
		}
		if grant, err := flow.Exchange(server.Browse(t, location)); err != nil || grant.ExpiresAt != -1 {
			t.Errorf("%s: got %v, %v", name, grant, err)
		}
	}
}
