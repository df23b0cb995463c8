// Package notion connects Dify to Notion as a data source, with an integration secret or
// OAuth.
package notion

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects to Notion. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]

	service Service
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
	_ Datasources          = (*Provider)(nil)
)

// ValidateCredentials asks Notion who the secret belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	bot, err := p.connect(creds).bot(ctx)
	if err == nil && bot.Type != "bot" {
		return errors.New("Notion does not identify the secret") //nolint:staticcheck // a name
	}
	return err
}
