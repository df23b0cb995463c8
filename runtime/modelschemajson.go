package runtime

import (
	"encoding/json"
	"maps"
)

// wireSchema is a schema on the wire (PROTOCOL-CALLS, section 1.5).
type wireSchema struct {
	Model      string            `json:"model"`
	Label      map[string]string `json:"label"`
	Type       ModelType         `json:"model_type"`
	Features   []ModelFeature    `json:"features"` // null and [] differ: of null, Dify guesses
	FetchFrom  string            `json:"fetch_from"`
	Properties map[string]any    `json:"model_properties"`
	Deprecated bool              `json:"deprecated"`
	Parameters []ParameterRule   `json:"parameter_rules"`
	Pricing    *wirePricing      `json:"pricing"`
}

type wirePricing struct {
	Input    Decimal `json:"input"`
	Output   Decimal `json:"output"`
	Unit     Decimal `json:"unit"`
	Currency string  `json:"currency"`
}

// wireParameter is a rule on the wire.
type wireParameter struct {
	Name      string             `json:"name"`
	Template  *string            `json:"use_template"`
	Label     map[string]string  `json:"label"`
	Type      ModelParameterType `json:"type"`
	Help      map[string]string  `json:"help"`
	Required  bool               `json:"required"`
	Default   any                `json:"default"`
	Min       Optional[float64]  `json:"min"`
	Max       Optional[float64]  `json:"max"`
	Precision Optional[int]      `json:"precision"`
	Options   []string           `json:"options"`
}

// languages returns a text on the wire: in English, and in other languages.
func languages(english string, others map[string]string) map[string]string {
	text := maps.Clone(others)
	if text == nil {
		text = make(map[string]string, 1)
	}
	text[englishKey] = english
	return text
}

const englishKey = "en_US"

// otherLanguages returns a text on the wire without the English one, or nil if there is no other.
func otherLanguages(text map[string]string) map[string]string {
	others := maps.Clone(text)
	delete(others, englishKey)
	if len(others) == 0 {
		return nil
	}
	return others
}

// MarshalJSON encodes the schema as Dify takes it. What is left out has its usual value.
func (s ModelSchema) MarshalJSON() ([]byte, error) {
	w := wireSchema{
		Model: s.Model, Label: languages(s.Label, s.Labels), Type: s.Type, Features: s.Features, FetchFrom: s.FetchFrom,
		Properties: s.Properties, Deprecated: s.Deprecated, Parameters: s.Parameters,
	}
	if s.Label == "" {
		w.Label[englishKey] = s.Model
	}
	if w.FetchFrom == "" {
		w.FetchFrom = FetchCustomizable
	}
	if w.Properties == nil {
		w.Properties = map[string]any{}
	}
	if w.Parameters == nil {
		w.Parameters = []ParameterRule{}
	}
	if s.Pricing != nil {
		p := wirePricing(*s.Pricing)
		w.Pricing = &p
	}
	return json.Marshal(w)
}

// UnmarshalJSON decodes what Dify is told about a model.
func (s *ModelSchema) UnmarshalJSON(data []byte) error {
	var w wireSchema
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*s = ModelSchema{
		Model: w.Model, Label: w.Label[englishKey], Labels: otherLanguages(w.Label), Type: w.Type, Features: w.Features,
		Properties: w.Properties, Parameters: w.Parameters, Deprecated: w.Deprecated, FetchFrom: w.FetchFrom,
	}
	if w.Pricing != nil {
		p := ModelPricing(*w.Pricing)
		s.Pricing = &p
	}
	return nil
}

// MarshalJSON encodes the rule as Dify takes it.
func (p ParameterRule) MarshalJSON() ([]byte, error) {
	w := wireParameter{
		Name: p.Name, Label: languages(p.Label, p.Labels), Type: p.Type, Required: p.Required, Default: p.Default,
		Min: p.Min, Max: p.Max, Precision: p.Precision, Options: p.Options,
	}
	if p.Label == "" {
		w.Label[englishKey] = p.Name
	}
	if p.Template != "" {
		w.Template = &p.Template
	}
	if p.Help != "" || len(p.Helps) > 0 {
		w.Help = languages(p.Help, p.Helps)
	}
	if w.Options == nil {
		w.Options = []string{}
	}
	return json.Marshal(w)
}

// UnmarshalJSON decodes a rule.
func (p *ParameterRule) UnmarshalJSON(data []byte) error {
	var w wireParameter
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*p = ParameterRule{
		Name: w.Name, Label: w.Label[englishKey], Labels: otherLanguages(w.Label), Help: w.Help[englishKey], Helps: otherLanguages(w.Help),
		Type: w.Type, Required: w.Required, Default: w.Default, Min: w.Min, Max: w.Max, Precision: w.Precision, Options: w.Options,
	}
	if w.Template != nil {
		p.Template = *w.Template
	}
	return nil
}
