package shapes

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// AllShapesProvider connects All shapes. This file is yours: difygen wrote it once and will
// not touch it again.
//
// You must write the methods of AllShapesOAuthFlow, or embed a flow that has them. For that,
// add this field to AllShapesProvider:
//
//	*authcode.Flow[AllShapesOAuthClient, AllShapesOAuthCredentials]
//
// Then paste this function, import github.com/difygen/difygen/runtime/authcode,
// golang.org/x/oauth2 and net/http, and run go mod tidy.
//
//	// NewAllShapes returns the provider with its OAuth flow, which sends requests with client.
//	// Call it in main.go. The embedded flow has the methods of AllShapesOAuthFlow.
//	func NewAllShapes(client *http.Client) *AllShapesProvider {
//		return &AllShapesProvider{
//			Flow: authcode.MustNew(DecodeAllShapesOAuthCredentials, authcode.Config[AllShapesOAuthClient, AllShapesOAuthCredentials]{
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
