package notion

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// flow describes Notion's OAuth: the client authenticates by HTTP basic
// authentication, requests are JSON, there is no PKCE, and tokens do not expire.
func (p *Provider) flow() *authcode.Config[OAuthClient, OAuthCredentials] {
	return &authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint: oauth2.Endpoint{
			AuthURL: p.url("/v1/oauth/authorize"), TokenURL: p.url("/v1/oauth/token"), AuthStyle: oauth2.AuthStyleInHeader,
		},
		AuthParams:  map[string]string{"owner": "user"},
		JSON:        true,
		NoPKCE:      true,
		KeepLasting: true,
		Decode:      DecodeOAuthCredentials,
		Accept:      workspace,
		HTTPClient:  p.HTTPClient,
	}
}

// workspace returns the name of the workspace, so that users can tell their connections
// apart.
func workspace(_ context.Context, _ OAuthClient, response authcode.TokenResponse, result *runtime.OAuthResult[OAuthCredentials]) error {
	result.Metadata.Name, _ = response.Value("workspace_name").(string)
	if icon, _ := response.Value("workspace_icon").(string); strings.HasPrefix(icon, "https://") { // it may be an emoji
		result.Metadata.AvatarURL = icon
	}
	return nil
}

// OAuthGetAuthorizationURL sends the browser to Notion, where the user picks pages.
func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
	return p.flow().AuthorizationURL(ctx, redirectURI, client)
}

// OAuthGetCredentials exchanges the code in the callback.
func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Credentials(ctx, redirectURI, client, callback)
}

// OAuthRefreshCredentials returns creds: Notion's tokens do not expire.
func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return p.flow().Refresh(ctx, redirectURI, client, creds)
}
