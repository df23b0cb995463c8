package calendar

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// The methods of OAuthFlow, as tests need them.

func (p *Provider) OAuthGetAuthorizationURL(context.Context, string, OAuthClient) (string, error) {
	return "", runtime.ErrNotImplemented
}

func (p *Provider) OAuthGetCredentials(context.Context, string, OAuthClient, *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented
}

func (p *Provider) OAuthRefreshCredentials(context.Context, string, OAuthClient, OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{}, runtime.ErrNotImplemented
}
