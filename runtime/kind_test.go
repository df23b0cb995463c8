package runtime_test

import (
	"testing"

	"github.com/difygen/difygen/runtime"
)

// TestKindErrors checks the error types of each kind as Dify spells them.
func TestKindErrors(t *testing.T) {
	t.Parallel()
	for kind, want := range map[runtime.Kind][2]runtime.ErrorType{
		runtime.KindTool:       {"ToolProviderCredentialValidationError", "ToolProviderOAuthError"},
		runtime.KindModel:      {"CredentialsValidateFailedError", ""},
		runtime.KindDatasource: {"DatasourceCredentialValidationError", "DatasourceOAuthError"},
		runtime.KindTrigger:    {"TriggerProviderCredentialValidationError", "TriggerProviderOAuthError"},
		runtime.KindEndpoint:   {"", ""},
		"unknown":              {"", ""},
	} {
		if got := [2]runtime.ErrorType{kind.CredentialsError(), kind.OAuthError()}; got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}
