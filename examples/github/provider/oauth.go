package github

import (
	"cmp"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime/authcode"
)

// Service is where GitHub is. The zero value is github.com.
type Service struct {
	HTTPClient     *http.Client // nil means http.DefaultClient
	WebURL, APIURL string       // empty means those of github.com
}

// New returns a provider that connects to GitHub. Tokens of OAuth apps do not expire; those of
// GitHub Apps do, and come with a refresh token.
func New(service Service) *Provider {
	web := cmp.Or(service.WebURL, "https://github.com")
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			Endpoint:   oauth2.Endpoint{AuthURL: web + "/login/oauth/authorize", TokenURL: web + "/login/oauth/access_token"},
			Scopes:     []string{"repo"},
			Lasting:    true,
			HTTPClient: service.HTTPClient,
		}),
		service: service,
	}
}
