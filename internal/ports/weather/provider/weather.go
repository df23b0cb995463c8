// Package weather tells the weather of a city.
package weather

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Weather. The zero value uses the real service.
type Provider struct {
	URL string
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks for the languages, which every key may.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	_, err := p.languages(ctx, creds)
	return err
}

// languages returns the languages of the service.
func (p *Provider) languages(ctx context.Context, creds Credentials) ([]runtime.Choice, error) {
	var languages []struct{ Code, Name string }
	if err := p.get(ctx, creds, "/languages", url.Values{}, &languages); err != nil {
		return nil, err
	}
	choices := make([]runtime.Choice, len(languages))
	for i, l := range languages {
		choices[i] = runtime.Choice{Value: l.Code, Label: l.Name}
	}
	return choices, nil
}

// get asks the service, which takes the key in the URL.
func (p *Provider) get(ctx context.Context, creds Credentials, path string, query url.Values, result any) error {
	query.Set("appid", creds.APIKey.Reveal())
	address := cmp.Or(p.URL, "https://api.weather.example") + path + "?" + query.Encode()
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	err = runtime.DoJSON(nil, req, result)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("the service rejects the API key")
	case http.StatusNotFound:
		return errors.New("the service does not know this city")
	}
	return err
}
