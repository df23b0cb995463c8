package authcode_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// client and creds are like the structs that difygen generates.
type client struct{ id, secret string }

func (c client) Values() map[string]any {
	return map[string]any{"client_id": c.id, "client_secret": c.secret, "region": ""}
}

type creds struct {
	access, refresh                      runtime.Secret
	scope, team, expiresAt, clientSecret string
}

func (c creds) Values() map[string]any {
	values := map[string]any{}
	for key, v := range map[string]string{
		"access_token": c.access.Reveal(), "refresh_token": c.refresh.Reveal(), "scope": c.scope, "team": c.team,
		"expires_at": c.expiresAt, "client_secret": c.clientSecret,
	} {
		if v != "" {
			values[key] = v
		}
	}
	return values
}

func (c creds) Validate() error { return nil }

func decode(values map[string]any) (creds, error) {
	d := runtime.NewDecoder("Service", values)
	c := creds{
		access: d.Secret("access_token", "Access token", runtime.FieldRequired), refresh: d.Secret("refresh_token", "Refresh token", runtime.FieldOptional),
		scope: d.Text("scope", "Scope", runtime.FieldOptional), team: d.Text("team", "Team", runtime.FieldOptional),
		expiresAt: d.Text("expires_at", "Expiry", runtime.FieldOptional), clientSecret: d.Text("client_secret", "Client secret", runtime.FieldOptional),
	}
	return c, d.Err()
}

type config = authcode.Config[client, creds]

const redirect = "https://dify.example/console/api/oauth/plugin/a/b/c/tool/callback"

var (
	app   = client{"client-id", "s3cret-client"}
	start = time.Unix(1_800_000_000, 0)
)

// startServer starts a token endpoint and returns a Config for it.
func startServer(tb testing.TB, handler http.HandlerFunc) *config {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return &config{
		Endpoint: oauth2.Endpoint{AuthURL: "https://service.example/authorize?tenant=1&state=x#f", TokenURL: server.URL},
		Scopes:   []string{"read", "write"}, Now: func() time.Time { return start },
	}
}

// flow returns the flow of a configuration.
func flow(tb testing.TB, c *config) *authcode.Flow[client, creds] {
	tb.Helper()
	f, err := authcode.New(decode, *c)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// respond starts a token endpoint that always returns body.
func respond(tb testing.TB, body string) *config {
	tb.Helper()
	return startServer(tb, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, body)
	})
}

// authorize starts a flow. It returns the queries of the authorization URL and of the
// callback.
func authorize(tb testing.TB, c *config) (query, back url.Values) {
	tb.Helper()
	location, err := flow(tb, c).OAuthGetAuthorizationURL(tb.Context(), redirect, app)
	if err != nil {
		tb.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		tb.Fatal(err)
	}
	return u.Query(), url.Values{"code": {"s3cret-code"}, "state": {u.Query().Get("state")}}
}

func exchange(tb testing.TB, c *config, back url.Values) (runtime.OAuthResult[creds], error) {
	tb.Helper()
	return flow(tb, c).OAuthGetCredentials(tb.Context(), redirect, app, callbackOf(back))
}

// callbackOf returns the request of a callback with that query.
func callbackOf(back url.Values) *http.Request {
	return &http.Request{URL: &url.URL{RawQuery: back.Encode()}}
}

// check checks that an error contains a text and no secret.
func check(tb testing.TB, err error, want string) {
	tb.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		tb.Fatalf("got  %v\nwant %s", err, want)
	}
	for _, secret := range []string{"s3cret", "<html", "\n"} {
		if strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", err), secret) {
			tb.Errorf("%q shows in %q", secret, err)
		}
	}
}

