package authcode_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime/authcode"
)

// TestNew checks what New refuses.
func TestNew(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*config)
		want   string // "" for no error
	}{
		"nothing wrong":             {func(*config) {}, ""},
		"no endpoint":               {func(c *config) { c.Endpoint = oauth2.Endpoint{} }, "authcode.Config.Endpoint: the authorization endpoint must be an https:// URL"},
		"no token endpoint":         {func(c *config) { c.Endpoint.TokenURL = "" }, "the token endpoint must be an https:// URL"},
		"token without TLS":         {func(c *config) { c.Endpoint.TokenURL = "http://service.example/token" }, "the token endpoint must be an https:// URL"},
		"authorization without TLS": {func(c *config) { c.Endpoint.AuthURL = "http://10.0.0.1/" }, "the authorization endpoint must be an https:// URL"},
		"secret in an endpoint":     {func(c *config) { c.Endpoint.TokenURL = "https://a:s3cret@service.example" }, "the token endpoint must be an https:// URL"},
		"endpoint for a client": {func(c *config) {
			c.Endpoint, c.EndpointFor = oauth2.Endpoint{}, func(client) (oauth2.Endpoint, error) { return oauth2.Endpoint{}, nil }
		}, ""},
		"state":                       {func(c *config) { c.AuthParams = map[string]string{"state": "s3cret"} }, `authcode.Config.AuthParams must not contain "state"`},
		"no name":                     {func(c *config) { c.AuthParams = map[string]string{"": "s3cret"} }, `authcode.Config.AuthParams must not contain ""`},
		"scope twice":                 {func(c *config) { c.AuthParams = map[string]string{"scope": "s3cret"} }, "the scope both in AuthParams and in Scopes"},
		"scope once":                  {func(c *config) { c.Scopes, c.AuthParams = nil, map[string]string{"scope": "a,b"} }, ""},
		"code":                        {func(c *config) { c.TokenParams = map[string]string{"code": "s3cret"} }, `authcode.Config.TokenParams must not contain "code"`},
		"verifier":                    {func(c *config) { c.TokenParams = map[string]string{"code_verifier": "s3cret"} }, "must not contain code_verifier without NoPKCE"},
		"verifier without PKCE":       {func(c *config) { c.NoPKCE, c.TokenParams = true, map[string]string{"code_verifier": "x"} }, ""},
		"lifetime in seconds":         {func(c *config) { c.Lifetime = 3600 }, "authcode.Config.Lifetime must be at least 2m0s"},
		"negative lifetime":           {func(c *config) { c.Lifetime = -time.Hour }, "authcode.Config.Lifetime must be at least 2m0s"},
		"lasting lifetime":            {func(c *config) { c.Lifetime, c.Lasting = time.Hour, true }, "both Lifetime and Lasting"},
		"one field for ID and secret": {func(c *config) { c.ClientIDField, c.ClientSecretField = "s3cret", "s3cret" }, "two different fields"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := respond(t, "")
			test.change(c)
			_, err := authcode.New(decode, *c)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			check(t, err, test.want)
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), test.want) {
					t.Errorf("MustNew panics with %v", p)
				}
			}()
			authcode.MustNew(decode, *c)
		})
	}
	_, err := authcode.New(nil, *respond(t, ""))
	check(t, err, "authcode.New needs the generated DecodeOAuthCredentials")
}

// TestNilFlow checks a provider whose flow is not set.
func TestNilFlow(t *testing.T) {
	t.Parallel()
	for _, provider := range []struct{ *authcode.Flow[client, creds] }{{}, {new(authcode.Flow[client, creds])}} {
		const want = "the provider has no OAuth flow"
		_, err := provider.OAuthGetAuthorizationURL(t.Context(), redirect, app)
		check(t, err, want)
		_, err = provider.OAuthGetCredentials(t.Context(), redirect, app, &http.Request{URL: &url.URL{}})
		check(t, err, want)
		_, err = provider.OAuthRefreshCredentials(t.Context(), redirect, app, creds{})
		check(t, err, want)
	}
}

// TestConfigIsCopied checks that a flow does not change with the maps that it was made from.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	c := respond(t, "")
	c.AuthParams = map[string]string{"prompt": "consent"}
	f := flow(t, c)
	c.AuthParams["prompt"], c.Scopes[0] = "none", "all"
	location, err := f.OAuthGetAuthorizationURL(t.Context(), redirect, app)
	if err != nil || !strings.Contains(location, "prompt=consent") || !strings.Contains(location, "scope=read+write") {
		t.Errorf("got %s, %v", location, err)
	}
}

