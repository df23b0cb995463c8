package authcode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// issuer is a token endpoint that numbers its tokens.
type issuer struct {
	*httptest.Server

	requests atomic.Int32
	form     atomic.Pointer[url.Values]
	more     string // members of each response
}

func newIssuer(t *testing.T, more string) *issuer {
	t.Helper()
	i := &issuer{more: more}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		i.form.Store(&r.PostForm)
		fmt.Fprintf(w, `{"access_token":"s3cret-%d"%s}`, i.requests.Add(1), i.more)
	}))
	t.Cleanup(i.Close)
	return i
}

// grant returns the grant of a client of the issuer at that time.
func (i *issuer) grant(now time.Time) *authcode.ClientCredentials {
	return &authcode.ClientCredentials{
		TokenURL: i.URL, ClientID: "client-id", ClientSecret: runtime.NewSecret("s3cret-client"), Now: func() time.Time { return now },
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, `,"expires_in":3600`)
	c := i.grant(start)
	c.Scopes, c.TokenParams = []string{"read", "write"}, map[string]string{"audience": "api"}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			again := *c
			if token, err := again.Token(t.Context()); err != nil || token.Reveal() != "s3cret-1" {
				t.Errorf("got %q, %v", token.Reveal(), err)
			}
		})
	}
	group.Wait()
	want := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"client-id"}, "client_secret": {"s3cret-client"}, "scope": {"read write"}, "audience": {"api"},
	}
	if diff := cmp.Diff(want, *i.form.Load()); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	for _, change := range []func(*authcode.ClientCredentials){
		func(c *authcode.ClientCredentials) { c.ClientID = "other" },
		func(c *authcode.ClientCredentials) { c.ClientSecret = runtime.NewSecret("other") },
		func(c *authcode.ClientCredentials) { c.Scopes = []string{"read"} },
		func(c *authcode.ClientCredentials) { c.Scopes = []string{"read write"} },
		func(c *authcode.ClientCredentials) { c.TokenParams = nil },
		func(c *authcode.ClientCredentials) { c.AuthStyle = oauth2.AuthStyleInHeader },
		func(c *authcode.ClientCredentials) { c.TokenURL += "/other" },
		func(c *authcode.ClientCredentials) { c.TokenTypes = []string{"bot"} },
		func(c *authcode.ClientCredentials) { c.JSON = true },
	} {
		before, other := i.requests.Load(), *c
		change(&other)
		if _, err := other.Token(t.Context()); err != nil || i.requests.Load() != before+1 {
			t.Errorf("the token of another request is used: %v", err)
		}
	}
}

