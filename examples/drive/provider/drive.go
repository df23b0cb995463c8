// Package drive lists and reads the files of S3-compatible storages.
package drive

import "context"

// Provider connects to storages.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Datasources          = (*Provider)(nil)
)

// ValidateCredentials lists the buckets or, if there is one to use, one object of it.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	s, err := newStorage(creds)
	if err != nil {
		return err
	}
	if s.only == "" {
		_, err = s.buckets(ctx)
	} else {
		_, err = s.list(ctx, s.only, listRequest{maxKeys: 1})
	}
	return err
}
