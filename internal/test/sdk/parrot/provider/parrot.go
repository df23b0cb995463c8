// Package parrot has models that need no service: what they answer is computed from the prompt, as
// in the Python files of this plugin.
package parrot

import (
	"context"
	"errors"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Provider has no state.
type Provider struct{}

var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Models               = (*Provider)(nil)
)

// ValidateProviderCredentials accepts keys that begin with "key-".
func (p *Provider) ValidateProviderCredentials(_ context.Context, creds ProviderCredentials) error {
	return authenticate(creds.APIKey)
}

// ValidateModelCredentials accepts keys that begin with "key-".
func (p *Provider) ValidateModelCredentials(_ context.Context, _ runtime.ModelType, _ string, creds ModelCredentials) error {
	return authenticate(creds.APIKey)
}

func authenticate(key runtime.Secret) error {
	switch {
	case key.Reveal() == "key-unreachable":
		return runtime.Unreachable(errors.New("the parrot has flown away"))
	case !strings.HasPrefix(key.Reveal(), "key-"):
		return errors.New("the parrot does not know this key")
	}
	return nil
}

// CustomModel knows models whose names begin with "form", which are what the form says, and language
// models but those whose names begin with "unknown".
func (p *Provider) CustomModel(_ context.Context, call *CustomModelCall) (*runtime.ModelSchema, error) {
	switch {
	case strings.HasPrefix(call.Model, "form"):
		return call.FormSchema(), nil
	case strings.HasPrefix(call.Model, "unknown") || call.ModelType != runtime.ModelTypeLLM:
		return nil, nil
	}
	return &runtime.ModelSchema{
		Features:   []runtime.ModelFeature{runtime.FeatureMultiToolCall},
		Properties: map[string]any{runtime.PropertyContextSize: 1024, runtime.PropertyMode: runtime.ModeChat},
		Parameters: []runtime.ParameterRule{
			{Name: "temperature", Template: "temperature", Label: "Temperature", Type: runtime.ModelParameterFloat},
			{Name: "beak", Label: "Beak", Type: runtime.ModelParameterString, Options: []string{"open", "shut"}},
		},
	}, nil
}
