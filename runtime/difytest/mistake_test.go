package difytest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
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
