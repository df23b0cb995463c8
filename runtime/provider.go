package runtime

import (
	"context"
	"fmt"
)

// CredentialType is the way in which a user authorized the plugin. Unknown types are
// kept.
type CredentialType string

// The types that Dify sends. An empty one means CredentialTypeAPIKey.
const (
	CredentialTypeAPIKey       CredentialType = "api-key"
	CredentialTypeOAuth2       CredentialType = "oauth2"
	CredentialTypeUnauthorized CredentialType = "unauthorized"
)

// Provider is the adapter of a provider with credentials. Generated NewProvider functions
// return one. Its methods take and return values as they are on the wire: package serve uses
// none but its routes, package difytest calls the others, too. Every error is or wraps an
// *Error with the type that Dify expects.
type Provider interface {
	Adapter
	// ValidateCredentials checks the values that a user entered. It returns nil if
	// they work.
	ValidateCredentials(ctx context.Context, values map[string]any) error
	// OAuth returns the OAuth flow, or nil if the provider declares none.
	OAuth() OAuth
}

type provider struct {
	adapter
	validate func(ctx context.Context, values map[string]any) error
	oauth    OAuth
}

// newProvider returns the adapter of a provider that may have credentials and an OAuth flow.
func newProvider(kind Kind, name string, fields *Fields, validate func(ctx context.Context, values map[string]any) error, flow OAuth) *provider {
	p := &provider{adapter{kind, name, fields}, validate, flow}
	if flow != nil {
		p.oauth = flow.named(kind.OAuthError())
	}
	return p
}

func (p *provider) OAuth() OAuth { return p.oauth }

// Routes returns the check of credentials and the OAuth flow.
func (p *provider) Routes() []Route {
	var routes []Route
	if p.validate != nil {
		action := "validate_" + string(p.kind) + "_credentials"
		routes = append(routes, route(string(p.kind), action, p.name, p.kind.CredentialsError(), p.fields, p.serveValidate))
	}
	if p.oauth != nil {
		routes = append(routes, oauthRoutes(p.oauth, p.name, p.kind.OAuthError(), p.fields)...)
	}
	return routes
}

func (p *provider) serveValidate(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	values := r.Object("credentials")
	if err := r.Err(); err != nil {
		return nil, err
	}
	return map[string]any{"result": true}, p.ValidateCredentials(ctx, values)
}

func (p *provider) ValidateCredentials(ctx context.Context, values map[string]any) error {
	if p.validate == nil {
		return unsupported(p.name, "API key credentials")
	}
	return typed(p.kind.CredentialsError(), p.validate(ctx, values))
}

// BindCredentials adapts a typed check of credentials to values on the wire.
func BindCredentials[C any](
	decode func(map[string]any) (C, error),
	validate func(context.Context, C) error,
) func(context.Context, map[string]any) error {
	return func(ctx context.Context, values map[string]any) error {
		creds, err := decode(values)
		if err != nil {
			return err
		}
		return validate(ctx, creds)
	}
}

// UnsupportedCredentialType returns the error of a generated DecodeAnyCredentials for a
// type of credentials that the provider does not declare.
func UnsupportedCredentialType(provider string, t CredentialType) error {
	return fmt.Errorf("%s: credential type is not supported: %q", provider, string(t))
}
