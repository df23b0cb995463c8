package shapes

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// AllShapesProvider connects All shapes. This file is yours: difygen wrote it once and will
// not touch it again.
//
// You must write the methods of AllShapesOAuthFlow. With package authcode, they are as
// follows. They import context, github.com/difygen/difygen/runtime,
// github.com/difygen/difygen/runtime/authcode, golang.org/x/oauth2 and net/http.
//
//	func (p *AllShapesProvider) flow() *authcode.Config[AllShapesOAuthClient, AllShapesOAuthCredentials] {
//		return &authcode.Config[AllShapesOAuthClient, AllShapesOAuthCredentials]{
//			Endpoint: oauth2.Endpoint{
//				AuthURL:  "https://service.example/authorize",
//				TokenURL: "https://service.example/token",
//			},
//			Scopes:     []string{"read"},
//			Decode:     DecodeAllShapesOAuthCredentials,
//			HTTPClient: p.HTTPClient,
//		}
//	}
//
//	func (p *AllShapesProvider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client AllShapesOAuthClient) (string, error) {
//		return p.flow().AuthorizationURL(ctx, redirectURI, client)
//	}
//
//	func (p *AllShapesProvider) OAuthGetCredentials(ctx context.Context, redirectURI string, client AllShapesOAuthClient, callback *http.Request) (runtime.OAuthResult[AllShapesOAuthCredentials], error) {
//		return p.flow().Credentials(ctx, redirectURI, client, callback)
//	}
//
//	func (p *AllShapesProvider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client AllShapesOAuthClient, creds AllShapesOAuthCredentials) (runtime.OAuthResult[AllShapesOAuthCredentials], error) {
//		return p.flow().Refresh(ctx, redirectURI, client, creds)
//	}
type AllShapesProvider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If AllShapesProvider lacks a method, the compiler reports it here.
var (
	_ AllShapesCredentialsValidator = (*AllShapesProvider)(nil)
	_ AllShapesOAuthFlow            = (*AllShapesProvider)(nil)
)

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.Secret.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *AllShapesProvider) ValidateCredentials(ctx context.Context, creds AllShapesCredentials) error {
	return runtime.ErrNotImplemented
}
