package magpie

import "context"

// SiteProvider makes up a website.
type SiteProvider struct{}

var (
	_ SiteCredentialsValidator = (*SiteProvider)(nil)
	_ SiteDatasources          = (*SiteProvider)(nil)
)

// ValidateCredentials checks the key.
func (p *SiteProvider) ValidateCredentials(_ context.Context, creds SiteCredentials) error {
	return authenticate(creds.APIKey)
}
