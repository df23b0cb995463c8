// Package notion connects Dify to Notion as a data source, with an integration secret or
// OAuth.
package notion

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider connects to Notion.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
	// APIURL is the URL of Notion's API; empty means api.notion.com.
	APIURL string
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
)

// ValidateCredentials asks Notion who the secret belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, p.url("/v1/users/me"), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.IntegrationSecret.Reveal())
	req.Header.Set("Notion-Version", "2022-06-28")
	var bot struct{ Type string }
	err = runtime.DoJSON(p.HTTPClient, req, &bot)
	switch {
	case runtime.StatusCode(err) == http.StatusUnauthorized:
		return errors.New("Notion rejects the integration secret") //nolint:staticcheck // a name
	case err == nil && bot.Type != "bot":
		return errors.New("Notion does not identify the secret") //nolint:staticcheck // a name
	}
	return err
}

func (p *Provider) url(path string) string {
	return cmp.Or(p.APIURL, "https://api.notion.com") + path
}
