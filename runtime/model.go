package runtime

import (
	"context"
	"maps"
)

// KindModel is the kind of a model provider.
const KindModel Kind = "model"

// ErrorModelCredentials is the type of an error in checking the credentials for a model
// provider or for a model.
const ErrorModelCredentials ErrorType = "CredentialsValidateFailedError"

// ModelType is the type of a model, in Dify's words. Unknown types are kept.
type ModelType string

// The types of models.
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
	// ValidateProviderCredentials checks the values for the whole provider. It returns
	// the values that Dify must save: those given, with defaults filled in.
	ValidateProviderCredentials(ctx context.Context, values map[string]any) (map[string]any, error)
	// ValidateModelCredentials checks the values for one model, and returns the values
	// that Dify must save.
	ValidateModelCredentials(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error)
}

// ModelConfig configures the adapter of a model provider. Leave out what the provider
// does not declare.
type ModelConfig struct {
	Name                        string // by which Dify addresses the provider
	ValidateProviderCredentials func(ctx context.Context, values map[string]any) (map[string]any, error)
	ValidateModelCredentials    func(ctx context.Context, modelType ModelType, model string, values map[string]any) (map[string]any, error)
	// Models are the models that the YAML declares: for each, in JSON, what Dify is told about it.
	Models []string
	// CustomModel returns the schema of a model that is not among Models, or nil if it does not
	// know it either. It is called before each call of such a model. It is nil if users cannot add
	// models.
	CustomModel func(ctx context.Context, call ModelCall, credentials map[string]any) (*ModelSchema, error)
	// Actions are what Dify can ask of models. They get the model's schema.
	Actions []ModelAction
	Fields  *Fields
}

// NewModel returns the adapter of a model provider.
func NewModel(c ModelConfig) ModelProvider {
	return &modelProvider{newProvider(KindModel, c.Name, c.Fields, nil, nil), c, newModelTable(c.Models)}
}

type modelProvider struct {
	Provider
	config ModelConfig
	models *modelTable
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

// BindProviderCredentials adapts a typed check of provider credentials to values on the
// wire. The declared names are those of the form's fields.
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

// BindModelCredentials adapts a typed check of model credentials to values on the wire.
// The declared names are those of the form's fields.
func BindModelCredentials[C interface{ Values() map[string]any }](
	decode CredentialsDecoder[C],
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

// saved returns the values that Dify must save: those that were decoded, and those that
// the form does not declare, such as base_model_name. A boolean that is false although
// Dify did not send it is hidden or was never set. It is left out.
func saved(given, decoded map[string]any, declared []string) map[string]any {
	maps.DeleteFunc(decoded, func(key string, v any) bool { return v == false && given[key] == nil })
	maps.Copy(decoded, Undeclared(given, declared...))
	return decoded
}