// TestQueries checks that a query in an endpoint is kept as it is, and that no parameter
// appears twice.
func TestQueries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, want string }{
		{"", ""},
		{"?", ""},
		{"?tenant=1&x=%zz&y=a+b%20c", "tenant=1&x=%zz&y=a+b%20c&"},
		{"?a=1;b=2", "a=1;b=2&"},
		{"?a;b;", "a;b&"},
		{"?state=x&a=1&client_id=y", "a=1&"},
		{"?a=1;state=x;b", "a=1;b&"},
		{"?%73tate=x&scope=z&prompt=none&resource=1&resource=2", "resource=1&resource=2&"},
	} {
		c := respond(t, "")
		c.Endpoint.AuthURL = "https://service.example/authorize" + test.query
		c.AuthParams = map[string]string{"prompt": "consent"}
		location, err := flow(t, c).OAuthGetAuthorizationURL(t.Context(), redirect, app)
		if err != nil {
			t.Fatal(err)
		}
		_, query, _ := strings.Cut(location, "?")
		if !strings.HasPrefix(query, test.want+"client_id=client-id&") {
			t.Errorf("%s: got %s", test.query, query)
		}
		for _, name := range []string{"client_id", "state", "scope", "prompt", "redirect_uri", "response_type", "code_challenge", "code_challenge_method"} {
			if n := strings.Count(strings.ReplaceAll("&"+query, ";", "&"), "&"+name+"="); n != 1 {
				t.Errorf("%s: %s appears %d times in %s", test.query, name, n, query)
			}
		}
	}
}

// TestTokenQuery checks a query in the token URL.
func TestTokenQuery(t *testing.T) {
	t.Parallel()
	var got string
	c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.RawQuery
		fmt.Fprint(w, `{"access_token":"s3cret"}`)
	})
	c.Endpoint.TokenURL += "/?api=1;v=2&grant_type=x&audience=y&code=z"
	c.TokenParams = map[string]string{"audience": "api"}
	_, back := authorize(t, c)
	if _, err := exchange(t, c, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("api=1;v=2", got); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for s, want := range map[string]struct{ label, name string }{
		"eu": {"eu", "eu"}, "EU-West-1": {"eu-west-1", "eu-west-1"}, "1": {"1", "1"}, long: {long, long}, long + "a": {},
		"service.example": {"", "service.example"}, "Service.Example:8443": {"", "service.example:8443"}, "127.0.0.1": {"", "127.0.0.1"},
		"localhost:80": {"", "localhost:80"}, "72f988bf-86f1-41af-91ab-2d7cd011db47": {"72f988bf-86f1-41af-91ab-2d7cd011db47", "72f988bf-86f1-41af-91ab-2d7cd011db47"},
		"": {}, "evil.test/#": {}, "evil.test#": {}, "evil.test?": {}, "a b": {}, "-a": {}, "a-": {}, "a..b": {}, ".a": {}, "a.": {}, "a_b": {}, "ä": {}, "a\n": {}, "a\x00": {},
		"user@evil.test": {}, "https://a": {}, "a:b": {}, "a:0": {}, "a:65536": {}, "a:080": {}, "a:": {}, ":80": {}, "[::1]": {}, "::1": {}, "a%2eb": {}, "a\\b": {}, "..": {},
		strings.Repeat("a.", 126) + "a": {"", strings.Repeat("a.", 126) + "a"}, strings.Repeat("a.", 127) + "a": {},
	} {
		label, err := authcode.HostLabel(s)
		if label != want.label || (err == nil) != (want.label != "") {
			t.Errorf("HostLabel(%q) = %q, %v", s, label, err)
		}
		name, err := authcode.HostName(s)
		if name != want.name || (err == nil) != (want.name != "") {
			t.Errorf("HostName(%q) = %q, %v", s, name, err)
		}
		if name == "" {
			continue
		}
		if u, err := url.Parse("https://" + name + "/path"); err != nil || u.Host != name || u.Path != "/path" || u.RawQuery+u.Fragment != "" || u.User != nil {
			t.Errorf("%q becomes another host than it says: %v, %v", s, u, err)
		}
	}
}