func TestAuthorizationURL(t *testing.T) {
	t.Parallel()
	c := respond(t, "")
	c.AuthParams = map[string]string{"access_type": "offline"}
	location, err := flow(t, c).OAuthGetAuthorizationURL(t.Context(), redirect, app)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil || u.Host != "service.example" || u.Path != "/authorize" || u.Fragment != "" {
		t.Errorf("got %s, %v", location, err)
	}
	query := u.Query()
	state, challenge := query.Get("state"), query.Get("code_challenge")
	if len(state) != 75 || len(challenge) != 43 {
		t.Errorf("state %q, challenge %q", state, challenge)
	}
	want := url.Values{
		"tenant": {"1"}, "response_type": {"code"}, "client_id": {"client-id"}, "redirect_uri": {redirect}, "scope": {"read write"},
		"access_type": {"offline"}, "state": {state}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, query); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if again, _ := authorize(t, c); again.Get("state") == state || again.Get("code_challenge") == challenge {
		t.Error("two flows share a state or a challenge")
	}
	c.NoPKCE = true
	if query, _ := authorize(t, c); query.Has("code_challenge") || query.Has("code_challenge_method") {
		t.Errorf("PKCE in %v", query)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	needs := func(field, what, setting string) string {
		return "the OAuth client needs " + field + " (if client_schema calls the " + what + " of the client by another name, set authcode.Config." + setting + " to that)"
	}
	for _, test := range []struct {
		name     string
		change   func(*config)
		redirect string
		client   client
		want     string
	}{
		{"relative", nil, "/console/api/oauth", app, "redirect_uri must be an absolute URL"},
		{"fragment", nil, redirect + "#x", app, "redirect_uri must be an absolute URL"},
		{"no ID", nil, redirect, client{"", "s3cret"}, needs("client_id", "ID", "ClientIDField")},
		{"no secret", nil, redirect, client{"id", ""}, needs("client_secret", "secret", "ClientSecretField")},
		{"another field", func(c *config) { c.ClientIDField = "s3cret_id" }, redirect, app, "the OAuth client needs a value in the field of client_schema that authcode.Config.ClientIDField must name"},
		{"a value for a field", func(c *config) { c.ClientSecretField = "s3cret-client" }, redirect, app, "the OAuth client needs a value in the field of client_schema that authcode.Config.ClientSecretField must name"},
		{"an empty field", func(c *config) { c.ClientIDField = "region" }, redirect, app, needs("region", "ID", "ClientIDField")},
		{"no tenant", func(c *config) {
			c.EndpointFor = func(client) (oauth2.Endpoint, error) { return oauth2.Endpoint{}, errors.New("there is no tenant") }
		}, redirect, app, "there is no tenant"},
		{"tenant without TLS", func(c *config) {
			c.EndpointFor = func(client) (oauth2.Endpoint, error) {
				return oauth2.Endpoint{AuthURL: "https://service.example", TokenURL: "http://service.example"}, nil
			}
		}, redirect, app, "the token endpoint must be an https:// URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := startServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request is made") })
			if test.change != nil {
				test.change(c)
			}
			_, err := flow(t, c).OAuthGetAuthorizationURL(t.Context(), test.redirect, test.client)
			check(t, err, test.want)
			_, err = flow(t, c).OAuthGetCredentials(t.Context(), test.redirect, test.client, &http.Request{URL: &url.URL{}})
			check(t, err, test.want)
			_, err = flow(t, c).OAuthRefreshCredentials(t.Context(), test.redirect, test.client, creds{refresh: runtime.NewSecret("r")})
			check(t, err, test.want)
		})
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var form url.Values
	c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got, form = r, r.PostForm
		fmt.Fprint(w, `{"access_token":"s3cret-1","refresh_token":"s3cret-2","expires_in":3600,"scope":"read","client_secret":"s3cret","undeclared":1,"team":7}`)
	})
	c.TokenParams = map[string]string{"audience": "api"}
	query, back := authorize(t, c)
	result, err := exchange(t, c, back)
	if err != nil {
		t.Fatal(err)
	}
	want := runtime.OAuthResult[creds]{ExpiresAt: start.Add(time.Hour), Credentials: creds{
		access: runtime.NewSecret("s3cret-1"), refresh: runtime.NewSecret("s3cret-2"), scope: "read", team: "7",
		expiresAt: strconv.FormatInt(start.Add(time.Hour).Unix(), 10),
	}}
	if diff := cmp.Diff(want, result, cmp.AllowUnexported(creds{})); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	verifier := form.Get("code_verifier")
	wantForm := url.Values{
		"grant_type": {"authorization_code"}, "code": {"s3cret-code"}, "redirect_uri": {redirect}, "audience": {"api"},
		"client_id": {"client-id"}, "client_secret": {"s3cret-client"}, "code_verifier": {verifier},
	}
	if diff := cmp.Diff(wantForm, form); diff != "" || oauth2.S256ChallengeFromVerifier(verifier) != query.Get("code_challenge") {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if got.Header.Get("Accept") != "application/json" || got.Header.Get("Authorization") != "" {
		t.Errorf("header %v", got.Header)
	}
}

