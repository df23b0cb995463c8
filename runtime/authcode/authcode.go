// Package authcode implements two grants of OAuth 2.0 for Dify plugins, on top of
// golang.org/x/oauth2: the authorization code grant (RFC 6749, section 4.1) and the client
// credentials grant (section 4.4).
//
// A Flow is the authorization code grant of a service. It has the methods of a generated
// OAuthFlow, so a provider that embeds it needs none of its own:
//
//	type Provider struct {
//		*authcode.Flow[OAuthClient, OAuthCredentials]
//	}
//
//	// New returns a provider with its OAuth flow.
//	func New() *Provider {
//		return &Provider{Flow: authcode.MustNew(DecodeOAuthCredentials, authcode.Config[OAuthClient, OAuthCredentials]{
//			Endpoint: endpoints.GitHub,
//			Scopes:   []string{"repo"},
//		})}
//	}
//
// The fields that credentials_schema declares are filled by name from the token
// response: access_token, refresh_token, scope, token_type, expires_at (Unix seconds)
// and any other key. Undeclared values are not returned, and client_secret never is.
//
// ClientCredentials gets tokens for a plugin whose users enter the ID and secret of a client
// instead of a token.
//
// No error contains a token, code, verifier, secret or response body.
package authcode

import (
	"context"
	"net/http"
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

// ClientSection is implemented by the generated struct of client_schema.
type ClientSection interface{ Values() map[string]any }

// Config describes the OAuth flow of a provider. Client and Creds are the generated
// types of client_schema and credentials_schema. Only Endpoint or EndpointFor is required.
type Config[Client ClientSection, Creds runtime.Section] struct {
	// Endpoint holds the authorization and the token URL. Both must use https, except
	// on the local machine. AuthStyle is how the client authenticates; zero means
	// AuthStyleInParams, which most servers support. A query in a URL is kept, but for the
	// parameters that are set here.
	Endpoint oauth2.Endpoint
	// EndpointFor, if set, is used instead of Endpoint. It is for endpoints that depend
	// on what the administrator entered, such as a tenant. Check that with HostLabel or
	// HostName: secrets are sent to the host of the token URL.
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
	// TokenTypes are the types of tokens to accept besides Bearer, such as "bot". A token
	// of another type must not be sent as a bearer token (RFC 6749, section 7.1).
	TokenTypes []string
	// Expiry, if set, returns when the access token of a response expires, or the zero time
	// if the response does not say: then the usual names count, which need no function, unless
	// they make no sense. A time more than 100 years away means never. It is for services that
	// call it by a name of their own: TokenResponse.Time reads a member.
	Expiry func(TokenResponse) (time.Time, error)
	// Lifetime is how long an access token lasts if the response does not say. Zero means an
	// hour if there is a refresh token, and otherwise forever.
	Lifetime time.Duration
	// Lasting says that tokens last forever if the response does not say otherwise, also
	// those with a refresh token. A refresh without a refresh token then returns the
	// credentials unchanged; otherwise, the user has to authorize again.
	Lasting bool
	// Issuer, if set, must match the parameter iss of the callback (RFC 9207).
	Issuer string
	// ClientIDField and ClientSecretField are the names of fields in client_schema, not
	// their values. They default to client_id and client_secret.
	ClientIDField, ClientSecretField string
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
	// HTTPClient provides the transport for token requests. Without one, that is a copy of
	// http.DefaultTransport, with at most 64 KiB for the header of a response unless that has a
	// limit; set MaxResponseHeaderBytes in one of your own. The client's redirect policy,
	// timeout and cookies are not used: token requests do not follow redirects, and end after
	// Timeout. Requests share a response only if their transports are equal, so use one
	// transport for all calls. One whose dynamic type is not comparable counts as nil.
	HTTPClient *http.Client
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
}
