package difytest_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
)

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
