// Package openid is a test provider for OpenID Connect services.
package openid

//go:generate go tool difygen openid.yaml

import (
	"context"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects to a service.
type Provider struct{}

func flow() *authcode.Config[OAuthClient, OAuthCredentials] {
	return &authcode.Config[OAuthClient, OAuthCredentials]{
		EndpointFor: endpoint,
		Scopes:      []string{"openid", "offline_access"},
		AuthParams:  map[string]string{"prompt": "consent"},
		Decode:      DecodeOAuthCredentials,
	}
}

// endpoint returns the endpoints of the test server.
func endpoint(client OAuthClient) (oauth2.Endpoint, error) {
	issuer, err := url.Parse(client.Issuer)
	if err != nil {
		return oauth2.Endpoint{}, err
	}
	return oauth2.Endpoint{
		AuthURL: issuer.JoinPath("auth").String(), TokenURL: issuer.JoinPath("oauth/token").String(), AuthStyle: oauth2.AuthStyleInHeader,
	}, nil
}

// OAuthGetAuthorizationURL sends the browser to the service.
func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
	return flow().AuthorizationURL(ctx, redirectURI, client)
}

// OAuthGetCredentials exchanges the code in the callback.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return flow().Credentials(ctx, redirectURI, client, callback)
}

// OAuthRefreshCredentials returns new tokens.
func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return flow().Refresh(ctx, redirectURI, client, creds)
}
