// Package toolbox connects Dify to Toolbox.
package toolbox

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Toolbox. This file is yours: difygen wrote it once and will not touch it
// again.
//
// You must write the methods of OAuthFlow. With package authcode, they are as follows. They
// import context, github.com/difygen/difygen/runtime,
// github.com/difygen/difygen/runtime/authcode, golang.org/x/oauth2 and net/http.
//
//	func (p *Provider) flow() *authcode.Config[OAuthClient, OAuthCredentials] {
//		return &authcode.Config[OAuthClient, OAuthCredentials]{
//			Endpoint: oauth2.Endpoint{
//				AuthURL:  "https://service.example/authorize",
//				TokenURL: "https://service.example/token",
//			},
//			Scopes:     []string{"read"},
//			Decode:     DecodeOAuthCredentials,
//			HTTPClient: p.HTTPClient,
//		}
//	}
//
//	func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
//		return p.flow().AuthorizationURL(ctx, redirectURI, client)
//	}
//
//	func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
//		return p.flow().Credentials(ctx, redirectURI, client, callback)
//	}
//
//	func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
//		return p.flow().Refresh(ctx, redirectURI, client, creds)
//	}
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.APIKey.Reveal())
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return runtime.ErrNotImplemented
}