// TestClientCredentialsExpire checks when a token is replaced: before its expiry, and never
// after.
func TestClientCredentialsExpire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, more string
		change     func(*authcode.ClientCredentials)
		kept       time.Duration // 0 for not at all
	}{
		{"an hour", `,"expires_in":3600`, nil, 59 * time.Minute},
		{"a minute", `,"expires_in":60`, nil, 54 * time.Second},
		{"at a time", `,"expires_at":1800000600`, nil, 9 * time.Minute},
		{"in data", `,"data":{"expires_in":600}`, nil, 9 * time.Minute},
		{"nothing", ``, nil, 4*time.Minute + 30*time.Second},
		{"a setting", ``, func(c *authcode.ClientCredentials) { c.Lifetime = time.Hour }, 59 * time.Minute},
		{"a function", `,"ttl":600`, func(c *authcode.ClientCredentials) {
			c.Expiry = func(r authcode.TokenResponse) (time.Time, error) { return r.Time("ttl") }
		}, 9 * time.Minute},
		{"a function that finds nothing", `,"expires_in":600`, func(c *authcode.ClientCredentials) {
			c.Expiry = func(r authcode.TokenResponse) (time.Time, error) { return r.Time("ttl") }
		}, 9 * time.Minute},
		{"years", `,"expires_in":315360000`, nil, 24 * time.Hour},
		{"zero", `,"expires_in":0`, nil, 0},
		{"negative", `,"expires_in":-1`, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, test.more)
			after := func(d time.Duration) string {
				c := i.grant(start.Add(d))
				if test.change != nil {
					test.change(c)
				}
				token, err := c.Token(t.Context())
				if err != nil {
					t.Error(err)
				}
				return token.Reveal()
			}
			got := []string{after(0), after(max(test.kept-time.Second, 0)), after(test.kept)}
			want := []string{"s3cret-1", "s3cret-1", "s3cret-2"}
			if test.kept == 0 {
				want = []string{"s3cret-1", "s3cret-2", "s3cret-3"}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}

// TestForget checks that a token that the service rejects is replaced once.
func TestForget(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, `,"expires_in":3600`)
	c := i.grant(start)
	get := func() runtime.Secret {
		token, err := c.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first := get()
	c.Forget(runtime.NewSecret("s3cret-other"))
	if !get().Equal(first) {
		t.Error("a token is forgotten that was not meant")
	}
	c.Forget(first)
	second := get()
	c.Forget(first) // by another call that got the same token
	if second.Equal(first) || !get().Equal(second) || i.requests.Load() != 2 {
		t.Errorf("%d requests", i.requests.Load())
	}
}

func TestClientCredentialsErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body  string
		status      int
		want        string
		requests    int32
		unreachable bool
	}{
		{"refused", `{"error":"invalid_client","error_description":"bad s3cret-client"}`, 401, "the authorization server returned invalid_client: bad [redacted] [status 401]", 2, false},
		{"refused without a body", ``, 401, "the token endpoint returned status 401", 2, false},
		{"refused with 200", `{"code":40013,"msg":"invalid appid"}`, 200, "returned 40013: invalid appid [status 200]", 2, false},
		{"no token", `{}`, 200, "has no access_token", 2, false},
		{"control characters", `{"access_token":"s3cret\n"}`, 200, "control characters in access_token", 2, false},
		{"another type", `{"access_token":"s3cret","token_type":"mac"}`, 200, "a token_type other than Bearer", 2, false},
		{"nonsense", `{"access_token":"s3cret","expires_in":1e308}`, 200, "in an unknown way", 2, false},
		{"down", ``, 503, "the token endpoint returned status 503", 4, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			t.Cleanup(server.Close)
			c := &authcode.ClientCredentials{TokenURL: server.URL, ClientID: "id", ClientSecret: runtime.NewSecret("s3cret-client")}
			for range 2 { // errors are not kept
				token, err := c.Token(t.Context())
				check(t, err, test.want)
				if !token.IsZero() || errors.Is(err, authcode.ErrReauthorize) || errors.Is(err, runtime.ErrUnreachable) != test.unreachable {
					t.Errorf("%v: a token %v", err, !token.IsZero())
				}
			}
			if requests.Load() != test.requests {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
	secret := runtime.NewSecret("s3cret")
	for want, c := range map[string]authcode.ClientCredentials{
		"the ID and the secret of the client are required": {TokenURL: "https://service.example", ClientID: "id"},
		"the ID and the secret of the client":              {TokenURL: "https://service.example", ClientSecret: secret},
		"the token endpoint must be an https:// URL":       {TokenURL: "http://service.example", ClientID: "id", ClientSecret: secret},
		`authcode.ClientCredentials.TokenParams must not contain "grant_type"`: {
			TokenURL: "https://service.example", ClientID: "id", ClientSecret: secret, TokenParams: map[string]string{"grant_type": "s3cret"},
		},
		"the scope both in TokenParams and in Scopes": {
			TokenURL: "https://service.example", ClientID: "id", ClientSecret: secret, TokenParams: map[string]string{"scope": "x"}, Scopes: []string{"y"},
		},
		"Lifetime must not be negative": {TokenURL: "https://service.example", ClientID: "id", ClientSecret: secret, Lifetime: -1},
	} {
		_, err := c.Token(t.Context())
		check(t, err, want)
	}
}

// TestClientCredentialsGiveUp cancels a call. The request goes on for the next one.
func TestClientCredentialsGiveUp(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		close(arrived)
		<-release
		fmt.Fprint(w, `{"access_token":"s3cret-1"}`)
	}))
	t.Cleanup(server.Close)
	c := &authcode.ClientCredentials{TokenURL: server.URL, ClientID: "id", ClientSecret: runtime.NewSecret("s3cret")}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := c.Token(ctx)
		first <- err
	}()
	<-arrived
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first: %v", err)
	}
	close(release)
	if token, err := c.Token(t.Context()); err != nil || token.Reveal() != "s3cret-1" || requests.Load() != 1 {
		t.Errorf("the second: %v after %d requests", err, requests.Load())
	}
}

