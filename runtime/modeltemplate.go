package runtime

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// modelTemplates are Dify's templates of parameters (PROTOCOL-CALLS, section 1.5), without the
// help, which Dify fills in, in several languages. Dify fills in no labels.
var modelTemplates = map[string]ParameterRule{
	"temperature":       fraction("Temperature", "温度", 0),
	"top_p":             fraction("Top P", "", 1),
	"presence_penalty":  fraction("Presence Penalty", "存在惩罚", 0),
	"frequency_penalty": fraction("Frequency Penalty", "频率惩罚", 0),
	"top_k":             whole("Top K", "", 50, 100),
	"max_tokens":        whole("Max Tokens", "最大标记", 64, 2048),
	"response_format":   {Label: "Response Format", Labels: chinese("回复格式"), Type: ModelParameterString, Options: []string{"JSON", "XML"}},
	"json_schema":       {Label: "JSON Schema", Type: ModelParameterString},
}

func fraction(label, zh string, preset float64) ParameterRule {
	return ParameterRule{
		Label: label, Labels: chinese(zh), Type: ModelParameterFloat, Default: preset, Min: Some(0.0), Max: Some(1.0), Precision: Some(2),
	}
}

func whole(label, zh string, preset, most float64) ParameterRule {
	return ParameterRule{
		Label: label, Labels: chinese(zh), Type: ModelParameterInt, Default: preset, Min: Some(1.0), Max: Some(most), Precision: Some(0),
	}
}

func chinese(label string) map[string]string {
	if label == "" {
		return nil
	}
	return map[string]string{"zh_Hans": label}
}

// label sets the labels that the rule leaves out, to those of its template or to its name.
func (p *ParameterRule) label() {
	if p.Label != "" {
		return
	}
	t := modelTemplates[p.Template]
	p.Label = cmp.Or(t.Label, p.Name)
	if p.Labels == nil {
		p.Labels = maps.Clone(t.Labels)
	}
}

// fill sets what else the rule leaves out to what its template has, as Dify does. It returns false for
// a template that Dify does not know.
func (p *ParameterRule) fill() bool {
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
