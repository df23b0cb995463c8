package github

import (
	"cmp"
	"context"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// flow describes GitHub's OAuth. Tokens of OAuth apps do not expire; those of GitHub Apps
// do, and come with a refresh token.
func (p *Provider) flow() *authcode.Config[OAuthClient, OAuthCredentials] {
	web := cmp.Or(p.WebURL, "https://github.com")
	return &authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint:    oauth2.Endpoint{AuthURL: web + "/login/oauth/authorize", TokenURL: web + "/login/oauth/access_token"},
		Scopes:      []string{"repo"},
		Decode:      DecodeOAuthCredentials,
		KeepLasting: true,
		HTTPClient:  p.HTTPClient,
	}
}

// OAuthGetAuthorizationURL sends the browser to GitHub's consent page.
func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
	return p.flow().AuthorizationURL(ctx, redirectURI, client)
}

// OAuthGetCredentials exchanges the code in the callback.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Credentials(ctx, redirectURI, client, callback)
}

// OAuthRefreshCredentials returns a new access token if the old one can expire.
func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Refresh(ctx, redirectURI, client, creds)
}
