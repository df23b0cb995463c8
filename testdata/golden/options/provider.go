package options

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Options. This file is yours: difygen wrote it once and will not touch it
// again.
type Provider struct{}

// ValidateCredentials asks the service whether creds work, by the cheapest call that needs
// them, such as:
//
//	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	resp, err := http.DefaultClient.Do(req)
//	if err != nil {
//		return runtime.Unreachable(err)
//	}
//	defer resp.Body.Close()
//	if resp.StatusCode != http.StatusOK {
//		return fmt.Errorf("the service returned %s", resp.Status)
//	}
//	return nil
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return runtime.ErrNotImplemented
}
