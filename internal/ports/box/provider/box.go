// Package box lists and reads the files of Box.
package box

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects Box. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]

	service Service
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ OAuthFlow   = (*Provider)(nil)
	_ Datasources = (*Provider)(nil)
)

// Service is where Box is. The zero value is box.com.
type Service struct {
	HTTPClient     *http.Client // nil means one with a timeout for large files
	WebURL, APIURL string       // empty means those of box.com
}

// New returns a provider that connects to Box. Its refresh tokens are good for one refresh.
func New(service Service) *Provider {
	service.HTTPClient = cmp.Or(service.HTTPClient, &http.Client{Timeout: 2 * time.Minute})
	service.APIURL = cmp.Or(service.APIURL, "https://api.box.com")
	p := &Provider{service: service}
	p.Flow = authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
		Endpoint: oauth2.Endpoint{
			AuthURL: cmp.Or(service.WebURL, "https://account.box.com") + "/api/oauth2/authorize", TokenURL: service.APIURL + "/oauth2/token",
		},
		Scopes:     []string{"root_readonly"},
		NoPKCE:     true, // Box does not document it
		Accept:     p.account,
		HTTPClient: service.HTTPClient,
	})
	return p
}

// account returns whose account it is.
func (p *Provider) account(ctx context.Context, _ OAuthClient, _ authcode.TokenResponse, result *runtime.OAuthResult[OAuthCredentials]) error {
	var user struct{ Name, Login string }
	if err := p.get(ctx, result.Credentials, "/users/me?fields=name,login", &user); err != nil {
		return err
	}
	result.Metadata.Name = cmp.Or(user.Name, user.Login)
	return nil
}

// get gets JSON.
func (p *Provider) get(ctx context.Context, creds OAuthCredentials, path string, result any) error {
	req, err := p.request(ctx, creds, path)
	if err != nil {
		return err
	}
	return explain(runtime.DoJSON(p.service.HTTPClient, req, result))
}

func (p *Provider) request(ctx context.Context, creds OAuthCredentials, path string) (*http.Request, error) {
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, p.service.APIURL+"/2.0"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	return req, nil
}

// explain returns an error with what to do about it.
func explain(err error) error {
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("Box does not accept the token any more: authorize again") //nolint:staticcheck // a name
	case http.StatusForbidden:
		return errors.New("the account or the app is not allowed to read this: check its permissions in Box")
	case http.StatusNotFound:
		return errors.New("there is no such file or folder any more")
	}
	return err
}