// incomparable is a transport that cannot be compared.
type incomparable struct{ next []http.RoundTripper }

func (i incomparable) RoundTrip(r *http.Request) (*http.Response, error) {
	return i.next[0].RoundTrip(r)
}

// wrapped is a transport that can be compared if the one inside can.
type wrapped struct{ http.RoundTripper }

// TestTransports checks that tokens are shared by equal transports only: two servers of a test
// can be behind one URL.
func TestTransports(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, `,"expires_in":3600`)
	first, second := &http.Transport{}, &http.Transport{}
	t.Cleanup(first.CloseIdleConnections)
	t.Cleanup(second.CloseIdleConnections)
	var got []string
	for _, client := range []*http.Client{
		{Transport: first}, {Transport: second}, {Transport: first}, nil, {}, {Transport: wrapped{first}}, {Transport: wrapped{first}},
		{Transport: incomparable{[]http.RoundTripper{first}}}, {Transport: wrapped{incomparable{[]http.RoundTripper{first}}}},
	} {
		c := i.grant(start)
		c.HTTPClient = client
		token, err := c.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(token.Reveal(), "s3cret-"))
	}
	if diff := cmp.Diff([]string{"1", "2", "1", "3", "3", "4", "4", "3", "3"}, got); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

// TestDone checks calls whose context is done from the start: they fail, also if a response is
// kept that they could share, and send no request.
func TestDone(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, `,"expires_in":3600`)
	grant, old := i.grant(start), creds{refresh: runtime.NewSecret("s3cret-done")}
	f := flow(t, &config{Endpoint: oauth2.Endpoint{AuthURL: i.URL, TokenURL: i.URL}})
	location, err := f.OAuthGetAuthorizationURL(t.Context(), redirect, app)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	callback := callbackOf(url.Values{"state": {u.Query().Get("state")}, "code": {"code"}})
	_, err = grant.Token(t.Context())
	if _, also := f.OAuthRefreshCredentials(t.Context(), redirect, app, old); err != nil || also != nil {
		t.Fatal(err, also)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	before := i.requests.Load()
	for range 100 { // what is kept is ready as well
		for want, ctx := range map[error]context.Context{context.Canceled: canceled, context.DeadlineExceeded: late} {
			_, token := grant.Token(ctx)
			_, refresh := f.OAuthRefreshCredentials(ctx, redirect, app, old)
			_, exchange := f.OAuthGetCredentials(ctx, redirect, app, callback)
			for _, err := range []error{token, refresh, exchange} {
				if !errors.Is(err, want) || errors.Is(err, runtime.ErrUnreachable) || err.Error() != "no token is requested: "+want.Error() {
					t.Fatalf("got %v, want %v", err, want)
				}
			}
		}
	}
	if n := i.requests.Load(); n != before {
		t.Errorf("%d requests", n-before)
	}
}

// ExampleClientCredentials is a provider whose users enter the ID and the secret of a client.
func ExampleClientCredentials() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			fmt.Fprint(w, `{"access_token":"token-of-`+r.FormValue("client_id")+`","expires_in":3600}`)
			return
		}
		fmt.Fprintf(w, "%q", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}))
	defer service.Close()
	grant := &authcode.ClientCredentials{TokenURL: service.URL + "/token", ClientID: "me", ClientSecret: runtime.NewSecret("secret")}
	get := func(ctx context.Context, path string, result any) error {
		token, err := grant.Token(ctx)
		if err != nil {
			return err
		}
		req, err := runtime.NewJSONRequest(ctx, http.MethodGet, service.URL+path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
		err = runtime.DoJSON(nil, req, result)
		if runtime.StatusCode(err) == http.StatusUnauthorized {
			grant.Forget(token)
		}
		return err
	}
	var result string
	fmt.Println(get(context.Background(), "/me", &result), result)
	// Output: <nil> token-of-me
}
