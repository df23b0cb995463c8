package notion

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Service is where Notion is. The zero value is api.notion.com.
type Service struct {
	HTTPClient *http.Client // nil means http.DefaultClient
	APIURL     string       // empty means that of api.notion.com
}

// New returns a provider that connects to Notion. Its OAuth is unusual: the client
// authenticates by HTTP basic authentication, requests are JSON, there is no PKCE, and tokens
// do not expire.
func New(service Service) *Provider {
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			Endpoint: oauth2.Endpoint{
				AuthURL: service.url("/v1/oauth/authorize"), TokenURL: service.url("/v1/oauth/token"), AuthStyle: oauth2.AuthStyleInHeader,
			},
			AuthParams: map[string]string{"owner": "user"},
			JSON:       true,
			NoPKCE:     true,
			Lasting:    true,
			Accept:     workspace,
			HTTPClient: service.HTTPClient,
		}),
		service: service,
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
