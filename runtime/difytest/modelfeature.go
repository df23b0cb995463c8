package difytest

import (
	"fmt"
	"slices"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// need is what Dify sends only to a model that has one of the features.
type need struct {
	what     string
	features []runtime.ModelFeature
}

var (
	needTools     = need{"Tools", []runtime.ModelFeature{runtime.FeatureToolCall, runtime.FeatureMultiToolCall}}
	needVision    = need{"images", []runtime.ModelFeature{runtime.FeatureVision}}
	needDocuments = need{"documents", []runtime.ModelFeature{runtime.FeatureDocument}}
	needAudio     = need{"audio", []runtime.ModelFeature{runtime.FeatureAudio}}
	needVideos    = need{"videos", []runtime.ModelFeature{runtime.FeatureVideo}}
	needPolling   = need{"polled calls", []runtime.ModelFeature{runtime.FeaturePolling}}
)

// lacks says what of a call Dify would not send to a model without a feature, or returns "". Of a model
// without a schema, nobody knows the features.
func (h *Host) lacks(m model, needs ...need) string {
	h.tb.Helper()
	if len(needs) == 0 {
		return ""
	}
	schema := h.schema(m)
	for _, n := range needs {
		if schema == nil || slices.ContainsFunc(n.features, schema.HasFeature) {
			continue
		}
		where := "the schema that CustomModel returns"
		if h.target(runtime.KindModel).model(m.typ, m.name) != nil {
			where = "its YAML"
		}
		return fmt.Sprintf("Dify sends the model %s no %s: add %s to features in %s", m.name, n.what, n.features[0], where)
	}
	return ""
}

// needs returns what of a call needs a feature.
func (c *LLMCall) needs() (needs []need) {
	if len(c.Tools) > 0 {
		needs = append(needs, needTools)
	}
	for _, m := range c.Messages {
		for _, p := range m.Parts {
			switch p.(type) {
			case *llm.Image:
				needs = append(needs, needVision)
			case *llm.Document:
				needs = append(needs, needDocuments)
			case *llm.Audio:
				needs = append(needs, needAudio)
			case *llm.Video:
				needs = append(needs, needVideos)
			}
		}
	}
	return needs
}

// noVoice says that a model in the YAML, which lists its voices, has none of that name, or returns "".
func (p *provider) noVoice(m model, voice string) string {
	s := p.model(m.typ, m.name)
	if s == nil {
		return ""
	}
	var known []string
	voices, _ := s.Properties[runtime.PropertyVoices].([]any)
	for _, v := range voices {
		v, _ := v.(map[string]any)
		if mode, ok := v["mode"].(string); ok {
			known = append(known, mode)
		}
	}
	if len(known) == 0 || slices.Contains(known, voice) {
		return ""
	}
	return fmt.Sprintf("the model %s has no voice %s: add it to voices in its YAML, which has %s", m.name, voice, list(known))
}
