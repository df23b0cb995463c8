package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// OAuthResult is the result of an OAuth flow.
type OAuthResult[C any] struct {
	// Credentials replace everything that Dify has stored. On a refresh, set the
	// refresh token again even if the server did not send a new one.
	Credentials C
	// ExpiresAt is the time by which Dify must refresh. The zero time means never.
	ExpiresAt time.Time
	// Metadata describes the account that authorized the plugin. Dify shows it only
	// for data sources, and only as OAuthGetCredentials returned it.
	Metadata OAuthMetadata
}

// OAuthMetadata describes the account that OAuth credentials belong to.
type OAuthMetadata struct {
	Name      string `json:"name,omitempty"`
	AvatarURL string `json:"avatar_url,omitempty"`
}

// OAuthGrant is an OAuthResult with values as they are on the wire.
type OAuthGrant struct {
	Metadata    *OAuthMetadata
	Credentials Values
	ExpiresAt   int64 // Unix seconds, -1 for never
}

// Reveal returns the grant as a JSON object of the wire.
func (g OAuthGrant) Reveal() map[string]any {
	object := map[string]any{"credentials": g.Credentials.Reveal(), "expires_at": g.ExpiresAt}
	if g.Metadata != nil {
		object["metadata"] = g.Metadata
	}
	return object
}

// OAuthFlow has the methods of every generated OAuthFlow interface.
type OAuthFlow[Client, Credentials any] interface {
	OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client Client) (string, error)
	OAuthGetCredentials(ctx context.Context, redirectURI string, client Client, callback *http.Request) (OAuthResult[Credentials], error)
	OAuthRefreshCredentials(ctx context.Context, redirectURI string, client Client, creds Credentials) (OAuthResult[Credentials], error)
}

// Section is implemented by the generated structs that a plugin fills and returns.
type Section interface {
	Values() map[string]any
	Validate() error
}

// OAuth is the adapter of an OAuth flow. BindOAuth returns one. The maps hold values as
// Dify sends them: system has what the administrator entered for the OAuth client, and
// credentials has those of an earlier grant.
type OAuth interface {
	AuthorizationURL(ctx context.Context, redirectURI string, system map[string]any) (string, error)
	Credentials(ctx context.Context, redirectURI string, system map[string]any, callback *http.Request) (OAuthGrant, error)
	Refresh(ctx context.Context, redirectURI string, system, credentials map[string]any) (OAuthGrant, error)

	// named returns a copy that gives this type to errors without a type.
	named(ErrorType) OAuth
}

// BindOAuth adapts a typed flow to values on the wire: it decodes what Dify sends and
// checks what the flow returns.
func BindOAuth[Client any, Credentials Section](
	flow OAuthFlow[Client, Credentials],
	decodeClient func(map[string]any) (Client, error),
	decodeCredentials func(map[string]any) (Credentials, error),
) OAuth {
	return &oauth[Client, Credentials]{flow, decodeClient, decodeCredentials, ErrorUnsupported}
}

// oauthRoutes returns the routes of a flow. Requests do not state the kind of the provider.
func oauthRoutes(flow OAuth, provider string, t ErrorType, fields *Fields) []Route {
	add := func(action string, serve func(ctx context.Context, req *Request, redirectURI string, system, credentials map[string]any) (any, error)) Route {
		return route("oauth", action, provider, t, fields, func(ctx context.Context, req *Request) (any, error) {
			r := req.Read()
			redirectURI, system, credentials := r.Text("redirect_uri"), r.Object("system_credentials"), r.Object("credentials")
			if err := r.Err(); err != nil {
				return nil, err
			}
			return serve(ctx, req, redirectURI, system, credentials)
		})
	}
	return []Route{
		add("get_authorization_url", func(ctx context.Context, _ *Request, redirectURI string, system, _ map[string]any) (any, error) {
			location, err := flow.AuthorizationURL(ctx, redirectURI, system)
			return map[string]any{"authorization_url": location}, err
		}),
		add("get_credentials", func(ctx context.Context, req *Request, redirectURI string, system, _ map[string]any) (any, error) {
			if req.HTTP == nil {
				return nil, &Error{Type: ErrorInvalidRequest, Err: errors.New("the request has no raw_http_request")}
			}
			grant, err := flow.Credentials(ctx, redirectURI, system, req.HTTP)
			return grant.Reveal(), err
		}),
		add("refresh_credentials", func(ctx context.Context, _ *Request, redirectURI string, system, credentials map[string]any) (any, error) {
			grant, err := flow.Refresh(ctx, redirectURI, system, credentials)
			grant.Metadata = nil // the host ignores it
			return grant.Reveal(), err
		}),
	}
}

