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

// Provider is the untyped face of a provider: maps from the wire in, values for
// the wire out. Generated NewProvider functions return one; serve and the test
// kit call it. Every error is or wraps an *Error, whose Type is the name that
// Dify expects.
type Provider interface {
	Declared
	// ValidateCredentials checks the values that a user entered. It returns nil
	// if they work.
	ValidateCredentials(ctx context.Context, values map[string]any) error
	// OAuth returns the OAuth flow, or nil if the provider declares none.
	OAuth() OAuth
}

// NewTool returns the untyped face of a tool provider. A nil validate or oauth
// stands for a part that the provider does not declare.
func NewTool(name string, validate func(ctx context.Context, values map[string]any) error, oauth OAuth, schema Schema) Provider {
	return newProvider(declared{KindTool, name, schema}, validate, ErrorToolCredentials, oauth, ErrorToolOAuth)
}

// NewDatasource returns the untyped face of a datasource provider. A nil validate
// or oauth stands for a part that the provider does not declare.
func NewDatasource(name string, validate func(ctx context.Context, values map[string]any) error, oauth OAuth, schema Schema) Provider {
	return newProvider(declared{KindDatasource, name, schema}, validate, ErrorDatasourceCredentials, oauth, ErrorDatasourceOAuth)
}

func newProvider(
	d declared,
	validate func(ctx context.Context, values map[string]any) error, validateError ErrorType,
	oauth OAuth, oauthError ErrorType,
) Provider {
	p := &provider{declared: d, validate: validate, validateError: validateError}
	if oauth != nil {
		p.oauth = oauth.named(oauthError)
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
