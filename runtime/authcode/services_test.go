package authcode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// OAuthClient and OAuthCredentials are like what difygen generates for the services in
// docs/oauth.md.
type (
	OAuthClient struct {
		ClientID     string
		ClientSecret runtime.Secret
		Tenant       string
		Region       string
	}
	OAuthCredentials struct {
		AccessToken, RefreshToken runtime.Secret
		Region                    string
	}
)

func (c OAuthClient) Values() map[string]any {
	return map[string]any{"client_id": c.ClientID, "client_secret": c.ClientSecret.Reveal(), "tenant": c.Tenant, "region": c.Region}
}

func decodeOAuthClient(values map[string]any) (OAuthClient, error) {
	d := runtime.NewDecoder("Service", values)
	c := OAuthClient{
		ClientID: d.Text("client_id", "Client ID", runtime.FieldRequired), ClientSecret: d.Secret("client_secret", "Client secret", runtime.FieldRequired),
		Tenant: d.Text("tenant", "Tenant", runtime.FieldOptional), Region: d.Text("region", "Region", runtime.FieldOptional),
	}
	return c, d.Err()
}

func (c OAuthCredentials) Values() map[string]any {
	values := map[string]any{"access_token": c.AccessToken.Reveal()}
	if !c.RefreshToken.IsZero() {
		values["refresh_token"] = c.RefreshToken.Reveal()
	}
	if c.Region != "" {
		values["region"] = c.Region
	}
	return values
}

func (c OAuthCredentials) Validate() error {
	v := runtime.NewValidator("Service")
	v.Secret("access_token", "Access token", runtime.FieldRequired, c.AccessToken)
	return v.Err()
}

func DecodeOAuthCredentials(values map[string]any) (OAuthCredentials, error) {
	d := runtime.NewDecoder("Service", values)
	c := OAuthCredentials{
		AccessToken: d.Secret("access_token", "Access token", runtime.FieldRequired), RefreshToken: d.Secret("refresh_token", "Refresh token", runtime.FieldOptional),
		Region: d.Text("region", "Region", runtime.FieldOptional),
	}
	return c, d.Err()
}

// The code below is the same as in docs/oauth.md, whose test compares them.

type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]
	HTTPClient *http.Client // nil means http.DefaultClient
}

// New returns the provider with its OAuth flow, which sends requests with client.
func New(client *http.Client) *Provider {
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			Endpoint: oauth2.Endpoint{
				AuthURL:  "https://github.com/login/oauth/authorize",
				TokenURL: "https://github.com/login/oauth/access_token",
			},
			Scopes:     []string{"repo"},
			Lasting:    true, // tokens of OAuth apps do not expire
			HTTPClient: client,
		}),
		HTTPClient: client,
	}
}

func google() authcode.Config[OAuthClient, OAuthCredentials] {
	return authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint: oauth2.Endpoint{
			AuthURL:  "https://accounts.google.com/o/oauth2/v2/auth",
			TokenURL: "https://oauth2.googleapis.com/token",
		},
		Scopes: []string{"https://www.googleapis.com/auth/drive.readonly"},
		// Without these two, there is no refresh token.
		AuthParams: map[string]string{"access_type": "offline", "prompt": "consent"},
	}
}

func microsoft() authcode.Config[OAuthClient, OAuthCredentials] {
	return authcode.Config[OAuthClient, OAuthCredentials]{
		EndpointFor: func(client OAuthClient) (oauth2.Endpoint, error) {
			tenant, err := authcode.HostName(client.Tenant) // such as contoso.onmicrosoft.com
			if err != nil {
				return oauth2.Endpoint{}, errors.New("enter the ID or the domain of the tenant, or common")
			}
			base := "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/"
			return oauth2.Endpoint{AuthURL: base + "authorize", TokenURL: base + "token"}, nil
		},
		Scopes: []string{"offline_access", "Mail.Read"},
	}
}

func notion() authcode.Config[OAuthClient, OAuthCredentials] {
	return authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint: oauth2.Endpoint{
			AuthURL:   "https://api.notion.com/v1/oauth/authorize",
			TokenURL:  "https://api.notion.com/v1/oauth/token",
			AuthStyle: oauth2.AuthStyleInHeader,
		},
		AuthParams: map[string]string{"owner": "user"},
		JSON:       true,
		NoPKCE:     true,
		Lasting:    true,
		Accept: func(_ context.Context, _ OAuthClient, response authcode.TokenResponse, result *runtime.OAuthResult[OAuthCredentials]) error {
			result.Metadata.Name, _ = response.Value("workspace_name").(string)
			return nil
		},
	}
}

func slack() authcode.Config[OAuthClient, OAuthCredentials] {
	return authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint: oauth2.Endpoint{
			AuthURL:  "https://slack.com/oauth/v2/authorize",
			TokenURL: "https://slack.com/api/oauth.v2.access",
		},
		AuthParams: map[string]string{"user_scope": "channels:history"},
		TokenTypes: []string{"bot"}, // what Slack calls a bearer token
		Lasting:    true,
		// The user's token is in a nested object, the bot's at the top level.
		Fields: func(_ OAuthClient, response authcode.TokenResponse) (map[string]any, error) {
			token := response.Value("authed_user", "access_token")
			if token == nil {
				return nil, errors.New("Slack returned no user token")
			}
			return map[string]any{"access_token": token}, nil
		},
	}
}

