// Package notion connects Dify to Notion as a data source, with an integration secret or
// OAuth.
package notion

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
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
)

// ValidateCredentials asks Notion who the secret belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, p.service.url("/v1/users/me"), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.IntegrationSecret.Reveal())
	req.Header.Set("Notion-Version", "2022-06-28")
	var bot struct{ Type string }
	err = runtime.DoJSON(p.service.HTTPClient, req, &bot)
	switch {
	case runtime.StatusCode(err) == http.StatusUnauthorized:
		return errors.New("Notion rejects the integration secret") //nolint:staticcheck // a name
	case err == nil && bot.Type != "bot":
		return errors.New("Notion does not identify the secret") //nolint:staticcheck // a name
	}
	return err
}

func (s Service) url(path string) string {
	return cmp.Or(s.APIURL, "https://api.notion.com") + path
}
