// Package nosource connects Dify to No source.
package nosource

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects No source. This file is yours: difygen wrote it once and will not touch it
// again.
//
// You must write the methods of OAuthFlow, or embed a flow that has them. For that, add this
// field to Provider:
//
//	*authcode.Flow[OAuthClient, OAuthCredentials]
//
// Then paste this function, import github.com/difygen/difygen/runtime/authcode,
// golang.org/x/oauth2 and net/http, and run go mod tidy.
//
//	// New returns the provider with its OAuth flow, which sends requests with client. Call it in
//	// main.go. The embedded flow has the methods of OAuthFlow.
//	func New(client *http.Client) *Provider {
//		return &Provider{
//			Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
//				Endpoint: oauth2.Endpoint{
//					AuthURL:  "https://service.example/authorize",
//					TokenURL: "https://service.example/token",
//				},
//				Scopes:     []string{"read"},
//				HTTPClient: client,
//			}),
//			HTTPClient: client,
//		}
//	}
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
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
