package shapes

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// The methods of AllShapesOAuthFlow.

func (p *AllShapesProvider) OAuthGetAuthorizationURL(context.Context, string, AllShapesOAuthClient) (string, error) {
	return "", runtime.ErrNotImplemented
}

func (p *AllShapesProvider) OAuthGetCredentials(context.Context, string, AllShapesOAuthClient, *http.Request) (runtime.OAuthResult[AllShapesOAuthCredentials], error) {
	return runtime.OAuthResult[AllShapesOAuthCredentials]{}, runtime.ErrNotImplemented
}

func (p *AllShapesProvider) OAuthRefreshCredentials(context.Context, string, AllShapesOAuthClient, AllShapesOAuthCredentials) (runtime.OAuthResult[AllShapesOAuthCredentials], error) {
	return runtime.OAuthResult[AllShapesOAuthCredentials]{}, runtime.ErrNotImplemented
}