func tasks() authcode.Config[OAuthClient, OAuthCredentials] {
	return authcode.Config[OAuthClient, OAuthCredentials]{
		EndpointFor: func(client OAuthClient) (oauth2.Endpoint, error) {
			region, err := authcode.HostLabel(client.Region)
			if err != nil {
				return oauth2.Endpoint{}, fmt.Errorf("the region is not valid: %w", err)
			}
			base := "https://" + region + ".tasks.example/oauth/"
			return oauth2.Endpoint{AuthURL: base + "authorize", TokenURL: base + "token"}, nil
		},
		Scopes: []string{"tasks:read", "tasks:write"},
		// Tools see only the credentials, so store the region there.
		Fields: func(client OAuthClient, _ authcode.TokenResponse) (map[string]any, error) {
			region, err := authcode.HostLabel(client.Region)
			return map[string]any{"region": region}, err
		},
		Accept: func(_ context.Context, _ OAuthClient, response authcode.TokenResponse, _ *runtime.OAuthResult[OAuthCredentials]) error {
			if !slices.Contains(strings.Fields(response.Scope), "tasks:write") {
				return fmt.Errorf("%w and allow to write tasks", authcode.ErrReauthorize)
			}
			return nil
		},
	}
}

// Credentials are like what difygen generates for credentials_for_provider in docs/oauth.md.
type Credentials struct {
	ClientID     string
	ClientSecret runtime.Secret
}

func (p *Provider) grant(creds Credentials) *authcode.ClientCredentials {
	return &authcode.ClientCredentials{
		TokenURL: "https://api.service.example/oauth/token",
		ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		Scopes:     []string{"read"},
		HTTPClient: p.HTTPClient,
	}
}

func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.get(ctx, creds, "/me", nil) // not only Token, which may return a token that is kept
}

// get sends a request and decodes the response into result.
func (p *Provider) get(ctx context.Context, creds Credentials, path string, result any) error {
	grant := p.grant(creds)
	for attempt := 1; ; attempt++ {
		token, err := grant.Token(ctx)
		if err != nil {
			return err
		}
		req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.service.example"+path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
		err = runtime.DoJSON(p.HTTPClient, req, result)
		if runtime.StatusCode(err) != http.StatusUnauthorized || attempt == 2 {
			return err
		}
		grant.Forget(token) // it was revoked: ask for another one
	}
}

// TestClient is the same as in docs/oauth.md, too.
func TestClient(t *testing.T) {
	t.Parallel()
	server, down := difytest.NewAuthServer(t), difytest.NewAuthServer(t)
	server.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !server.Authorized(r) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	down.Set(difytest.Behavior{Down: true})
	h := difytest.Start(t, newPlugin(&Provider{HTTPClient: server.HTTPClient()}))
	difytest.TestCredentials(t, h, difytest.CredentialsTest{
		Valid:       map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret},
		Wrong:       map[string]any{"client_id": server.ClientID, "client_secret": "another"},
		Unreachable: newPlugin(&Provider{HTTPClient: down.HTTPClient()}),
	})
}

// TestRevoked tests what happens when a token is revoked, and then its client.
func TestRevoked(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	server.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !server.Authorized(r) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "%q", r.Host+" "+r.Header.Get("Authorization"))
	})
	p := &Provider{HTTPClient: server.HTTPClient()}
	creds := Credentials{server.ClientID, runtime.NewSecret(server.ClientSecret)}
	var first, kept, second string
	for _, sent := range []*string{&first, &kept} {
		if err := p.get(t.Context(), creds, "/me", sent); err != nil || !strings.HasPrefix(*sent, "api.service.example Bearer ") {
			t.Errorf("got %q, %v", *sent, err)
		}
	}
	server.RevokeTokens()
	if err := p.get(t.Context(), creds, "/me", &second); err != nil || first != kept || second == kept {
		t.Errorf("got %q and %q, then %q, %v", first, kept, second, err)
	}
	server.RevokeTokens()
	server.ClientSecret = "another"
	check(t, p.ValidateCredentials(t.Context(), creds), "the authorization server returned invalid_client")
	creds.ClientSecret = runtime.NewSecret(server.ClientSecret)
	server.API = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	if err := p.ValidateCredentials(t.Context(), creds); runtime.StatusCode(err) != http.StatusUnauthorized {
		t.Errorf("an API that rejects every token: %v", err)
	}
}

// TestTasks is the same as in docs/oauth.md, too.
func TestTasks(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	config := tasks()
	config.HTTPClient = server.HTTPClient() // sends the requests for https://eu.tasks.example to server
	h := difytest.Start(t, newPlugin(&Provider{Flow: authcode.MustNew(DecodeOAuthCredentials, config)}))
	difytest.TestOAuth(t, h, difytest.OAuthTest{
		Server:  server,
		Client:  map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret, "region": "eu"},
		Refused: []map[string]any{{"scope": "tasks:read"}},
	})
}

