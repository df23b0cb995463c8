package chosen

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Chosen. This file is yours: difygen wrote it once and will not touch it
// again.
type Provider struct{}

// ValidateProviderCredentials asks the service whether creds work, by the cheapest call that
// needs them, such as:
//
//	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/me", nil)
//	if err != nil {
//		return err
//	}
//	req.Header.Set("Authorization", "Bearer "+creds.PlainKey.Reveal())
//	resp, err := http.DefaultClient.Do(req)
//	if err != nil {
//		return runtime.Unreachable(err)
//	}
//	defer resp.Body.Close()
//	if resp.StatusCode != http.StatusOK {
//		return fmt.Errorf("the service returned %s", resp.Status)
//	}
//	return nil
func (p *Provider) ValidateProviderCredentials(ctx context.Context, creds ProviderCredentials) error {
	return runtime.ErrNotImplemented
}

// ValidateModelCredentials asks the service whether creds work, by a call such as the one
// above.
func (p *Provider) ValidateModelCredentials(ctx context.Context, modelType runtime.ModelType, model string, creds ModelCredentials) error {
	return runtime.ErrNotImplemented
}
