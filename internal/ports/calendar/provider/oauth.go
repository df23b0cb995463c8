package calendar

import (
	"cmp"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime/authcode"
)

// Service is where the service is. The zero value is calendar.example.
type Service struct {
	HTTPClient      *http.Client // nil means http.DefaultClient
	AuthURL, APIURL string       // empty means those of calendar.example
}

// New returns a provider that connects to the service, which gives a refresh token only if it
// is asked for one.
func New(service Service) *Provider {
	web := cmp.Or(service.AuthURL, "https://auth.calendar.example")
	return &Provider{
		Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
			Endpoint:   oauth2.Endpoint{AuthURL: web + "/authorize", TokenURL: web + "/token"},
			Scopes:     []string{"calendar"},
			AuthParams: map[string]string{"access_type": "offline", "prompt": "consent"},
			HTTPClient: service.HTTPClient,
		}),
		service: service,
	}
}