// TestRegion checks the region that the flow stores.
func TestRegion(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	config := tasks()
	config.HTTPClient = server.HTTPClient()
	h := difytest.Start(t, newPlugin(&Provider{Flow: authcode.MustNew(DecodeOAuthCredentials, config)}))
	flow := h.OAuth(map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret, "region": "EU"})
	location, err := flow.AuthorizationURL()
	if err != nil || !strings.HasPrefix(location, "https://eu.tasks.example/oauth/authorize?") {
		t.Fatalf("got %q, %v", location, err)
	}
	grant, err := flow.Exchange(server.Browse(t, location))
	if err != nil || grant.Credentials.Reveal()["region"] != "eu" {
		t.Errorf("got %v, %v", grant.Credentials.Reveal()["region"], err)
	}
}

// newPlugin returns a plugin with that provider.
func newPlugin(p *Provider) *serve.Plugin {
	adapter := runtime.NewTool(runtime.ToolConfig{
		Name: "service",
		ValidateCredentials: func(ctx context.Context, values map[string]any) error {
			d := runtime.NewDecoder("Service", values)
			creds := Credentials{d.Text("client_id", "Client ID", runtime.FieldRequired), d.Secret("client_secret", "Client secret", runtime.FieldRequired)}
			if err := d.Err(); err != nil {
				return err
			}
			return p.ValidateCredentials(ctx, creds)
		},
		OAuth: runtime.BindOAuth[OAuthClient, OAuthCredentials](p, decodeOAuthClient, DecodeOAuthCredentials),
	})
	return serve.NewPlugin(serve.Declaration{
		Author: "difygen", Name: "service", Version: "0.0.1", Manifest: "{}",
		Providers: []serve.ProviderDeclaration{{Type: "tool_declaration", Data: declaration}},
	}, nil, adapter)
}

// declaration declares what the functions above decode.
const declaration = `{"identity":{"name":"service"},"tools":[],"credentials_schema":[
	{"name":"client_id","type":"text-input","required":true},{"name":"client_secret","type":"secret-input","required":true}],"oauth_schema":{"client_schema":[
	{"name":"client_id","type":"text-input"},{"name":"client_secret","type":"secret-input"},{"name":"tenant","type":"text-input"},{"name":"region","type":"text-input"}],"credentials_schema":[
	{"name":"access_token","type":"secret-input"},{"name":"refresh_token","type":"secret-input"},{"name":"region","type":"text-input"}]}}`

// TestServices tests each configuration with a server that behaves like the service.
func TestServices(t *testing.T) {
	t.Parallel()
	with := func(config authcode.Config[OAuthClient, OAuthCredentials]) func(*http.Client) *authcode.Flow[OAuthClient, OAuthCredentials] {
		return func(client *http.Client) *authcode.Flow[OAuthClient, OAuthCredentials] {
			config.HTTPClient = client
			return authcode.MustNew(DecodeOAuthCredentials, config)
		}
	}
	for name, test := range map[string]struct {
		flow     func(*http.Client) *authcode.Flow[OAuthClient, OAuthCredentials]
		behavior difytest.Behavior
		lasting  bool
		refused  []map[string]any
	}{
		"GitHub":               {func(client *http.Client) *authcode.Flow[OAuthClient, OAuthCredentials] { return New(client).Flow }, difytest.Behavior{NoExpiry: true, ErrorIn200: true}, true, nil},
		"GitHub with expiries": {func(client *http.Client) *authcode.Flow[OAuthClient, OAuthCredentials] { return New(client).Flow }, difytest.Behavior{}, false, nil},
		"Google":               {with(google()), difytest.Behavior{OfflineConsent: true}, false, nil},
		"Microsoft":            {with(microsoft()), difytest.Behavior{Rotate: true, Extra: map[string]any{"ext_expires_in": 3600, "id_token": "x"}}, false, nil},
		"Notion":               {with(notion()), difytest.Behavior{NoExpiry: true, Extra: map[string]any{"workspace_name": "Team"}, BasicOnly: true}, true, nil},
		"Slack": {with(slack()), difytest.Behavior{
			NoExpiry: true, ErrorIn200: true,
			Extra: map[string]any{"ok": true, "token_type": "bot", "authed_user": map[string]any{"id": "U1", "access_token": "xoxp-user"}},
		}, true, nil},
		"Tasks": {with(tasks()), difytest.Behavior{Rotate: true}, false, []map[string]any{{"scope": "tasks:read"}, {"scope": []string{"tasks:read"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := difytest.NewAuthServer(t)
			flow := test.flow(server.HTTPClient())
			difytest.TestOAuth(t, difytest.Start(t, newPlugin(&Provider{Flow: flow})), difytest.OAuthTest{
				Server: server, Behavior: test.behavior, NoRefresh: test.lasting,
				Refused: test.refused,
				Client:  map[string]any{"client_id": server.ClientID, "client_secret": server.ClientSecret, "tenant": "common", "region": "eu"},
			})
		})
	}
}
