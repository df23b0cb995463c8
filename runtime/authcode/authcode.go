// Package authcode implements the OAuth 2.0 authorization code grant (RFC 6749, section
// 4.1) for Dify plugins, on top of golang.org/x/oauth2. A Config describes an
// authorization server; its methods implement those of a generated OAuthFlow:
//
//	func (p *Provider) flow() *authcode.Config[OAuthClient, OAuthCredentials] {
//		return &authcode.Config[OAuthClient, OAuthCredentials]{
//			Endpoint: endpoints.GitHub,
//			Scopes:   []string{"repo"},
//			Decode:   DecodeOAuthCredentials,
//		}
//	}
//
//	func (p *Provider) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client OAuthClient) (string, error) {
//		return p.flow().AuthorizationURL(ctx, redirectURI, client)
//	}
//
//	func (p *Provider) OAuthGetCredentials(ctx context.Context, redirectURI string, client OAuthClient, callback *http.Request) (runtime.OAuthResult[OAuthCredentials], error) {
//		return p.flow().Credentials(ctx, redirectURI, client, callback)
//	}
//
//	func (p *Provider) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client OAuthClient, creds OAuthCredentials) (runtime.OAuthResult[OAuthCredentials], error) {
//		return p.flow().Refresh(ctx, redirectURI, client, creds)
//	}
//
// The fields that credentials_schema declares are filled by name from the token
// response: access_token, refresh_token, scope, token_type, expires_at (Unix seconds)
// and any other key. Undeclared values are not returned, and client_secret never is.
//
// No error contains a token, code, verifier, secret or response body.
package authcode

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
)

const (
	// Timeout limits the time of a token request, including its retry.
	Timeout = 10 * time.Second
	// MaxResponse limits the size of a token response, in bytes.
	MaxResponse = 1 << 20
)

// Values is implemented by generated credential structs.
type Values interface{ Values() map[string]any }

// Config describes the OAuth flow of a provider. Client and Creds are the generated
// types of client_schema and credentials_schema. Only Decode, and either Endpoint or
// EndpointFor, are required.
type Config[Client, Creds Values] struct {
	// Endpoint holds the authorization and the token URL. Both must use https, except
	// on the local machine. AuthStyle is how the client authenticates; zero means
	// AuthStyleInParams, which most servers support. A query in AuthURL is kept.
	Endpoint oauth2.Endpoint
	// EndpointFor, if set, is used instead of Endpoint. It is for endpoints that depend
	// on what the administrator entered, such as a tenant.
	EndpointFor func(Client) (oauth2.Endpoint, error)
	// Scopes are the scopes to request.
	Scopes []string
	// AuthParams are additional parameters of the authorization request, such as
	// access_type=offline or prompt=consent.
	AuthParams map[string]string
	// TokenParams are additional parameters of every token request.
	TokenParams map[string]string
	// JSON makes token requests use JSON, which is against RFC 6749 but what some
	// servers require.
	JSON bool
	// NoPKCE disables PKCE (RFC 7636), for servers that reject unknown parameters.
	NoPKCE bool
	// KeepLasting makes Refresh return credentials without a refresh token unchanged,
	// for servers whose tokens may never expire. Otherwise, the user has to authorize
	// again.
	KeepLasting bool
	// Issuer, if set, must match the parameter iss of the callback (RFC 9207).
	Issuer string
	// ClientID and ClientSecret are the names of fields in client_schema. They default
	// to client_id and client_secret.
	ClientID, ClientSecret string
	// Decode is the generated DecodeOAuthCredentials.
	Decode func(map[string]any) (Creds, error)
	// Fields, if set, returns values for credentials_schema, by name, which override
	// those of the response. It is for values that the response nests in another object,
	// and for those that the administrator entered and tools need, such as a region.
	Fields func(client Client, response TokenResponse) (map[string]any, error)
	// Accept, if set, is called at the end of an exchange or refresh. It can add
	// metadata, check the scopes, or return an error. If only the user can resolve the
	// error, it should wrap ErrReauthorize.
	Accept func(ctx context.Context, client Client, response TokenResponse, result *runtime.OAuthResult[Creds]) error
	// Reauthorize, if set, reports whether only the user can resolve an error of a
	// refresh. It need not handle invalid_grant and the like.
	Reauthorize func(*Error) bool
	// HTTPClient provides the transport for token requests; nil means
	// http.DefaultClient. Its redirect policy, timeout and cookies are not used: token
	// requests do not follow redirects, and end after Timeout.
	HTTPClient *http.Client
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
}

// AuthorizationURL returns the URL at which the user authorizes. It fails if redirectURI
// is not absolute, the client lacks an ID or secret, or an endpoint does not use TLS.
func (c *Config[Client, Creds]) AuthorizationURL(_ context.Context, redirectURI string, client Client) (string, error) {
	s, err := c.session(redirectURI, client)
	if err != nil {
		return "", err
	}
	st, err := newState(s.secret, redirectURI, c.now())
	if err != nil {
		return "", err
	}
	base, err := url.Parse(s.oauth.Endpoint.AuthURL)
	if err != nil {
		return "", errors.New("the authorization endpoint is not a URL")
	}
	var options []oauth2.AuthCodeOption
	for key, value := range c.AuthParams {
		if slices.Contains(reserved, key) {
			return "", fmt.Errorf("authcode.Config.AuthParams must not contain %s", key)
		}
		options = append(options, oauth2.SetAuthURLParam(key, value))
	}
	if !c.NoPKCE {
		options = append(options, oauth2.S256ChallengeOption(st.verifier))
	}
	query := base.Query()
	for _, key := range slices.Concat(reserved, slices.Collect(maps.Keys(c.AuthParams))) {
		query.Del(key)
	}
	base.RawQuery, base.Fragment = query.Encode(), ""
	s.oauth.Endpoint.AuthURL = base.String()
	return s.oauth.AuthCodeURL(st.text, options...), nil
}

