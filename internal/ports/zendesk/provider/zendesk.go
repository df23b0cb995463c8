// Package zendesk starts workflows of Dify when something happens to tickets and articles of Zendesk.
package zendesk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects Zendesk. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]

	httpClient *http.Client
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator    = (*Provider)(nil)
	_ OAuthFlow               = (*Provider)(nil)
	_ SubscriptionConstructor = (*Provider)(nil)
	_ Trigger                 = (*Provider)(nil)
)

// New returns a provider that sends requests with client. A nil one means http.DefaultClient.
func New(client *http.Client) *Provider {
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			EndpointFor: func(client OAuthClient) (oauth2.Endpoint, error) {
				url, err := base(client.Subdomain)
				return oauth2.Endpoint{AuthURL: url + "/oauth/authorizations/new", TokenURL: url + "/oauth/tokens"}, err
			},
			Scopes: []string{"read", "write"},
			JSON:   true,
			Fields: func(client OAuthClient, _ authcode.TokenResponse) (map[string]any, error) {
				return map[string]any{"subdomain": client.Subdomain}, nil
			},
			HTTPClient: client,
		}),
		httpClient: client,
	}
}

// base returns the URL of an account. Nothing that a user enters leads to the hosts of others.
func base(subdomain string) (string, error) {
	label, err := authcode.HostLabel(subdomain)
	if err != nil {
		return "", fmt.Errorf("the subdomain must be what comes before .zendesk.com: %w", err)
	}
	return "https://" + label + ".zendesk.com", nil
}

// ValidateCredentials asks for webhooks, which only administrators see.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.call(ctx, creds, http.MethodGet, "/webhooks?page[size]=1", nil, nil)
}

// call asks the API.
func (p *Provider) call(ctx context.Context, creds AnyCredentials, method, path string, body, result any) error {
	var subdomain, authorization string
	switch creds := creds.(type) {
	case Credentials:
		user := creds.Email + "/token:" + creds.APIToken.Reveal()
		subdomain, authorization = creds.Subdomain, "Basic "+base64.StdEncoding.EncodeToString([]byte(user))
	case OAuthCredentials:
		subdomain, authorization = creds.Subdomain, "Bearer "+creds.AccessToken.Reveal()
	}
	url, err := base(subdomain)
	if err != nil {
		return err
	}
	req, err := runtime.NewJSONRequest(ctx, method, url+"/api/v2"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", authorization)
	err = runtime.DoJSON(p.httpClient, req, result)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("Zendesk does not accept the credentials") //nolint:staticcheck // a name
	case http.StatusForbidden:
		return errors.New("only administrators of Zendesk may do this, or the token does not allow it")
	}
	return err
}