type oauth[Client any, Credentials Section] struct {
	flow              OAuthFlow[Client, Credentials]
	decodeClient      func(map[string]any) (Client, error)
	decodeCredentials func(map[string]any) (Credentials, error)
	errorType         ErrorType
}

func (o *oauth[Client, Credentials]) named(t ErrorType) OAuth {
	named := *o
	named.errorType = t
	return &named
}

func (o *oauth[Client, Credentials]) AuthorizationURL(ctx context.Context, redirectURI string, system map[string]any) (string, error) {
	client, err := o.client(redirectURI, system)
	if err != nil {
		return "", typed(o.errorType, err)
	}
	location, err := o.flow.OAuthGetAuthorizationURL(ctx, redirectURI, client)
	return location, typed(o.errorType, err)
}

func (o *oauth[Client, Credentials]) Credentials(ctx context.Context, redirectURI string, system map[string]any, callback *http.Request) (OAuthGrant, error) {
	client, err := o.client(redirectURI, system)
	if err != nil {
		return OAuthGrant{}, typed(o.errorType, err)
	}
	result, err := o.flow.OAuthGetCredentials(ctx, redirectURI, client, callback)
	grant, err := newGrant(result, err)
	if err == nil && result.Metadata != (OAuthMetadata{}) {
		grant.Metadata = &result.Metadata
	}
	return grant, typed(o.errorType, err)
}

func (o *oauth[Client, Credentials]) Refresh(ctx context.Context, redirectURI string, system, credentials map[string]any) (OAuthGrant, error) {
	client, err := o.client(redirectURI, system)
	if err != nil {
		return OAuthGrant{}, typed(o.errorType, err)
	}
	creds, err := o.decodeCredentials(credentials)
	if err != nil {
		return OAuthGrant{}, typed(o.errorType, err)
	}
	grant, err := newGrant(o.flow.OAuthRefreshCredentials(ctx, redirectURI, client, creds))
	return grant, typed(o.errorType, err)
}

func (o *oauth[Client, Credentials]) client(redirectURI string, system map[string]any) (client Client, err error) {
	if u, err := url.Parse(redirectURI); err != nil || !u.IsAbs() || u.Host == "" {
		return client, errors.New("redirect_uri is not an absolute URL: CONSOLE_API_URL is not set on the Dify host")
	}
	return o.decodeClient(system)
}

// newGrant checks and converts what a flow returned. If expires_at were 0 or null, Dify
// would refresh on every use; it does not accept a fraction.
func newGrant[C Section](result OAuthResult[C], err error) (OAuthGrant, error) {
	if err != nil {
		return OAuthGrant{}, err
	}
	if err := result.Credentials.Validate(); err != nil {
		return OAuthGrant{}, fmt.Errorf("the OAuth flow returned incomplete credentials: %w", err)
	}
	grant := OAuthGrant{Credentials: NewValues(result.Credentials.Values()), ExpiresAt: -1}
	if !result.ExpiresAt.IsZero() {
		if grant.ExpiresAt = result.ExpiresAt.Unix(); grant.ExpiresAt <= time.Now().Unix() {
			return OAuthGrant{}, errors.New("the OAuth flow returned credentials that have expired already")
		}
	}
	return grant, nil
}
