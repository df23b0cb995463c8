package forms

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// The methods of AllFormsOAuthFlow, as the compiler asks for them.

func (p *AllFormsProvider) OAuthGetAuthorizationURL(context.Context, string, AllFormsOAuthClient) (string, error) {
	return "", runtime.ErrNotImplemented
}

func (p *AllFormsProvider) OAuthGetCredentials(context.Context, string, AllFormsOAuthClient, *http.Request) (runtime.OAuthResult[AllFormsOAuthCredentials], error) {
	return runtime.OAuthResult[AllFormsOAuthCredentials]{}, runtime.ErrNotImplemented
}

func (p *AllFormsProvider) OAuthRefreshCredentials(context.Context, string, AllFormsOAuthClient, AllFormsOAuthCredentials) (runtime.OAuthResult[AllFormsOAuthCredentials], error) {
	return runtime.OAuthResult[AllFormsOAuthCredentials]{}, runtime.ErrNotImplemented
}
