// Package github connects Dify to GitHub, with a personal access token or OAuth.
package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects to GitHub. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]

	service Service
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks GitHub who the token belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	var user struct{ Login string }
	err := p.get(ctx, creds, "/user", &user)
	if runtime.StatusCode(err) == http.StatusNotFound || err == nil && user.Login == "" {
		return errors.New("the response is not from GitHub: check the server URL")
	}
	return err
}

// server returns the URL of the REST API for these credentials, and their token.
func (p *Provider) server(creds AnyCredentials) (api string, token runtime.Secret, err error) {
	api = cmp.Or(p.service.APIURL, "https://api.github.com")
	switch c := creds.(type) {
	case OAuthCredentials:
		token = c.AccessToken
	case Credentials:
		token = c.AccessToken
		if c.Deployment == DeploymentServer {
			u, err := url.Parse(c.ServerURL)
			if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
				return "", token, errors.New("GitHub Enterprise Server needs a server URL such as https://github.example.com")
			}
			api = u.JoinPath("api/v3").String()
		}
	}
	return api, token, nil
}

// get sends a request to the REST API and decodes the response into result.
func (p *Provider) get(ctx context.Context, creds AnyCredentials, path string, result any) error {
	api, token, err := p.server(creds)
	if err != nil {
		return err
	}
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, api+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	err = runtime.DoJSON(p.service.HTTPClient, req, result)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("GitHub rejects the access token; it may have expired")
	case http.StatusForbidden, http.StatusTooManyRequests:
		return fmt.Errorf("GitHub forbids the request; check the permissions of the token and the rate limit: %w", err)
	}
	return err
}
