package runtime

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Dify's API refuses a schema with other words than these.
var (
	modelFeatures = []ModelFeature{
		FeatureToolCall, FeatureMultiToolCall, FeatureStreamToolCall, FeatureAgentThought, FeatureVision, FeatureDocument,
		FeatureVideo, FeatureAudio, FeatureStructuredOutput, FeaturePolling,
	}
	modelTypes = []ModelType{
		ModelTypeLLM, ModelTypeTextEmbedding, ModelTypeRerank, ModelTypeSpeech2Text, ModelTypeModeration, ModelTypeTTS,
	}
	parameterTypes = []ModelParameterType{
		ModelParameterFloat, ModelParameterInt, ModelParameterString, ModelParameterBoolean, ModelParameterText,
	}
	wholeProperties = []string{
		PropertyContextSize, PropertyMaxChunks, PropertyWordLimit, PropertyMaxWorkers, PropertyFileUploadLimit, PropertyMaxCharactersPerChunk,
	}
	otherProperties = []string{
		PropertyMode, PropertyVoices, PropertyDefaultVoice, PropertyAudioType, PropertySupportedFileExtensions,
	}
)

// Validate reports what Dify would not take, and rules of parameters that contradict themselves or one
// another. The model, its type and labels may be left out, and what a template of a parameter has.
func (s *ModelSchema) Validate() error {
	_, err := s.complete(ModelCall{ModelType: cmp.Or(s.Type, ModelTypeLLM), Model: cmp.Or(s.Model, "a model")})
	return err
}

// complete returns the schema with what it leaves out: what is the same as in the call, labels, and
// what templates have. It does not change s. The error says what Dify would not take, or that the schema
// is that of another model.
func (s *ModelSchema) complete(call ModelCall) (*ModelSchema, error) {
	c := *s
	if cmp.Or(c.Model, call.Model) != call.Model || cmp.Or(c.Type, call.ModelType) != call.ModelType {
		return nil, fmt.Errorf("schema of the model %s of type %s: it says Model %q and Type %q: leave them empty",
			oneLine(call.Model), oneLine(string(call.ModelType)), c.Model, c.Type)
	}
	c.Model, c.Type, c.FetchFrom = cmp.Or(c.Model, call.Model), cmp.Or(c.Type, call.ModelType), cmp.Or(c.FetchFrom, FetchCustomizable)
	c.Label = cmp.Or(c.Label, c.Model)
	c.Parameters = slices.Clone(c.Parameters)
	for i := range c.Parameters {
		p := &c.Parameters[i]
		p.label()
		if !p.fill() {
			return nil, fmt.Errorf("schema of the model %s: the parameter %s has the template %s, which Dify does not know; it knows %s",
				oneLine(c.Model), oneLine(p.Name), oneLine(p.Template), templateList())
		}
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("schema of the model %s: %w", oneLine(c.Model), err)
	}
	return &c, nil
}

func (s *ModelSchema) check() error {
	if !slices.Contains(modelTypes, s.Type) {
		return unknown("the type", s.Type, modelTypes)
	}
	if s.FetchFrom != FetchCustomizable && s.FetchFrom != FetchPredefined {
		return unknown("the source", s.FetchFrom, []string{FetchCustomizable, FetchPredefined})
	}
	for _, f := range s.Features {
		if !slices.Contains(modelFeatures, f) {
			return unknown("the feature", f, modelFeatures)
		}
	}
	for name := range s.Properties {
		if err := s.checkProperty(name); err != nil {
			return err
		}
	}
	names := make(map[string]bool)
	for i := range s.Parameters {
		p := &s.Parameters[i]
		if err := p.checkRule(); err != nil {
			return err
		}
		if names[p.Name] {
			return fmt.Errorf("two parameters have the name %s", oneLine(p.Name))
		}
		names[p.Name] = true
	}
	if s.Pricing != nil && s.Pricing.Currency == "" {
		return errors.New("the pricing has no currency")
	}
	return nil
}

func (s *ModelSchema) checkProperty(name string) error {
	switch v := s.Properties[name]; {
	case slices.Contains(wholeProperties, name):
		if f, ok := numberOf(v); !ok || f != math.Trunc(f) || math.Abs(f) > maxInteger {
			return fmt.Errorf("%s must be a whole number", name)
		}
	case !slices.Contains(otherProperties, name):
		return unknown("the property", name, slices.Concat(wholeProperties, otherProperties))
	case name == PropertyMode && v != ModeChat && v != ModeCompletion:
		return fmt.Errorf("%s must be %s or %s", name, ModeChat, ModeCompletion)
	}
	if _, err := json.Marshal(s.Properties[name]); err != nil {
		return fmt.Errorf("%s cannot be encoded as JSON: %w", name, err)
	}
	return nil
}

// checkRule checks a rule that is filled.
func (p *ParameterRule) checkRule() error {
	switch {
	case p.Name == "":
		return errors.New("a parameter has no Name")
	case p.Type == "":
		return fmt.Errorf("the parameter %s has neither a Type nor a Template", oneLine(p.Name))
	case !slices.Contains(parameterTypes, p.Type):
		return unknown("of the parameter "+oneLine(p.Name)+", the type", p.Type, parameterTypes)
	}
	if f, ok := numberOf(p.Default); ok && (math.IsNaN(f) || math.IsInf(f, 0)) || !finite(p.Min) || !finite(p.Max) {
		return fmt.Errorf("a number of the parameter %s is infinite, or not a number", oneLine(p.Name))
	}
	if reason := p.wrongDefault(); reason != "" {
		return fmt.Errorf("the Default of the parameter %s %s", oneLine(p.Name), reason)
	}
	if p.Min.IsSet() && p.Max.IsSet() && p.Min.value > p.Max.value {
		return fmt.Errorf("the Min of the parameter %s is greater than its Max", oneLine(p.Name))
	}
	return nil
}

// wrongDefault says why the default is not of the rule's type, or returns "". Dify does not mind one that
// breaks other limits.
func (p *ParameterRule) wrongDefault() string {
	if p.Default == nil {
		return ""
	}
	var wrong problems
	(&ParameterRule{Name: p.Name, Type: p.Type}).check(&wrong, plainNumber(p.Default))
	if len(wrong.list) == 0 {
		return ""
	}
	return wrong.list[0].Reason
}

func finite(f Optional[float64]) bool { return !math.IsNaN(f.value) && !math.IsInf(f.value, 0) }

// unknown says that Dify does not know a word, and which ones it knows.
func unknown[T ~string](what string, word T, known []T) error {
	return fmt.Errorf("%s %s is unknown to Dify: it %s", what, oneLine(string(word)), notAnOption(known))
}
