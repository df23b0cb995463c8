package calendar

import (
	"cmp"
	"context"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// flow describes the OAuth of the service, which gives a refresh token only if it is asked
// for one.
func (p *Provider) flow() *authcode.Config[OAuthClient, OAuthCredentials] {
	web := cmp.Or(p.AuthURL, "https://auth.calendar.example")
	return &authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint:   oauth2.Endpoint{AuthURL: web + "/authorize", TokenURL: web + "/token"},
		Scopes:     []string{"calendar"},
		AuthParams: map[string]string{"access_type": "offline", "prompt": "consent"},
		Decode:     DecodeOAuthCredentials,
		HTTPClient: p.HTTPClient,
	}
}

// OAuthGetAuthorizationURL returns where the user authorizes.
func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
	return p.flow().AuthorizationURL(ctx, redirectURI, client)
}

// OAuthGetCredentials exchanges the code in the callback.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Credentials(ctx, redirectURI, client, callback)
}

// OAuthRefreshCredentials returns a new access token.
func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Refresh(ctx, redirectURI, client, creds)
}
