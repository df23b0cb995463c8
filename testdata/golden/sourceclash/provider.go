// Package sourceclash connects Dify to Clash.
package sourceclash

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Clash. This file is yours: difygen wrote it once and will not touch it
// again.
type Provider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Datasources          = (*Provider)(nil)
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
