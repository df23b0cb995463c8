package shapes

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// AllShapesProvider connects All shapes. This file is yours: difygen wrote it once and will
// not touch it again.
//
// You must write the methods of AllShapesOAuthFlow:
//
//	func (p *AllShapesProvider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client AllShapesOAuthClient) (string, error)
//	func (p *AllShapesProvider) OAuthGetCredentials(ctx context.Context, redirectURI string, client AllShapesOAuthClient, callback *http.Request) (runtime.OAuthResult[AllShapesOAuthCredentials], error)
//	func (p *AllShapesProvider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client AllShapesOAuthClient, creds AllShapesOAuthCredentials) (runtime.OAuthResult[AllShapesOAuthCredentials], error)
type AllShapesProvider struct{}

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.Secret.Reveal())
//	resp, err := http.DefaultClient.Do(req)
//	if err != nil {
//		return runtime.Unreachable(err)
//	}
//	defer resp.Body.Close()
//	if resp.StatusCode != http.StatusOK {
//		return fmt.Errorf("the service returned %s", resp.Status)
//	}
//	return nil
func (p *AllShapesProvider) ValidateCredentials(ctx context.Context, creds AllShapesCredentials) error {
	return runtime.ErrNotImplemented
}
