package runtime

import (
	"cmp"
	"context"
)

// Parameter is a parameter of a tool that is known only when the tool is used. Only Name is
// required.
type Parameter struct {
	Name           string
	Label          string // Name if empty
	Description    string // for people; Label if empty
	LLMDescription string // for models
	Type           string // in Dify's words; "string" if empty
	Form           string // who fills it in: "llm", "form" or "schema"; "llm" if empty
	Required       bool
	Multiple       bool // of a select or dynamic-select
	Default        any
	Scope          string // of a selector
	Min, Max       Optional[float64]
	Precision      Optional[int]
	Options        []Choice // of a select
	AutoGenerate   bool     // offers to let a model write the text
	Template       bool     // allows variables in the text
}

// BindParameters adapts a typed method that returns parameters to values on the wire.
func BindParameters[Creds any](
	decode func(CredentialType, map[string]any) (Creds, error),
	fetch func(context.Context, Creds) ([]Parameter, error),
) func(context.Context, CredentialType, map[string]any) ([]Parameter, error) {
	return func(ctx context.Context, t CredentialType, values map[string]any) ([]Parameter, error) {
		creds, err := decode(t, values)
		if err != nil {
			return nil, err
		}
		return fetch(ctx, creds)
	}
}

// Values returns the parameter as Dify has it.
func (p *Parameter) Values() map[string]any {
	label := cmp.Or(p.Label, p.Name)
	w := map[string]any{
		"name": p.Name, "label": english(label), "human_description": english(cmp.Or(p.Description, label)),
		"llm_description": p.LLMDescription, "type": cmp.Or(p.Type, "string"), "form": cmp.Or(p.Form, "llm"),
		"required": p.Required, "multiple": p.Multiple, "default": p.Default, "options": optionValues(p.Options),
	}
	if p.Scope != "" {
		w["scope"] = p.Scope
	}
	if limit, ok := p.Min.Get(); ok {
		w["min"] = limit
	}
	if limit, ok := p.Max.Get(); ok {
		w["max"] = limit
	}
	if precision, ok := p.Precision.Get(); ok {
		w["precision"] = precision
	}
	if p.AutoGenerate {
		w["auto_generate"] = map[string]any{"type": "prompt_instruction"}
	}
	if p.Template {
		w["template"] = map[string]any{"enabled": true}
	}
	return w
}

// english returns a text in the shape of one in several languages.
func english(s string) map[string]string { return map[string]string{"en_US": s} }
