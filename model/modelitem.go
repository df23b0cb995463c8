package model

import (
	"cmp"
	_ "embed" // for templates.yaml
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

type hostModelItem struct {
	Model          string                           `yaml:"model"`
	Label          hostText                         `yaml:"label"`
	ModelType      string                           `yaml:"model_type"`
	Features       []string                         `yaml:"features"`
	FetchFrom      string                           `yaml:"fetch_from"`
	Properties     map[string]any                   `yaml:"model_properties"`
	Deprecated     bool                             `yaml:"deprecated"`
	ParameterRules []yamldoc.Sourced[hostModelRule] `yaml:"parameter_rules"`
	Pricing        *hostPricing                     `yaml:"pricing"`
	Extra          yamldoc.Node                     `yaml:"extra"`
	Meta           yamldoc.Node                     `yaml:"meta"`
}

// hostModelRule is the rule for a parameter of a model.
type hostModelRule struct {
	Name        string                    `yaml:"name"`
	UseTemplate *string                   `yaml:"use_template"`
	Label       *hostText                 `yaml:"label"`
	Type        *hostType                 `yaml:"type"`
	Help        *hostText                 `yaml:"help"`
	Required    bool                      `yaml:"required"`
	Default     any                       `yaml:"default"`
	Min         *float64                  `yaml:"min"`
	Max         *float64                  `yaml:"max"`
	Precision   *int                      `yaml:"precision"`
	Options     []yamldoc.Sourced[string] `yaml:"options"`
}

func (hostModelRule) DescribeYAML() yamldoc.Words { return parameterWords }

type hostPricing struct {
	Input    decimal  `yaml:"input"`
	Output   *decimal `yaml:"output"`
	Unit     decimal  `yaml:"unit"`
	Currency string   `yaml:"currency"`
}

// The host's limits for a model. Those of lengths are exclusive.
const (
	maxModelName      = 256
	maxModelRules     = 128
	maxModelFeatures  = 256
	predefinedModel   = "predefined-model"
	customizableModel = "customizable-model"
)

// hostModelTypes are the types of models that the host knows. Those that Dify's API knows
// as well come first.
var (
	apiModelTypes  = valuesOf(modelTypeWords)
	hostModelTypes = append(slices.Clone(apiModelTypes), "text2img", "multimodal-embedding", "multimodal-rerank")
	apiFeatures    = valuesOf(featureWords)
	modes          = valuesOf(modeWords)
)

//go:embed templates.yaml
var templatesYAML []byte

// templates are the parameters that a rule can name with use_template.
var templates = sync.OnceValue(func() map[string]hostModelRule {
	var list map[string]hostModelRule
	if doc, err := yamldoc.Parse(templatesYAML); err == nil {
		doc.Decode(doc.Root, &list)
	}
	return list
})

// fill sets what the rule leaves out to what its template has, as the host does. It
// returns false for a template that the host does not know.
func (h *hostModelRule) fill() bool {
	if h.Label == nil || h.Label.English == "" {
		h.Label = &hostText{English: h.Name}
	}
	if deref(h.UseTemplate) == "" {
		return true
	}
	template, ok := templates()[*h.UseTemplate]
	h.Type = cmp.Or(h.Type, template.Type)
	h.Help = cmp.Or(h.Help, template.Help)
	if h.Default == nil {
		h.Default = template.Default
	}
	h.Min = cmp.Or(h.Min, template.Min)
	h.Max = cmp.Or(h.Max, template.Max)
	h.Precision = cmp.Or(h.Precision, template.Precision)
	if h.Options == nil {
		h.Options = template.Options
	}
	return ok
}

func (h *hostModelRule) field() Field {
	f := Field{
		Name: h.Name, Required: h.Required, Default: h.Default, Help: h.Help.textPtr(),
		Min: h.Min, Max: h.Max, Precision: h.Precision, Template: deref(h.UseTemplate),
	}
	if h.Label != nil {
		f.Label = h.Label.text()
	}
	if h.Type != nil {
		f.Type = FieldType(*h.Type)
	}
	for _, o := range h.Options {
		f.Options = append(f.Options, Option{Value: o.Value, node: o.Node})
	}
	return f
}

func loadModelItem(l *loader) *Item {
	var host hostModelItem
	l.decodeRoot(&host)
	for i := range host.ParameterRules {
		rule := &host.ParameterRules[i]
		if !rule.Value.fill() {
			l.failed = true
			_, value := yamldoc.Lookup(rule.Node, "use_template")
			l.suggest(at(value), ruleType, text.Nearest(*rule.Value.UseTemplate, templateNames()),
				"the host has no template %s", text.Name(*rule.Value.UseTemplate))
		}
	}
	if l.failed {
		return nil
	}
	checkModelItem(l.checker(), &host)
	if host.Label.English == "" {
		host.Label.English = host.Model
	}
	if host.FetchFrom == "" {
		host.FetchFrom = predefinedModel
	}
	s := l.newSection(SectionModelParameters, fieldsOf(l, host.ParameterRules), "parameter_rules")
	return &Item{Name: host.Model, Type: host.ModelType, Label: host.Label.text(), Features: host.Features, Parameters: &s, host: &host}
}

func templateNames() []string {
	var names []string
	for name := range templates() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// templateWords are the templates, with what each gives.
func templateWords() []Word {
	var words []Word
	for _, name := range templateNames() {
		t := templates()[name]
		doc := "A parameter of type " + string(*t.Type)
		if t.Min != nil && t.Max != nil {
			doc += fmt.Sprintf(", from %v to %v", *t.Min, *t.Max)
		}
		if len(t.Options) > 0 {
			var options []string
			for _, o := range t.Options {
				options = append(options, o.Value)
			}
			doc += ", " + strings.Join(options, " or ")
		}
		if t.Default != nil {
			doc += fmt.Sprintf(", %v if it is not given", t.Default)
		}
		words = append(words, Word{name, doc + "."})
	}
	return words
}
