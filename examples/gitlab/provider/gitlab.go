// Package gitlab starts workflows of Dify when something happens in a GitLab project.
package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// Provider connects to GitLab.
type Provider struct {
	// HTTPClient makes the requests; nil means http.DefaultClient.
	HTTPClient *http.Client
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator    = (*Provider)(nil)
	_ SubscriptionConstructor = (*Provider)(nil)
	_ Trigger                 = (*Provider)(nil)
)

// ValidateCredentials asks GitLab who the token belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	var user struct{ Username string }
	err := p.do(ctx, creds, http.MethodGet, "user", nil, &user)
	if runtime.StatusCode(err) == http.StatusNotFound || err == nil && user.Username == "" {
		return errors.New("the response is not from GitLab: check the server URL")
	}
	return err
}

// do sends a request to the REST API and decodes the response into result.
func (p *Provider) do(ctx context.Context, creds AnyCredentials, method, path string, body, result any) error {
	token, ok := creds.(Credentials)
	if !ok {
		return errors.New("GitLab is connected by an access token only")
	}
	errURL := errors.New("the server URL must be one such as https://gitlab.com")
	base, err := url.Parse(token.ServerURL)
	if err != nil || base.User != nil {
		return errURL
	}
	req, err := runtime.NewJSONRequest(ctx, method, base.JoinPath("api/v4").String()+"/"+path, body)
	if err != nil {
		return errURL
	}
	req.Header.Set("Authorization", "Bearer "+token.AccessToken.Reveal())
	err = runtime.DoJSON(p.HTTPClient, req, result)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("GitLab rejects the access token; it may have expired")
	case http.StatusForbidden:
		return errors.New("the access token's scope or role does not allow this")
	}
	return err
}
