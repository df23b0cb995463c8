package names

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Plugin9NamesOfAllKindsProvider connects Names. This file is yours: difygen wrote it once and
// will not touch it again.
type Plugin9NamesOfAllKindsProvider struct {
	HTTPClient *http.Client // nil means http.DefaultClient
}

// If Plugin9NamesOfAllKindsProvider lacks a method, the compiler reports it here.
var _ Plugin9NamesOfAllKindsCredentialsValidator = (*Plugin9NamesOfAllKindsProvider)(nil)

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	return runtime.DoJSON(p.HTTPClient, req, nil)
func (p *Plugin9NamesOfAllKindsProvider) ValidateCredentials(ctx context.Context, creds Plugin9NamesOfAllKindsCredentials) error {
	return runtime.ErrNotImplemented
}
