package runtime

import (
	"math"
	"slices"
)

// ModelFeature is something that a model can do, in Dify's words.
type ModelFeature string

// The features that Dify knows. One that it does not know makes a whole provider unusable.
const (
	FeatureToolCall         ModelFeature = "tool-call"
	FeatureMultiToolCall    ModelFeature = "multi-tool-call"
	FeatureStreamToolCall   ModelFeature = "stream-tool-call"
	FeatureAgentThought     ModelFeature = "agent-thought"
	FeatureVision           ModelFeature = "vision"
	FeatureDocument         ModelFeature = "document"
	FeatureVideo            ModelFeature = "video"
	FeatureAudio            ModelFeature = "audio"
	FeatureStructuredOutput ModelFeature = "structured-output"
	FeaturePolling          ModelFeature = "polling"
)

// The properties of models that Dify knows.
const (
	PropertyMode                    = "mode"         // ModeChat or ModeCompletion; of an LLM
	PropertyContextSize             = "context_size" // in tokens
	PropertyMaxChunks               = "max_chunks"   // how many texts Dify sends an embedding model at once; 1 by default
	PropertyVoices                  = "voices"
	PropertyDefaultVoice            = "default_voice"
	PropertyWordLimit               = "word_limit"
	PropertyAudioType               = "audio_type" // such as "mp3"
	PropertyMaxWorkers              = "max_workers"
	PropertyFileUploadLimit         = "file_upload_limit"
	PropertySupportedFileExtensions = "supported_file_extensions"
	PropertyMaxCharactersPerChunk   = "max_characters_per_chunk"
)

// The modes of an LLM, which are values of PropertyMode.
const (
	ModeChat       = "chat"
	ModeCompletion = "completion"
)

// The values of FetchFrom of a ModelSchema.
const (
	FetchPredefined   = "predefined-model"
	FetchCustomizable = "customizable-model"
)

// ModelSchema says what a model is and what it can do. Dify asks for it, and the parameters of a
// call are checked against it. Generated code has the schemas of the models that the YAML declares;
// CustomModel returns that of another one. Methods of a nil schema find nothing.
type ModelSchema struct {
	Model      string            // by which Dify addresses it; empty for the one that was asked for
	Label      string            // that users see, in English; Model if empty
	Labels     map[string]string // in other languages: zh_Hans, ja_JP and pt_BR
	Type       ModelType         // empty for the one that was asked for
	Features   []ModelFeature
	Properties map[string]any // such as PropertyContextSize, for encoding/json
	Parameters []ParameterRule
	Pricing    *ModelPricing // nil if unknown
	Deprecated bool

	// FetchFrom is where Dify has the model from: FetchCustomizable if empty, and of a model in
	// the YAML FetchPredefined.
	FetchFrom string
}

// ModelPricing is what the tokens of a model cost: tokens × Input or Output × Unit.
type ModelPricing struct {
	Input    Decimal
	Output   Decimal
	Unit     Decimal // such as 0.000001
	Currency string  // such as "USD"
}

// Price returns what tokens cost at a unit price, rounded half up to 7 decimal places.
func (p *ModelPricing) Price(tokens int, unitPrice Decimal) Decimal {
	if p == nil {
		return Decimal{}
	}
	return NewDecimal(int64(tokens), 0).Mul(unitPrice).Mul(p.Unit).Round(7)
}

// HasFeature reports whether the model has a feature.
func (s *ModelSchema) HasFeature(f ModelFeature) bool {
	return s != nil && slices.Contains(s.Features, f)
}

// PropertyText returns a property that is a text, such as PropertyMode, or "".
func (s *ModelSchema) PropertyText(property string) string {
	if s == nil {
		return ""
	}
	text, _ := s.Properties[property].(string)
	return text
}

// PropertyInt returns a property that is a whole number, such as PropertyContextSize, or 0.
func (s *ModelSchema) PropertyInt(property string) int {
	if s == nil {
		return 0
	}
	f, ok := numberOf(s.Properties[property])
	if !ok || f != math.Trunc(f) || math.Abs(f) > maxInteger {
		return 0
	}
	return int(f)
}

// Parameter returns the rule for the parameter of that name, or nil.
func (s *ModelSchema) Parameter(name string) *ParameterRule {
	if s == nil {
		return nil
	}
	for i := range s.Parameters {
		if s.Parameters[i].Name == name {
			return &s.Parameters[i]
		}
	}
	return nil
}
