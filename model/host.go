package model

import "github.com/difygen/difygen/internal/yamldoc"

// The structs whose names begin with host mirror those of the host: they have the same
// keys with the same Go types, so that yaml.v3 coerces and rejects the same values, and
// encode as the host's do. Those of kinds of provider and of their items stand in the files
// that load them. They also have the keys extra and meta, which plugins use and the host
// ignores. A value that the host never decodes, or decodes separately, is a yamldoc.Node.

// hostFormField is a field of a model provider's form.
type hostFormField struct {
	Variable    string                            `yaml:"variable"`
	Label       hostText                          `yaml:"label"`
	Type        hostType                          `yaml:"type"`
	Required    bool                              `yaml:"required"`
	Default     *string                           `yaml:"default"`
	Options     []yamldoc.Sourced[hostFormOption] `yaml:"options"`
	Placeholder *hostText                         `yaml:"placeholder"`
	Help        *hostText                         `yaml:"help"`
	URL         *string                           `yaml:"url"`
	MaxLength   int                               `yaml:"max_length"`
	ShowOn      []yamldoc.Sourced[hostShowOn]     `yaml:"show_on"`
}

type hostFormOption struct {
	Label  hostText                      `yaml:"label"`
	Value  string                        `yaml:"value"`
	ShowOn []yamldoc.Sourced[hostShowOn] `yaml:"show_on"`
}

type hostShowOn struct {
	Variable string `yaml:"variable"`
	Value    string `yaml:"value"`
}

// hostEventParameter is a parameter of an event, or of a trigger's subscription.
type hostEventParameter struct {
	Name         string                             `yaml:"name"`
	Label        hostText                           `yaml:"label"`
	Type         hostType                           `yaml:"type"`
	AutoGenerate *hostAutoGenerate                  `yaml:"auto_generate"`
	Template     *hostTemplate                      `yaml:"template"`
	Scope        *string                            `yaml:"scope"`
	Required     bool                               `yaml:"required"`
	Multiple     bool                               `yaml:"multiple,omitempty"`
	Default      any                                `yaml:"default"`
	Min          *float64                           `yaml:"min"`
	Max          *float64                           `yaml:"max"`
	Precision    *int                               `yaml:"precision"`
	Options      []yamldoc.Sourced[hostEventOption] `yaml:"options"`
	Description  *hostText                          `yaml:"description"`
}

type hostEventOption struct {
	Value any          `yaml:"value"`
	Label hostText     `yaml:"label"`
	Icon  yamldoc.Node `yaml:"icon"`
}

// hostItemParameter is what the parameters of tools, data sources and strategies share.
type hostItemParameter struct {
	Name         string                                 `yaml:"name"`
	Label        hostText                               `yaml:"label"`
	Type         hostType                               `yaml:"type"`
	Scope        *string                                `yaml:"scope"`
	Required     bool                                   `yaml:"required"`
	AutoGenerate *hostAutoGenerate                      `yaml:"auto_generate"`
	Template     *hostTemplate                          `yaml:"template"`
	Default      any                                    `yaml:"default"`
	Min          *float64                               `yaml:"min"`
	Max          *float64                               `yaml:"max"`
	Precision    *int                                   `yaml:"precision"`
	Options      []yamldoc.Sourced[hostParameterOption] `yaml:"options"`
}

type hostParameterOption struct {
	Value string   `yaml:"value"`
	Label hostText `yaml:"label"`
	Icon  string   `yaml:"icon"`
}

type hostAutoGenerate struct {
	Type string `yaml:"type"`
}

type hostTemplate struct {
	Enabled bool `yaml:"enabled"`
}

type hostIdentity struct {
	Author      string   `yaml:"author"`
	Name        string   `yaml:"name"`
	Description hostText `yaml:"description"`
	Icon        string   `yaml:"icon"`
	IconDark    string   `yaml:"icon_dark"`
	Label       hostText `yaml:"label"`
	Tags        []string `yaml:"tags"`
}

func (id *hostIdentity) icons(l *loader) []Icon {
	return append(l.icon(id.Icon, "identity", "icon"), l.icon(id.IconDark, "identity", "icon_dark")...)
}

// hostItemName is what the host requires in the identity of an item.
type hostItemName struct {
	Author string   `yaml:"author"`
	Name   string   `yaml:"name"`
	Label  hostText `yaml:"label"`
}

// hostItemIdentity is the identity of a tool, an event or a strategy.
type hostItemIdentity struct {
	hostItemName `yaml:",inline"`
	Description  yamldoc.Node `yaml:"description"`
	Icon         yamldoc.Node `yaml:"icon"`
	IconDark     yamldoc.Node `yaml:"icon_dark"`
	Tags         yamldoc.Node `yaml:"tags"`
}

type hostOAuth struct {
	ClientSchema      []yamldoc.Sourced[hostField] `yaml:"client_schema"`
	CredentialsSchema []yamldoc.Sourced[hostField] `yaml:"credentials_schema"`
}

