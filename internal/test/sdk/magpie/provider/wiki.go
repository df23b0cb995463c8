package magpie

import "context"

// WikiProvider makes up a wiki.
type WikiProvider struct{}

var (
	_ WikiCredentialsValidator = (*WikiProvider)(nil)
	_ WikiDatasources          = (*WikiProvider)(nil)
)

// ValidateCredentials checks the key.
func (p *WikiProvider) ValidateCredentials(_ context.Context, creds WikiCredentials) error {
	return authenticate(creds.APIKey)
}