// reserved are the parameters of an authorization request that this package sets.
var reserved = []string{"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"}

// Credentials checks the callback and exchanges the authorization code. If the server
// returns an error, it is an *Error.
func (c *Config[Client, Creds]) Credentials(ctx context.Context, redirectURI string, client Client, callback *http.Request) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	s, err := c.session(redirectURI, client)
	if err != nil {
		return none, err
	}
	code, st, err := c.callback(s, redirectURI, callback)
	if err != nil {
		return none, err
	}
	var options []oauth2.AuthCodeOption
	if !c.NoPKCE {
		options = append(options, oauth2.VerifierOption(st.verifier))
	}
	response, err := c.requestToken(ctx, forExchange, []string{code, st.verifier, s.secret.Reveal()}, func(ctx context.Context) error {
		_, err := s.oauth.Exchange(ctx, code, options...)
		return err
	})
	if err != nil {
		return none, err
	}
	return c.result(ctx, client, response, nil)
}

// Refresh returns fresh credentials. If the server does not send a new refresh token,
// the old one is kept, and so are all other values in creds. Refreshes of one token at
// the same time, or shortly after each other, share one request, since servers that
// rotate tokens treat a second one as theft.
//
// The error is ErrReauthorize if only the user can resolve it, and
// runtime.ErrUnreachable if the server could not be reached.
func (c *Config[Client, Creds]) Refresh(ctx context.Context, redirectURI string, client Client, creds Creds) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	s, err := c.session(redirectURI, client)
	if err != nil {
		return none, err
	}
	old := creds.Values()
	token, _ := old["refresh_token"].(string)
	switch {
	case token == "" && c.KeepLasting:
		return runtime.OAuthResult[Creds]{Credentials: creds}, nil
	case token == "":
		return none, fmt.Errorf("%w: there is no refresh token", ErrReauthorize)
	}
	access, _ := old["access_token"].(string)
	response, err := refreshing.do(ctx, c.refreshKey(s, token), func(ctx context.Context) (TokenResponse, error) {
		return c.requestToken(ctx, forRefresh, []string{token, access, s.secret.Reveal()}, func(ctx context.Context) error {
			_, err := s.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
			return err
		})
	})
	if err != nil {
		return none, err
	}
	return c.result(ctx, client, response, old)
}

// refreshKey returns equal keys for refreshes that send the same request.
func (c *Config[Client, Creds]) refreshKey(s session, token string) refreshKey {
	values := []string{
		s.oauth.Endpoint.TokenURL, s.oauth.ClientID, s.secret.Reveal(), token, strconv.Itoa(int(s.oauth.Endpoint.AuthStyle)), strconv.FormatBool(c.JSON),
	}
	for _, key := range slices.Sorted(maps.Keys(c.TokenParams)) {
		values = append(values, key, c.TokenParams[key])
	}
	return sha256.Sum256([]byte(strings.Join(values, "\x00")))
}

// session is the checked configuration for one call.
type session struct {
	oauth  oauth2.Config
	secret runtime.Secret
}

// session checks everything that does not need the server.
func (c *Config[Client, Creds]) session(redirectURI string, client Client) (session, error) {
	if u, err := url.Parse(redirectURI); err != nil || !u.IsAbs() || u.Host == "" || u.Fragment != "" {
		return session{}, errors.New("redirect_uri must be an absolute URL without a fragment")
	}
	if c.Decode == nil {
		return session{}, errors.New("authcode.Config needs Decode, the generated DecodeOAuthCredentials")
	}
	values := client.Values()
	idField, secretField := cmp.Or(c.ClientID, "client_id"), cmp.Or(c.ClientSecret, "client_secret")
	id, _ := values[idField].(string)
	secret, _ := values[secretField].(string)
	if id == "" || secret == "" {
		return session{}, fmt.Errorf("the OAuth client needs %s and %s (if client_schema uses other names, set them in authcode.Config)", idField, secretField)
	}
	endpoint := c.Endpoint
	if c.EndpointFor != nil {
		var err error
		if endpoint, err = c.EndpointFor(client); err != nil {
			return session{}, err
		}
	}
	for name, address := range map[string]string{"authorization": endpoint.AuthURL, "token": endpoint.TokenURL} {
		if !safe(address) {
			return session{}, fmt.Errorf("the %s endpoint must be an https:// URL", name)
		}
	}
	if endpoint.AuthStyle == oauth2.AuthStyleAutoDetect { // might send a code twice
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return session{
		oauth:  oauth2.Config{ClientID: id, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirectURI, Scopes: c.Scopes},
		secret: runtime.NewSecret(secret),
	}, nil
}

// safe reports whether secrets may be sent to an address: over TLS, or on this machine.
func safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

func (c *Config[Client, Creds]) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
