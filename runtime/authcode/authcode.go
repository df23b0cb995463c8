// Package authcode is the OAuth 2.0 authorization code grant (RFC 6749, section
// 4.1) for authors of Dify plugins, on golang.org/x/oauth2. A Config says how an
// authorization server differs from others; its three methods are those of a
// generated OAuthFlow:
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
// What the server answers goes into the fields that credentials_schema declares,
// by name: access_token, refresh_token, scope, token_type, expires_at (Unix
// seconds) and any other key of the answer. What is not declared is not returned,
// and client_secret never is.
//
// No error holds a token, code, verifier, secret or the body of an answer.
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
	// Timeout bounds a call of the token endpoint, its one retry included.
	Timeout = 10 * time.Second
	// MaxAnswer bounds the answer of the token endpoint, in bytes.
	MaxAnswer = 1 << 20
)

// Values is the shape of generated credential structs.
type Values interface{ Values() map[string]any }

// Config describes the OAuth flow of a provider. Client and Creds are the
// generated types of client_schema and credentials_schema. Only Decode and one of
// Endpoint and EndpointFor are needed.
type Config[Client, Creds Values] struct {
	// Endpoint is where users authorize and tokens are given out, both over https
	// but on this machine. Its AuthStyle says how the client authenticates; zero
	// means by parameters, as most servers understand (AuthStyleInHeader: by HTTP
	// basic authentication). The query of AuthURL survives.
	Endpoint oauth2.Endpoint
	// EndpointFor stands for Endpoint where it depends on what the administrator
	// entered, such as a tenant.
	EndpointFor func(Client) (oauth2.Endpoint, error)
	// Scopes are what is asked for.
	Scopes []string
	// AuthParams are more parameters of the authorization request, such as
	// access_type=offline or prompt=consent.
	AuthParams map[string]string
	// TokenParams are more parameters of every token request.
	TokenParams map[string]string
	// JSON sends token requests as JSON, against RFC 6749, as some servers want.
	JSON bool
	// NoPKCE leaves PKCE (RFC 7636) out, for servers that refuse what they do not
	// know.
	NoPKCE bool
	// KeepLasting lets Refresh return credentials without a refresh token as they
	// are, for servers whose tokens can last for ever. Without it, the user has to
	// authorize again.
	KeepLasting bool
	// Issuer, if set, must come back as iss (RFC 9207).
	Issuer string
	// ClientID and ClientSecret name the fields of client_schema; empty for
	// client_id and client_secret.
	ClientID, ClientSecret string
	// Decode is the generated DecodeOAuthCredentials.
	Decode func(map[string]any) (Creds, error)
	// Fields, if set, returns more values for credentials_schema, by name, over
	// those of the answer: what the answer keeps inside another object, or what the
	// administrator entered and tools need, such as a region.
	Fields func(client Client, answer Answer) (map[string]any, error)
	// Accept, if set, has the last word on an exchange or refresh: it can add
	// metadata, check the scopes, or refuse. A refusal that only the user can mend
	// wraps ErrReauthorize.
	Accept func(ctx context.Context, client Client, answer Answer, result *runtime.OAuthResult[Creds]) error
	// Reauthorize, if set, says which refusals of a refresh only the user can mend,
	// beside invalid_grant and the like.
	Reauthorize func(*Error) bool
	// HTTPClient has the transport for token requests; nil stands for
	// http.DefaultClient. Its redirect policy, timeout and cookies are not used: a
	// token request is not redirected, and ends after Timeout.
	HTTPClient *http.Client
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
}

// AuthorizationURL returns where the user's browser goes to authorize. It fails for
// a redirectURI that is not absolute, a client without ID or secret, and an
// endpoint without TLS.
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
		return "", errors.New("the authorization endpoint is no URL")
	}
	var options []oauth2.AuthCodeOption
	for key, value := range c.AuthParams {
		if slices.Contains(ours, key) {
			return "", fmt.Errorf("authcode.Config.AuthParams has %s, which is the flow's own", key)
		}
		options = append(options, oauth2.SetAuthURLParam(key, value))
	}
	if !c.NoPKCE {
		options = append(options, oauth2.S256ChallengeOption(st.verifier))
	}
	query := base.Query()
	for _, key := range slices.Concat(ours, slices.Collect(maps.Keys(c.AuthParams))) {
		query.Del(key)
	}
	base.RawQuery, base.Fragment = query.Encode(), ""
	s.oauth.Endpoint.AuthURL = base.String()
	return s.oauth.AuthCodeURL(st.text, options...), nil
}

// ours are the parameters of an authorization request that are the flow's own.
var ours = []string{"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"}

// Credentials checks what the browser came back with and exchanges the
// authorization code. A refusal of the server is an *Error.
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
	answer, err := c.ask(ctx, exchanging, []string{code, st.verifier, s.secret.Reveal()}, func(ctx context.Context) error {
		_, err := s.oauth.Exchange(ctx, code, options...)
		return err
	})
	if err != nil {
		return none, err
	}
	return c.result(ctx, client, answer, nil)
}

// Refresh returns fresh credentials. A refresh token that the server does not send
// anew is kept, and so is everything else that creds hold. Refreshes of one token
// at the same time, or right after each other, share one request, since servers
// that rotate tokens take a second one for theft.
//
// Its error is ErrReauthorize if only the user can help, and
// runtime.ErrUnreachable if the server could not be asked.
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
	answer, err := refreshing.do(ctx, c.refreshKey(s, token), func(ctx context.Context) (Answer, error) {
		return c.ask(ctx, renewing, []string{token, access, s.secret.Reveal()}, func(ctx context.Context) error {
			_, err := s.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
			return err
		})
	})
	if err != nil {
		return none, err
	}
	return c.result(ctx, client, answer, old)
}

// refreshKey is the same for refreshes that send the same request.
func (c *Config[Client, Creds]) refreshKey(s session, token string) refreshKey {
	parts := []string{
		s.oauth.Endpoint.TokenURL, s.oauth.ClientID, s.secret.Reveal(), token, strconv.Itoa(int(s.oauth.Endpoint.AuthStyle)), strconv.FormatBool(c.JSON),
	}
	for _, key := range slices.Sorted(maps.Keys(c.TokenParams)) {
		parts = append(parts, key, c.TokenParams[key])
	}
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}

// session is what one call works with.
type session struct {
	oauth  oauth2.Config
	secret runtime.Secret
}

// session checks everything that does not depend on the server.
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
		return session{}, fmt.Errorf("the OAuth client needs %s and %s (authcode.Config can give the fields of client_schema other names)", idField, secretField)
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
	if endpoint.AuthStyle == oauth2.AuthStyleAutoDetect { // which would send a code twice
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return session{
		oauth:  oauth2.Config{ClientID: id, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirectURI, Scopes: c.Scopes},
		secret: runtime.NewSecret(secret),
	}, nil
}

// safe reports whether secrets may go to an address: over TLS, or on this machine.
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
