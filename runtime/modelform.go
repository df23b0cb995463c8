package runtime

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// FormSchema returns the schema of a model as usual fields of the form say. What the form does not
// have, or the user has left empty, has the value in brackets:
//
//   - context_size (4096, of an embedding model 512)
//   - for an LLM: mode (chat); function_calling_type (no_call), which is function_call or tool_call if
//     the model calls tools; stream_function_calling (supported); vision_support and video_support
//     (no_support), which are support if it takes images and videos; max_tokens_to_sample (4096),
//     which is the limit of the parameter max_tokens; temperature (0.7), top_p (1), frequency_penalty
//     (0) and presence_penalty (0), which are the defaults of these parameters
//   - for an embedding model: max_chunks (1) and vision_support (no_support); this for a rerank model, too
//   - for text-to-speech: voices (alloy), with commas between them, audio_type (mp3) and word_limit (4096)
//   - for prices: input_price, output_price (0), unit and currency (USD); none without input_price and
//     unit, or if one of the three is not a number
//
// Other properties have the values that they have in OpenAI's API. A field such as context_size that is
// not a number makes a schema that Dify is not told: the user gets an error.
func (c *CustomModelCall[C]) FormSchema() *ModelSchema {
	f := newForm(c.Credentials)
	s := &ModelSchema{
		Model: c.Model, Type: c.ModelType, FetchFrom: FetchCustomizable, Features: []ModelFeature{},
		Properties: make(map[string]any), Pricing: f.pricing(),
	}
	switch c.ModelType {
	case ModelTypeLLM:
		f.llm(s)
	case ModelTypeTextEmbedding:
		s.Properties[PropertyContextSize], s.Properties[PropertyMaxChunks] = f.whole("context_size", 512), f.whole("max_chunks", 1)
		f.feature(s, FeatureVision, "vision_support")
	case ModelTypeRerank:
		s.Properties[PropertyContextSize] = f.whole("context_size", 4096)
		f.feature(s, FeatureVision, "vision_support")
	case ModelTypeTTS:
		f.speech(s)
	case ModelTypeSpeech2Text:
		s.Properties[PropertyFileUploadLimit] = 25.0
		s.Properties[PropertySupportedFileExtensions] = "flac,mp3,mp4,mpeg,mpga,m4a,ogg,wav,webm"
	}
	return s
}

// form reads the values of a form.
type form struct{ values map[string]any }

func newForm(credentials any) form {
	switch c := credentials.(type) {
	case interface{ Values() map[string]any }:
		return form{c.Values()}
	case map[string]any:
		return form{c}
	}
	return form{}
}

func (f form) text(name, fallback string) string {
	v := f.values[name]
	text, ok := v.(string)
	if !ok {
		text, _ = scalarText(v)
	}
	return cmp.Or(strings.TrimSpace(text), fallback)
}

// whole returns a number, or what the user has entered instead.
func (f form) whole(name string, fallback int) any {
	text := f.text(name, strconv.Itoa(fallback))
	if n, err := strconv.Atoi(text); err == nil {
		return float64(n)
	}
	return text
}

func (f form) number(name string, fallback float64) float64 {
	if n, err := strconv.ParseFloat(f.text(name, ""), 64); err == nil {
		return n
	}
	return fallback
}

func (f form) feature(s *ModelSchema, feature ModelFeature, name string) {
	if f.text(name, "") == "support" {
		s.Features = append(s.Features, feature)
	}
}

func (f form) llm(s *ModelSchema) {
	s.Properties[PropertyMode], s.Properties[PropertyContextSize] = f.text("mode", ModeChat), f.whole("context_size", 4096)
	calls := map[string]ModelFeature{"function_call": FeatureToolCall, "tool_call": FeatureMultiToolCall}[f.text("function_calling_type", "")]
	if calls != "" {
		s.Features = append(s.Features, calls)
		if f.text("stream_function_calling", "supported") == "supported" {
			s.Features = append(s.Features, FeatureStreamToolCall)
		}
	}
	f.feature(s, FeatureVision, "vision_support")
	f.feature(s, FeatureVideo, "video_support")
	rule := func(name string, preset, low, high float64) {
		s.Parameters = append(s.Parameters, ParameterRule{
			Name: name, Template: name, Default: preset, Min: Some(low), Max: Some(high),
		})
	}
	penalty := func(name, label, help string) { // of any precision, unlike the template
		s.Parameters = append(s.Parameters, ParameterRule{
			Name: name, Label: label, Labels: modelTemplates[name].Labels, Help: help, Type: ModelParameterFloat,
			Default: f.number(name, 0), Min: Some(-2.0), Max: Some(2.0),
		})
	}
	most := max(1, math.Trunc(f.number("max_tokens_to_sample", 4096)))
	rule("temperature", f.number("temperature", 0.7), 0, 2)
	rule("top_p", f.number("top_p", 1), 0, 1)
	penalty("frequency_penalty", "Frequency Penalty", "The higher it is, the less the model repeats words that it has often used in the text.")
	penalty("presence_penalty", "Presence Penalty", "The higher it is, the more the model writes about what is not in the text yet.")
	rule("max_tokens", min(512, most), 1, most)
}

func (f form) speech(s *ModelSchema) {
	voices := []any{}
	for name := range strings.SplitSeq(f.text("voices", "alloy"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			voices = append(voices, map[string]any{"name": name, "mode": name, "language": []any{"en-US"}})
		}
	}
	s.Properties[PropertyVoices] = voices
	if len(voices) > 0 {
		s.Properties[PropertyDefaultVoice] = voices[0].(map[string]any)["mode"]
	}
	s.Properties[PropertyAudioType], s.Properties[PropertyWordLimit] = f.text("audio_type", "mp3"), f.whole("word_limit", 4096)
}

func (f form) pricing() *ModelPricing {
	input, err := ParseDecimal(f.text("input_price", ""))
	unit, unitErr := ParseDecimal(f.text("unit", ""))
	output, outputErr := ParseDecimal(f.text("output_price", "0"))
	if err != nil || unitErr != nil || outputErr != nil {
		return nil // rather than prices that are too low
	}
	return &ModelPricing{Input: input, Output: output, Unit: unit, Currency: f.text("currency", "USD")}
}
