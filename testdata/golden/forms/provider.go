package forms

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// AllFormsProvider connects All forms. This file is yours: difygen wrote it once and will not
// touch it again.
//
// You must write the methods of AllFormsOAuthFlow:
//
//	func (p *AllFormsProvider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client AllFormsOAuthClient) (string, error)
//	func (p *AllFormsProvider) OAuthGetCredentials(ctx context.Context, redirectURI string, client AllFormsOAuthClient, callback *http.Request) (runtime.OAuthResult[AllFormsOAuthCredentials], error)
//	func (p *AllFormsProvider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client AllFormsOAuthClient, creds AllFormsOAuthCredentials) (runtime.OAuthResult[AllFormsOAuthCredentials], error)
type AllFormsProvider struct{}

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
func (p *AllFormsProvider) ValidateCredentials(ctx context.Context, creds AllFormsCredentials) error {
	return runtime.ErrNotImplemented
}