type hostField struct {
	Name        string                        `yaml:"name"`
	Type        hostType                      `yaml:"type"`
	Scope       *string                       `yaml:"scope"`
	Required    bool                          `yaml:"required"`
	Default     any                           `yaml:"default"`
	Options     []yamldoc.Sourced[hostOption] `yaml:"options"`
	Multiple    bool                          `yaml:"multiple"`
	Label       hostText                      `yaml:"label"`
	Help        *hostText                     `yaml:"help"`
	URL         *string                       `yaml:"url"`
	Placeholder *hostText                     `yaml:"placeholder"`
}

type hostOption struct {
	Value string   `yaml:"value"`
	Label hostText `yaml:"label"`
}

type hostText struct {
	English    string `yaml:"en_US"`
	Chinese    string `yaml:"zh_Hans,omitempty"`
	Japanese   string `yaml:"ja_JP,omitempty"`
	Portuguese string `yaml:"pt_BR,omitempty"`
}

// hostSection is a section that can also be a map.
type hostSection []yamldoc.Sourced[hostField]

type hostType string

func (hostSection) DescribeYAML() yamldoc.Words { return yamldoc.Words{One: "a map or list of fields"} }

func (hostText) DescribeYAML() yamldoc.Words {
	return yamldoc.Words{One: "a map of languages such as {en_US: …}"}
}

var (
	fieldWords     = yamldoc.Words{One: "a field (a map with type and label)", List: "a list of fields"}
	parameterWords = yamldoc.Words{One: "a parameter (a map with name and type)", List: "a list of parameters"}
	optionWords    = yamldoc.Words{One: "an option (a map with value and label)", List: "a list of options"}
)

func (hostField) DescribeYAML() yamldoc.Words           { return fieldWords }
func (hostFormField) DescribeYAML() yamldoc.Words       { return fieldWords }
func (hostEventParameter) DescribeYAML() yamldoc.Words  { return parameterWords }
func (hostItemParameter) DescribeYAML() yamldoc.Words   { return parameterWords }
func (hostOption) DescribeYAML() yamldoc.Words          { return optionWords }
func (hostFormOption) DescribeYAML() yamldoc.Words      { return optionWords }
func (hostEventOption) DescribeYAML() yamldoc.Words     { return optionWords }
func (hostParameterOption) DescribeYAML() yamldoc.Words { return optionWords }

// deref returns what p points to, or the zero value.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func (t hostText) text() Text { return Text(t) }

func (t *hostText) textPtr() *Text {
	if t == nil {
		return nil
	}
	x := t.text()
	return &x
}

func (h *hostField) field() Field {
	f := Field{
		Name: h.Name, Type: FieldType(h.Type), Required: h.Required, Default: h.Default,
		Scope: h.Scope, Multiple: h.Multiple, Label: h.Label.text(),
		Help: h.Help.textPtr(), Placeholder: h.Placeholder.textPtr(), URL: deref(h.URL),
	}
	for _, o := range h.Options {
		f.Options = append(f.Options, Option{Value: o.Value.Value, Label: o.Value.Label.text(), node: o.Node})
	}
	return f
}

func (h *hostFormField) field() Field {
	f := Field{
		Name: h.Variable, Type: FieldType(h.Type), Required: h.Required, Label: h.Label.text(),
		Help: h.Help.textPtr(), Placeholder: h.Placeholder.textPtr(), URL: deref(h.URL),
		MaxLength: h.MaxLength, ShowOn: conditions(h.ShowOn),
	}
	if h.Default != nil {
		f.Default = *h.Default
	}
	for _, o := range h.Options {
		f.Options = append(f.Options, Option{
			Value: o.Value.Value, Label: o.Value.Label.text(), ShowOn: conditions(o.Value.ShowOn), node: o.Node,
		})
	}
	return f
}

func conditions(list []yamldoc.Sourced[hostShowOn]) []Condition {
	var out []Condition
	for _, c := range list {
		out = append(out, Condition(c.Value))
	}
	return out
}

func (h *hostEventParameter) field() Field {
	f := Field{
		Name: h.Name, Type: FieldType(h.Type), Required: h.Required, Default: h.Default,
		Scope: h.Scope, Multiple: h.Multiple, Label: h.Label.text(), Help: h.Description.textPtr(),
		Min: h.Min, Max: h.Max, Precision: h.Precision, generated: h.AutoGenerate,
	}
	for _, o := range h.Options {
		value, _ := Scalar(o.Value.Value)
		f.Options = append(f.Options, Option{Value: value, Raw: o.Value.Value, Label: o.Value.Label.text(), node: o.Node})
	}
	return f
}

func (h *hostItemParameter) field() Field {
	f := Field{
		Name: h.Name, Type: FieldType(h.Type), Required: h.Required, Default: h.Default, Scope: h.Scope,
		Label: h.Label.text(), Min: h.Min, Max: h.Max, Precision: h.Precision, generated: h.AutoGenerate,
	}
	for _, o := range h.Options {
		f.Options = append(f.Options, Option{Value: o.Value.Value, Label: o.Value.Label.text(), node: o.Node})
	}
	return f
}
