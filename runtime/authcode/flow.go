package authcode

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/difygen/difygen/runtime"
)

// Flow is the OAuth flow of a provider. It is safe for concurrent use.
type Flow[Client ClientSection, Creds runtime.Section] struct {
	config Config[Client, Creds]
	decode func(map[string]any) (Creds, error)
}

var errNoFlow = errors.New("the provider has no OAuth flow: its *authcode.Flow is nil, so set it to what authcode.New returns, also in main.go")

// New returns the flow that config describes. The function decode is the generated
// DecodeOAuthCredentials. It fails if an endpoint does not use TLS, or if parameters or
// settings contradict each other.
func New[Client ClientSection, Creds runtime.Section](decode func(map[string]any) (Creds, error), config Config[Client, Creds]) (*Flow[Client, Creds], error) {
	if decode == nil {
		return nil, errors.New("authcode.New needs the generated DecodeOAuthCredentials")
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	config.Scopes, config.TokenTypes = slices.Clone(config.Scopes), slices.Clone(config.TokenTypes)
	config.AuthParams, config.TokenParams = maps.Clone(config.AuthParams), maps.Clone(config.TokenParams)
	return &Flow[Client, Creds]{config, decode}, nil
}

// MustNew is like New, but panics if there is an error. It is for settings that are
// constant, as most are.
func MustNew[Client ClientSection, Creds runtime.Section](decode func(map[string]any) (Creds, error), config Config[Client, Creds]) *Flow[Client, Creds] {
	flow, err := New(decode, config)
	if err != nil {
		panic(err)
	}
	return flow
}

// OAuthGetAuthorizationURL returns the URL at which the user authorizes. It fails if
// redirectURI is not absolute, the client lacks an ID or secret, or an endpoint does not use
// TLS; and if ctx is done before the key of a client that is new to this process is derived.
func (f *Flow[Client, Creds]) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client Client) (string, error) {
	s, err := f.session(redirectURI, client)
	if err != nil {
		return "", err
	}
	st, err := newState(ctx, s.binding, timeNow(f.config.Now))
	if err != nil {
		return "", err
	}
	base, err := url.Parse(s.oauth.Endpoint.AuthURL)
	if err != nil {
		return "", errors.New("the authorization endpoint is not a URL")
	}
	var options []oauth2.AuthCodeOption
	for key, value := range f.config.AuthParams {
		options = append(options, oauth2.SetAuthURLParam(key, value))
	}
	if !f.config.NoPKCE {
		options = append(options, oauth2.S256ChallengeOption(st.verifier))
	}
	base.RawQuery = without(base.RawQuery, func(name string) bool {
		_, set := f.config.AuthParams[name]
		return set || slices.Contains(authReserved, name) || name == "scope" && len(f.config.Scopes) > 0
	})
	base.Fragment, base.ForceQuery = "", false
	s.oauth.Endpoint.AuthURL = base.String()
	return s.oauth.AuthCodeURL(st.text, options...), nil
}

// without returns a query without the pairs of some names, and with the others as they are.
// Pairs are separated by & and, since there are servers that read them so, by a semicolon,
// which net/url does not accept.
func without(query string, drop func(name string) bool) string {
	var kept strings.Builder
	for query != "" {
		end := strings.IndexAny(query[1:], "&;") + 1
		if end == 0 {
			end = len(query)
		}
		pair := strings.TrimLeft(query[:end], "&;")
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		switch {
		case pair == "" || drop(name):
		case kept.Len() == 0:
			kept.WriteString(pair)
		default:
			kept.WriteString(query[:end])
		}
		query = query[end:]
	}
	return kept.String()
}

// OAuthGetCredentials checks the callback and exchanges the authorization code. If the server
// returns an error, it is an *Error.
func (f *Flow[Client, Creds]) OAuthGetCredentials(ctx context.Context, redirectURI string, client Client, callback *http.Request) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	s, err := f.session(redirectURI, client)
	if err != nil {
		return none, err
	}
	code, st, err := f.callback(ctx, s, callback)
	if err != nil {
		return none, err
	}
	var options []oauth2.AuthCodeOption
	if !f.config.NoPKCE {
		options = append(options, oauth2.VerifierOption(st.verifier))
	}
	response, err := within(ctx, func(ctx context.Context) (TokenResponse, error) {
		return f.config.endpoint().request(ctx, forExchange, []string{code, st.verifier, st.text, s.secret.Reveal()}, func(ctx context.Context) error {
			_, err := s.oauth.Exchange(ctx, code, options...)
			return err
		})
	})
	if err != nil {
		return none, err
	}
	roots.prove(s.oauth.ClientID, s.secret)
	return f.accepted(ctx, client, response, nil)
}

// OAuthRefreshCredentials returns fresh credentials. If the server does not send a new
// refresh token, the old one is kept, and so are all other values in creds. Refreshes of one
// token with the same transport at the same time, or shortly after each other, share one
// request, since servers that rotate tokens treat a second one as theft.
//
// The error is ErrReauthorize if only the user can resolve it, and
// runtime.ErrUnreachable if the server could not be reached. If ctx is done from the start, it
// is that of ctx, also if a response is shared.
func (f *Flow[Client, Creds]) OAuthRefreshCredentials(ctx context.Context, redirectURI string, client Client, creds Creds) (runtime.OAuthResult[Creds], error) {
	var none runtime.OAuthResult[Creds]
	s, err := f.session(redirectURI, client)
	if err != nil {
		return none, err
	}
	old := creds.Values()
	token, _ := old["refresh_token"].(string)
	switch {
	case token == "" && f.config.Lasting:
		return runtime.OAuthResult[Creds]{Credentials: creds}, nil
	case token == "":
		return none, fmt.Errorf("%w: there is no refresh token", ErrReauthorize)
	}
	access, _ := old["access_token"].(string)
	endpoint := f.config.endpoint()
	key := endpoint.key("refresh_token", s.oauth.Endpoint, s.oauth.ClientID, s.secret, token)
	response, err := sharing.do(ctx, key, func(ctx context.Context) (TokenResponse, time.Duration, error) {
		r, err := endpoint.request(ctx, forRefresh, []string{token, access, s.secret.Reveal()}, func(ctx context.Context) error {
			_, err := s.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
			return err
		})
		if err != nil {
			return TokenResponse{}, 0, err
		}
		return f.needed(client, r, old), keepRefreshed, nil
	})
	if err != nil {
		return none, err
	}
	return f.accepted(ctx, client, response, old)
}
