package authcode

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
)

// The parameters of an authorization request and of token requests that this package sets.
var (
	authReserved  = []string{"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"}
	tokenReserved = []string{"grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token"}
)

// check checks all that does not depend on a client.
func (c *Config[Client, Creds]) check() error {
	if c.EndpointFor == nil {
		if err := checkEndpoint(c.Endpoint); err != nil {
			return fmt.Errorf("authcode.Config.Endpoint: %w", err)
		}
	}
	for name := range c.AuthParams {
		switch {
		case name == "" || slices.Contains(authReserved, name):
			return fmt.Errorf("authcode.Config.AuthParams must not contain %q", name)
		case name == "scope" && len(c.Scopes) > 0:
			return errors.New("authcode.Config must not contain the scope both in AuthParams and in Scopes")
		}
	}
	if err := checkTokenParams(c.TokenParams); err != nil {
		return fmt.Errorf("authcode.Config.%w", err)
	}
	if _, set := c.TokenParams["code_verifier"]; set && !c.NoPKCE {
		return errors.New("authcode.Config.TokenParams must not contain code_verifier without NoPKCE")
	}
	switch {
	case c.Lifetime != 0 && c.Lasting:
		return errors.New("authcode.Config must not have both Lifetime and Lasting")
	case c.Lifetime != 0 && c.Lifetime < minLifetime:
		return fmt.Errorf("authcode.Config.Lifetime must be at least %v: it is a time.Duration", minLifetime)
	case c.ClientIDField != "" && cmp.Or(c.ClientSecretField, "client_secret") == c.ClientIDField:
		return errors.New("authcode.Config needs two different fields for the ID and the secret of the client")
	}
	return nil
}

func checkTokenParams(params map[string]string) error {
	for name := range params {
		if name == "" || slices.Contains(tokenReserved, name) {
			return fmt.Errorf("TokenParams must not contain %q", name)
		}
	}
	return nil
}

// session is the checked configuration for one call.
type session struct {
	oauth   oauth2.Config
	secret  runtime.Secret
	binding binding
}

// session checks everything that does not need the server.
func (f *Flow[Client, Creds]) session(redirectURI string, client Client) (session, error) {
	if f == nil || f.decode == nil {
		return session{}, errNoFlow
	}
	if u, err := url.Parse(redirectURI); err != nil || !u.IsAbs() || u.Host == "" || u.Fragment != "" {
		return session{}, errors.New("redirect_uri must be an absolute URL without a fragment")
	}
	values := client.Values()
	id, err := clientValue(values, "ID", "ClientIDField", f.config.ClientIDField, "client_id")
	if err != nil {
		return session{}, err
	}
	secret, err := clientValue(values, "secret", "ClientSecretField", f.config.ClientSecretField, "client_secret")
	if err != nil {
		return session{}, err
	}
	endpoint := f.config.Endpoint
	if f.config.EndpointFor != nil {
		if endpoint, err = f.config.EndpointFor(client); err != nil {
			return session{}, err
		}
		if err := checkEndpoint(endpoint); err != nil {
			return session{}, err
		}
	}
	endpoint.AuthStyle = knownStyle(endpoint.AuthStyle)
	s := session{
		oauth:  oauth2.Config{ClientID: id, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirectURI, Scopes: f.config.Scopes},
		secret: runtime.NewSecret(secret),
	}
	s.binding = binding{s.secret, id, endpoint.AuthURL, endpoint.TokenURL, redirectURI}
	return s, nil
}

// clientValue returns what the administrator entered in a field of client_schema. The error
// does not quote the name of the field unless that is a field: an author may have set the
// value itself, which is a secret.
func clientValue(values map[string]any, what, setting, field, usual string) (string, error) {
	name := cmp.Or(field, usual)
	v, isField := values[name]
	s, _ := v.(string)
	switch {
	case s != "":
		return s, nil
	case isField || field == "":
		return "", fmt.Errorf("the OAuth client needs %s (if client_schema calls the %s of the client by another name, set authcode.Config.%s to that)", name, what, setting)
	}
	return "", fmt.Errorf("the OAuth client needs a value in the field of client_schema that authcode.Config.%s must name", setting)
}

// checkEndpoint checks the URLs of an endpoint.
func checkEndpoint(endpoint oauth2.Endpoint) error {
	if !safe(endpoint.AuthURL) {
		return errors.New("the authorization endpoint must be an https:// URL")
	}
	return checkTokenURL(endpoint.TokenURL)
}

func checkTokenURL(address string) error {
	if !safe(address) {
		return errors.New("the token endpoint must be an https:// URL")
	}
	return nil
}

// knownStyle replaces the style that tries two of them, and so might send a code twice.
func knownStyle(style oauth2.AuthStyle) oauth2.AuthStyle {
	if style == oauth2.AuthStyleAutoDetect {
		return oauth2.AuthStyleInParams
	}
	return style
}

// safe reports whether secrets may be sent to an address: over TLS, or on this machine.
func safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// endpoint returns how token requests are sent.
func (c *Config[Client, Creds]) endpoint() tokenEndpoint {
	return tokenEndpoint{params: c.TokenParams, json: c.JSON, types: c.TokenTypes, client: c.HTTPClient, now: c.Now, reauthorize: c.Reauthorize}
}
