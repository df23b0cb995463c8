package oneway

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// The methods of OAuthFlow, as tests need them: they return what they are given.

func (p *Provider) OAuthGetAuthorizationURL(_ context.Context, redirectURI string, client OAuthClient) (string, error) {
	return redirectURI + "?client_id=" + client.ClientID, nil
}

func (p *Provider) OAuthGetCredentials(_ context.Context, _ string, _ OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
	token := runtime.NewSecret(callback.URL.Query().Get("code"))
	return runtime.OAuthResult[OAuthCredentials]{Credentials: OAuthCredentials{AccessToken: token}}, nil
}

func (p *Provider) OAuthRefreshCredentials(_ context.Context, _ string, _ OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
	return runtime.OAuthResult[OAuthCredentials]{Credentials: creds}, nil
}