// TestRequestStyles checks requests with JSON, basic authentication and without PKCE.
func TestRequestStyles(t *testing.T) {
	t.Parallel()
	var header http.Header
	var body string
	c := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		header, body = r.Header, string(raw)
		fmt.Fprint(w, `{"access_token":"s3cret-1"}`)
	})
	c.JSON, c.NoPKCE = true, true
	c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	_, back := authorize(t, c)
	if _, err := exchange(t, c, back); err != nil {
		t.Fatal(err)
	}
	var object map[string]string
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"grant_type": "authorization_code", "code": "s3cret-code", "redirect_uri": redirect}
	if diff := cmp.Diff(want, object); diff != "" || header.Get("Content-Type") != "application/json" || !strings.HasPrefix(header.Get("Authorization"), "Basic ") {
		t.Errorf("%v\nbody (-want +got):\n%s", header, diff)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	c := respond(t, `{"authed_user":{"access_token":"s3cret-user"},"team":{"name":"Team"}}`)
	c.Fields = func(app client, a authcode.TokenResponse) (map[string]any, error) {
		user, _ := a.Value("authed_user").(map[string]any)
		return map[string]any{"access_token": user["access_token"], "team": app.id, "client_secret": "s3cret"}, nil
	}
	_, back := authorize(t, c)
	result, err := exchange(t, c, back)
	if err != nil || result.Credentials.access.Reveal() != "s3cret-user" || result.Credentials.team != "client-id" || result.Credentials.clientSecret != "" {
		t.Errorf("got %+v, %v", result, err)
	}
	c.Fields = func(client, authcode.TokenResponse) (map[string]any, error) { return nil, nil }
	_, err = exchange(t, c, back)
	check(t, err, "the token response is incomplete: Service: Access token (access_token) is required")
	c.Fields = func(client, authcode.TokenResponse) (map[string]any, error) {
		return nil, errors.New("there is no team")
	}
	_, err = exchange(t, c, back)
	check(t, err, "there is no team")
}

func TestAccept(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"access_token":"s3cret","id_token":"s3cret-id","token_type":"bearer"}`:               "read write",
		`{"access_token":"s3cret","id_token":"s3cret-id","token_type":"bearer","scope":"x"}`:   "x",
		`{"access_token":"s3cret","id_token":"s3cret-id","token_type":"bearer","scope":["x"]}`: "x",
	} {
		c := respond(t, body)
		c.Accept = func(_ context.Context, app client, a authcode.TokenResponse, result *runtime.OAuthResult[creds]) error {
			result.Metadata.Name = a.TokenType
			if app.id != "client-id" || a.Scope != want || a.IDToken.Reveal() != "s3cret-id" || strings.Contains(fmt.Sprintf("%v %+v %#v %s", a, a, a, a), "s3cret") {
				t.Errorf("the scope is %q, want %q; the response prints as %+v", a.Scope, want, a)
			}
			return nil
		}
		_, back := authorize(t, c)
		result, err := exchange(t, c, back)
		if err != nil || result.Metadata.Name != "bearer" || result.Credentials.scope != want {
			t.Errorf("got %+v, %v", result, err)
		}
	}
	c := respond(t, `{"access_token":"s3cret"}`)
	c.Accept = func(_ context.Context, _ client, a authcode.TokenResponse, _ *runtime.OAuthResult[creds]) error {
		return fmt.Errorf("%w and allow more than %s", authcode.ErrReauthorize, a.Scope)
	}
	_, err := flow(t, c).OAuthRefreshCredentials(t.Context(), redirect, app, creds{refresh: runtime.NewSecret("s3cret-accept"), scope: "read"})
	check(t, err, "authorize again and allow more than read")
	if !errors.Is(err, authcode.ErrReauthorize) {
		t.Errorf("%v does not say that the user must authorize again", err)
	}
}

func BenchmarkAuthorizationURL(b *testing.B) {
	f := flow(b, respond(b, ""))
	for b.Loop() {
		if _, err := f.OAuthGetAuthorizationURL(b.Context(), redirect, app); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCallback measures the checks of a callback, of which the last fails.
func BenchmarkCallback(b *testing.B) {
	c := respond(b, "")
	c.Issuer = "https://service.example"
	_, back := authorize(b, c)
	request := &http.Request{URL: &url.URL{RawQuery: back.Encode()}}
	f := flow(b, c)
	for b.Loop() {
		if _, err := f.OAuthGetCredentials(b.Context(), redirect, app, request); err == nil {
			b.Fatal("the callback is accepted")
		}
	}
}
