package runtime

import "encoding/json"

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
	PropertyMode                    = "mode"         // "chat" or "completion"; of an LLM
	PropertyContextSize             = "context_size" // in tokens
	PropertyMaxChunks               = "max_chunks"   // how many texts Dify sends an embedding model at once; 1 by default
	PropertyVoices                  = "voices"
	PropertyDefaultVoice            = "default_voice"
	PropertyWordLimit               = "word_limit"
	PropertyAudioType               = "audio_type"
	PropertyMaxWorkers              = "max_workers"
	PropertyFileUploadLimit         = "file_upload_limit"
	PropertySupportedFileExtensions = "supported_file_extensions"
	PropertyMaxCharactersPerChunk   = "max_characters_per_chunk"
)

// ModelSchema says what a model is and what it can do. Dify asks for it, and the parameters of a
// call are checked against it. Generated code has the schemas of the models that the YAML declares;
// CustomModel returns that of another one.
type ModelSchema struct {
	Model      string // by which Dify addresses it; empty for the one that was asked for
	Label      string // that users see, in English; Model if empty
	Type       ModelType
	Features   []ModelFeature
	Properties map[string]any // such as PropertyContextSize, for encoding/json
	Parameters []ModelParameter
	Pricing    *ModelPricing // nil if unknown
	Deprecated bool

	// FetchFrom is where Dify has the model from: "customizable-model" if empty, and of a model in
	// the YAML "predefined-model".
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

// HasFeature reports whether the model has a feature. A nil schema has none.
func (s *ModelSchema) HasFeature(f ModelFeature) bool {
	if s == nil {
		return false
	}
	for _, have := range s.Features {
		if have == f {
			return true
		}
	}
	return false
}

// MarshalJSON encodes the schema as Dify takes it.
func (s ModelSchema) MarshalJSON() ([]byte, error) { return json.Marshal(s.wire()) }

// UnmarshalJSON decodes what Dify is told about a model.
func (s *ModelSchema) UnmarshalJSON(data []byte) error {
	var w wireSchema
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*s = w.schema()
	return nil
}

type wireSchema struct {
	Model      string            `json:"model"`
	Label      map[string]string `json:"label"`
	Type       ModelType         `json:"model_type"`
	Features   []ModelFeature    `json:"features"`
	FetchFrom  string            `json:"fetch_from"`
	Properties map[string]any    `json:"model_properties"`
	Deprecated bool              `json:"deprecated"`
	Parameters []wireRule        `json:"parameter_rules"`
	Pricing    *wirePricing      `json:"pricing"`
}

type wireRule struct {
	Name      string             `json:"name"`
	Template  *string            `json:"use_template"`
	Label     map[string]string  `json:"label"`
	Type      ModelParameterType `json:"type"`
	Help      map[string]string  `json:"help"`
	Required  bool               `json:"required"`
	Default   any                `json:"default"`
	Min       *float64           `json:"min"`
	Max       *float64           `json:"max"`
	Precision *int               `json:"precision"`
	Options   []string           `json:"options"`
}

type wirePricing struct {
	Input    Decimal  `json:"input"`
	Output   *Decimal `json:"output"`
	Unit     Decimal  `json:"unit"`
	Currency string   `json:"currency"`
}

func (s *ModelSchema) wire() wireSchema {
	return wireSchema{Model: s.Model, Type: s.Type}
}

func (w *wireSchema) schema() ModelSchema {
	return ModelSchema{Model: w.Model, Label: w.Label["en_US"], Type: w.Type, Features: w.Features, Properties: w.Properties, FetchFrom: w.FetchFrom, Deprecated: w.Deprecated}
}
