// Package images draws pictures from words.
package images

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Images.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks for the models, which is free.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.call(ctx, creds, http.MethodGet, "/models", nil, nil)
}

// call asks the service.
func (p *Provider) call(ctx context.Context, creds Credentials, method, path string, body, result any) error {
	base := strings.TrimSuffix(cmp.Or(creds.BaseURL, "https://images.example/v1"), "/")
	req, err := runtime.NewJSONRequest(ctx, method, base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.APIKey.Reveal())
	err = runtime.DoJSON(nil, req, result)
	if runtime.StatusCode(err) == http.StatusUnauthorized {
		return errors.New("the service rejects the API key")
	}
	var status *runtime.StatusError
	var reason struct {
		Error struct{ Message string }
	}
	if errors.As(err, &status) && status.DecodeBody(&reason) == nil && reason.Error.Message != "" {
		return errors.New("the service says: " + reason.Error.Message)
	}
	return err
}
