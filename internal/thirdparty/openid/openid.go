// Package openid is a test provider for OpenID Connect services.
package openid

//go:generate go tool difygen openid.yaml

import (
	"net/url"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects to a service. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]
}

// New returns a provider.
func New() *Provider {
	return &Provider{authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
		EndpointFor: endpoint,
		Scopes:      []string{"openid", "offline_access"},
		AuthParams:  map[string]string{"prompt": "consent"},
	})}
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
