package runtime

import "context"

// KindTool is the kind of a tool provider.
const KindTool Kind = "tool"

// The types of errors of a tool provider.
const (
	ErrorToolCredentials ErrorType = "ToolProviderCredentialValidationError"
	ErrorToolOAuth       ErrorType = "ToolProviderOAuthError"
)

// ToolConfig configures the adapter of a tool provider. Leave out what the provider
// does not declare.
type ToolConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Fingerprint         Fingerprint
}

// NewTool returns the adapter of a tool provider.
func NewTool(c ToolConfig) Provider {
	return newProvider(KindTool, c.Name, c.Fingerprint, c.ValidateCredentials, c.OAuth)
}
