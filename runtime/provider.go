package runtime

import (
	"context"
	"errors"
	"fmt"
)

// Kind is the kind of a provider, in Dify's words.
type Kind string

// The kinds of provider.
const (
	KindTool       Kind = "tool"
	KindDatasource Kind = "datasource"
	KindModel      Kind = "model"
	KindTrigger    Kind = "trigger"
	KindEndpoint   Kind = "endpoint"
)

// CredentialType says how a user authorized. Words that this package does not
// know are kept.
type CredentialType string

// The words of the host. An empty one means CredentialTypeAPIKey.
const (
	CredentialTypeAPIKey       CredentialType = "api-key"
	CredentialTypeOAuth2       CredentialType = "oauth2"
	CredentialTypeUnauthorized CredentialType = "unauthorized"
)

// Provider is the adapter of a provider: maps from the wire in, values for the wire
// out. Generated NewProvider functions return one; serve and the test kit call it.
// Every error is or wraps an *Error, whose Type is the name that Dify expects.
type Provider interface {
	Declared
	// ValidateCredentials checks the values that a user entered. It returns nil
	// if they work.
	ValidateCredentials(ctx context.Context, values map[string]any) error
	// OAuth returns the OAuth flow, or nil if the provider declares none.
	OAuth() OAuth
}

// ToolConfig is what the adapter of a tool provider is made from. Leave out
// what the provider does not declare.
type ToolConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Fingerprint         Fingerprint
}

// NewTool returns the adapter of a tool provider.
func NewTool(c ToolConfig) Provider {
	p := newProvider(KindTool, c.Name, c.Fingerprint)
	p.validate, p.validateError = c.ValidateCredentials, ErrorToolCredentials
	return p.withOAuth(c.OAuth, ErrorToolOAuth)
}

// DatasourceConfig is what the adapter of a datasource provider is made from. Leave out
// what the provider does not declare.
type DatasourceConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Fingerprint         Fingerprint
}

// NewDatasource returns the adapter of a datasource provider.
func NewDatasource(c DatasourceConfig) Provider {
	p := newProvider(KindDatasource, c.Name, c.Fingerprint)
	p.validate, p.validateError = c.ValidateCredentials, ErrorDatasourceCredentials
	return p.withOAuth(c.OAuth, ErrorDatasourceOAuth)
}

func newProvider(kind Kind, name string, fingerprint Fingerprint) *provider {
	return &provider{declared: declared{kind, name, fingerprint}}
}

func (p *provider) withOAuth(flow OAuth, errorType ErrorType) *provider {
	if flow != nil {
		p.oauth = flow.named(errorType)
	}
	return p
}

type provider struct {
	declared
	validate      func(ctx context.Context, values map[string]any) error
	validateError ErrorType
	oauth         OAuth
}

func (p *provider) OAuth() OAuth { return p.oauth }

func (p *provider) ValidateCredentials(ctx context.Context, values map[string]any) error {
	if p.validate == nil {
		return unsupported(p.name, "API key credentials")
	}
	return typed(p.validateError, p.validate(ctx, values))
}

// BindCredentials binds a typed check of credentials to the wire.
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

// ErrCredentialType is the error behind UnsupportedCredentialType.
var ErrCredentialType = errors.New("credential type is not supported")

// UnsupportedCredentialType is the error of a generated DecodeAnyCredentials for
// a way to authorize that the provider does not declare. It wraps ErrCredentialType.
func UnsupportedCredentialType(provider string, t CredentialType) error {
	return fmt.Errorf("%s: %w: %q", provider, ErrCredentialType, string(t))
}
