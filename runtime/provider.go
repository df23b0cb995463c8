package runtime

import (
	"context"
	"errors"
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

// Provider is the adapter of a provider. It takes and returns values as they are on the
// wire. Generated NewProvider functions return one; packages serve and runtimetest call
// it. Every error is or wraps an *Error with the type that Dify expects.
type Provider interface {
	Declared
	// ValidateCredentials checks the values that a user entered. It returns nil if
	// they work.
	ValidateCredentials(ctx context.Context, values map[string]any) error
	// OAuth returns the OAuth flow, or nil if the provider declares none.
	OAuth() OAuth
}

type provider struct {
	declared
	validate func(ctx context.Context, values map[string]any) error
	oauth    OAuth
}

// newProvider returns the adapter of a provider that may have credentials and an OAuth flow.
func newProvider(kind Kind, name string, fingerprint Fingerprint, validate func(ctx context.Context, values map[string]any) error, flow OAuth) *provider {
	p := &provider{declared{kind, name, fingerprint}, validate, flow}
	if flow != nil {
		p.oauth = flow.named(kind.OAuthError())
	}
	return p
}

func (p *provider) OAuth() OAuth { return p.oauth }

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

// ErrCredentialType is the error that UnsupportedCredentialType wraps.
var ErrCredentialType = errors.New("credential type is not supported")

// UnsupportedCredentialType returns the error of a generated DecodeAnyCredentials for a
// type of credentials that the provider does not declare. It wraps ErrCredentialType.
func UnsupportedCredentialType(provider string, t CredentialType) error {
	return fmt.Errorf("%s: %w: %q", provider, ErrCredentialType, string(t))
}
