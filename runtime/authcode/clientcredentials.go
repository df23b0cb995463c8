package authcode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/difygen/difygen/runtime"
)

// ClientCredentials is the client credentials grant (RFC 6749, section 4.4): the ID and the
// secret of a client, which users enter as credentials, give an access token. Only TokenURL,
// ClientID and ClientSecret are required. Make one for each call of the plugin: tokens are
// shared by all that would send the same request with the same transport. That of HTTPClient
// must live as long as the plugin: with a new one for each call, each asks for a token.
type ClientCredentials struct {
	// TokenURL must use https, except on the local machine.
	TokenURL string
	// AuthStyle is how the client authenticates; zero means AuthStyleInParams.
	AuthStyle oauth2.AuthStyle
	ClientID  string
	// ClientSecret is sent to the host of TokenURL only.
	ClientSecret runtime.Secret
	// Scopes are the scopes to request.
	Scopes []string
	// TokenParams are additional parameters of the token request, such as an audience.
	TokenParams map[string]string
	// JSON, TokenTypes and Expiry are as in Config.
	JSON       bool
	TokenTypes []string
	Expiry     func(TokenResponse) (time.Time, error)
	// Lifetime is how long a token lasts if the response does not say. Zero means five
	// minutes.
	Lifetime time.Duration
	// HTTPClient and Now are as in Config.
	HTTPClient *http.Client
	Now        func() time.Time
}

const (
	// usualClientLifetime is how long a token is kept if nothing says how long it lasts.
	usualClientLifetime = 5 * time.Minute
	// maxMargin is how long before its expiry a token is replaced, so that a request that
	// takes time does not arrive with an expired one. Of short lifetimes, it is a tenth.
	maxMargin = time.Minute
	// maxClientLifetime is how long a token is kept at most.
	maxClientLifetime = 24 * time.Hour
)

// Token returns an access token. It is kept and shared until shortly before it expires, unless
// it is longer than some 31 KiB; calls at the same time share one request. A request takes at
// most Timeout.
//
// The error is an *Error if the server refuses, and matches runtime.ErrUnreachable if the
// server could not be reached or did not respond in time. If ctx is done from the start, the
// error is that of ctx, also if a token is kept. Errors are not kept.
func (c *ClientCredentials) Token(ctx context.Context) (runtime.Secret, error) {
	if err := c.check(); err != nil {
		return runtime.Secret{}, err
	}
	config := clientcredentials.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), TokenURL: c.TokenURL, Scopes: c.Scopes, AuthStyle: knownStyle(c.AuthStyle),
	}
	get := func() (TokenResponse, error) {
		return sharing.do(ctx, c.key(), func(ctx context.Context) (TokenResponse, time.Duration, error) {
			r, err := c.endpoint().request(ctx, forClient, []string{c.ClientSecret.Reveal()}, func(ctx context.Context) error {
				_, err := config.Token(ctx)
				return err
			})
			if err != nil {
				return TokenResponse{}, 0, err
			}
			return c.kept(r)
		})
	}
	r, err := get()
	if err == nil && !r.ExpiresAt.IsZero() && !timeNow(c.Now).Before(r.ExpiresAt) { // timers stand still while a machine sleeps
		c.Forget(r.AccessToken)
		r, err = get()
	}
	return r.AccessToken, err
}

// Forget makes the next call of Token request a new one, unless token is not the one that is
// kept. Call it if the service rejects the token, such as with status 401.
func (c *ClientCredentials) Forget(token runtime.Secret) { sharing.forgetToken(c.key(), token) }

// kept returns what is kept of a response, for how long and until when, which is zero if it is
// not kept.
func (c *ClientCredentials) kept(r TokenResponse) (TokenResponse, time.Duration, error) {
	if r.AccessToken.IsZero() {
		return TokenResponse{}, 0, errors.New("the token response has no access_token")
	}
	if err := checkTokens(map[string]any{"access_token": r.AccessToken.Reveal()}); err != nil {
		return TokenResponse{}, 0, err
	}
	said, err := r.expiry(c.Expiry)
	if err != nil {
		return TokenResponse{}, 0, err
	}
	left := cmp.Or(c.Lifetime, usualClientLifetime)
	if !said.IsZero() {
		left = said.Sub(r.received)
	}
	left = min(left-min(maxMargin, left/10), maxClientLifetime)
	kept := r.only(func(name string) bool { return name == "access_token" })
	if left <= 0 {
		return kept, 0, nil
	}
	kept.ExpiresAt = r.received.Add(left)
	return kept, left, nil
}

// check checks the settings.
func (c *ClientCredentials) check() error {
	if c.ClientID == "" || c.ClientSecret.IsZero() {
		return errors.New("the ID and the secret of the client are required")
	}
	if err := checkTokenURL(c.TokenURL); err != nil {
		return err
	}
	if err := checkTokenParams(c.TokenParams); err != nil {
		return fmt.Errorf("authcode.ClientCredentials.%w", err)
	}
	if _, set := c.TokenParams["scope"]; set && len(c.Scopes) > 0 {
		return errors.New("authcode.ClientCredentials must not contain the scope both in TokenParams and in Scopes")
	}
	if c.Lifetime < 0 {
		return errors.New("authcode.ClientCredentials.Lifetime must not be negative")
	}
	return nil
}

func (c *ClientCredentials) endpoint() tokenEndpoint {
	return tokenEndpoint{params: c.TokenParams, json: c.JSON, types: c.TokenTypes, client: c.HTTPClient, now: c.Now}
}

func (c *ClientCredentials) key() shareKey {
	endpoint := oauth2.Endpoint{TokenURL: c.TokenURL, AuthStyle: knownStyle(c.AuthStyle)}
	return c.endpoint().key("client_credentials", endpoint, c.ClientID, c.ClientSecret, c.Scopes...)
}
