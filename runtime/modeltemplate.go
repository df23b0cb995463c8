package runtime

import (
	"maps"
	"slices"
	"strings"
)

// modelTemplates are Dify's templates of parameters (PROTOCOL-CALLS, section 1.5), without the
// help, which Dify fills in, in several languages.
var modelTemplates = map[string]ModelParameter{
	"temperature":       fraction(0),
	"top_p":             fraction(1),
	"presence_penalty":  fraction(0),
	"frequency_penalty": fraction(0),
	"top_k":             {Type: ModelParameterInt, Default: 50.0, Min: Some(1.0), Max: Some(100.0), Precision: Some(0)},
	"max_tokens":        {Type: ModelParameterInt, Default: 64.0, Min: Some(1.0), Max: Some(2048.0), Precision: Some(0)},
	"response_format":   {Type: ModelParameterString, Options: []string{"JSON", "XML"}},
	"json_schema":       {Type: ModelParameterString},
}

func fraction(preset float64) ModelParameter {
	return ModelParameter{Type: ModelParameterFloat, Default: preset, Min: Some(0.0), Max: Some(1.0), Precision: Some(2)}
}

// fill sets what the rule leaves out to what its template has, as Dify does. It returns false for a
// template that Dify does not know.
func (p *ModelParameter) fill() bool {
	if p.Template == "" {
		return true
	}
	t, ok := modelTemplates[p.Template]
	if p.Type == "" {
		p.Type = t.Type
	}
	if p.Default == nil {
		p.Default = t.Default
	}
	for _, limit := range []struct {
		to *Optional[float64]
		of Optional[float64]
	}{{&p.Min, t.Min}, {&p.Max, t.Max}} {
		if !limit.to.IsSet() {
			*limit.to = limit.of
		}
	}
	if !p.Precision.IsSet() {
		p.Precision = t.Precision
	}
	if p.Options == nil {
		p.Options = slices.Clone(t.Options)
	}
	return ok
}

// templateList lists the templates.
func templateList() string { return strings.Join(slices.Sorted(maps.Keys(modelTemplates)), ", ") }
