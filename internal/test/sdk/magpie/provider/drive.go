package magpie

import "context"

// DriveProvider makes up a drive.
type DriveProvider struct{}

var (
	_ DriveCredentialsValidator = (*DriveProvider)(nil)
	_ DriveDatasources          = (*DriveProvider)(nil)
)

// ValidateCredentials checks the key.
func (p *DriveProvider) ValidateCredentials(_ context.Context, creds DriveCredentials) error {
	return authenticate(creds.APIKey)
}
