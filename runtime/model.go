package runtime

import (
	"context"
	"maps"
)

// KindModel is the kind of a provider of models.
const KindModel Kind = "model"

// ErrorModelCredentials is the type of an error in checking credentials of a provider of
// models, or of a model.
const ErrorModelCredentials ErrorType = "CredentialsValidateFailedError"

// ModelType is the type of a model, in Dify's words. Words that this package does
// not know are kept.
type ModelType string

// The types of model.
const (
	ModelTypeLLM           ModelType = "llm"
	ModelTypeTextEmbedding ModelType = "text-embedding"
	ModelTypeRerank        ModelType = "rerank"
	ModelTypeSpeech2Text   ModelType = "speech2text"
	ModelTypeModeration    ModelType = "moderation"
	ModelTypeTTS           ModelType = "tts"
	ModelTypeText2Img      ModelType = "text2img"
)

// ModelProvider is the adapter of a model provider.
type ModelProvider interface {
	Provider
	// ValidateProviderCredentials checks the values for the provider as a whole.
	// It returns the values that Dify is to save: those given, with defaults filled.
	ValidateProviderCredentials(ctx context.Context, values map[string]any) (map[string]any, error)
	// ValidateModelCredentials checks the values for one model, and returns those
	// that Dify is to save.
	ValidateModelCredentials(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error)
}

// ModelConfig is what the adapter of a model provider is made from. Leave out
// what the provider does not declare.
type ModelConfig struct {
	Name                        string // by which Dify addresses the provider
	ValidateProviderCredentials func(ctx context.Context, values map[string]any) (map[string]any, error)
	ValidateModelCredentials    func(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error)
	Fingerprint                 Fingerprint
}

// NewModel returns the adapter of a model provider.
func NewModel(c ModelConfig) ModelProvider {
	return &modelProvider{newProvider(KindModel, c.Name, c.Fingerprint, nil, nil), c}
}

type modelProvider struct {
	Provider
	config ModelConfig
}

func (p *modelProvider) ValidateProviderCredentials(ctx context.Context, values map[string]any) (map[string]any, error) {
	if p.config.ValidateProviderCredentials == nil {
		return nil, unsupported(p.Name(), "credentials for the provider as a whole")
	}
	saved, err := p.config.ValidateProviderCredentials(ctx, values)
	return saved, typed(ErrorModelCredentials, err)
}

func (p *modelProvider) ValidateModelCredentials(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error) {
	if p.config.ValidateModelCredentials == nil {
		return nil, unsupported(p.Name(), "credentials for a model")
	}
	saved, err := p.config.ValidateModelCredentials(ctx, modelType, model, values)
	return saved, typed(ErrorModelCredentials, err)
}

// BindProviderCredentials binds a typed check of provider credentials to the wire.
// Declared are the names of the form's fields.
func BindProviderCredentials[C interface{ Values() map[string]any }](
	decode func(map[string]any) (C, error),
	validate func(context.Context, C) error,
	declared ...string,
) func(context.Context, map[string]any) (map[string]any, error) {
	return func(ctx context.Context, values map[string]any) (map[string]any, error) {
		creds, err := decode(values)
		if err != nil {
			return nil, err
		}
		if err := validate(ctx, creds); err != nil {
			return nil, err
		}
		return saved(values, creds.Values(), declared), nil
	}
}

// BindModelCredentials binds a typed check of model credentials to the wire.
// Declared are the names of the form's fields.
func BindModelCredentials[C interface{ Values() map[string]any }](
	decode func(ModelType, map[string]any) (C, error),
	validate func(context.Context, ModelType, string, C) error,
	declared ...string,
) func(context.Context, ModelType, string, map[string]any) (map[string]any, error) {
	return func(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error) {
		creds, err := decode(modelType, values)
		if err != nil {
			return nil, err
		}
		if err := validate(ctx, modelType, model, creds); err != nil {
			return nil, err
		}
		return saved(values, creds.Values(), declared), nil
	}
}

// saved is what Dify gets back: what was decoded, and what it sent that no form
// declares, such as base_model_name. A boolean that is false though it was not sent
// is hidden or untouched, and is left out.
func saved(given, decoded map[string]any, declared []string) map[string]any {
	maps.DeleteFunc(decoded, func(key string, v any) bool { return v == false && given[key] == nil })
	maps.Copy(decoded, Undeclared(given, declared...))
	return decoded
}
