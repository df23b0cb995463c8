package agent

import (
	"cmp"
	"maps"

	"github.com/difygen/difygen/runtime/llm"
)

// schemas have the JSON Schema of what models set, by the type of the parameter. Dify shows models no
// others: those of files and selectors are for people.
var schemas = map[string]map[string]any{
	"string":         {"type": "string"},
	"select":         {"type": "string"},
	"dynamic-select": {"type": "string"},
	"secret-input":   {"type": "string"},
	"date":           {"type": "string"},
	"checkbox":       {"type": "string"},
	"number":         {"type": "number"},
	"boolean":        {"type": "boolean"},
	"object":         {"type": "object"},
	"array":          {"type": "array", "items": map[string]any{}},
	"any":            {},
	"date-range": {"type": "object", "properties": map[string]any{
		"start": map[string]any{"type": "string"}, "end": map[string]any{"type": "string"},
	}},
}

// forModel returns the tool as a model knows it, by that name.
func (t *Tool) forModel(name string) llm.Tool {
	properties, required := make(map[string]any), []string{}
	for _, p := range t.ModelParameters() {
		if properties[p.Name] != nil {
			continue
		}
		properties[p.Name] = p.schema()
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return llm.Tool{Name: name, Description: t.Description, Parameters: map[string]any{
		"type": "object", "properties": properties, "required": required,
	}}
}

// schema returns the JSON Schema of what a model sets, or nil if a model cannot set the parameter.
func (p *Parameter) schema() map[string]any {
	if len(p.Schema) > 0 {
		return p.Schema
	}
	schema := maps.Clone(schemas[cmp.Or(p.Type, "string")])
	if schema == nil {
		return nil
	}
	if p.Type == "select" && len(p.Options) > 0 {
		values := make([]string, len(p.Options))
		for i, o := range p.Options {
			values[i] = o.Value
		}
		schema["enum"] = values
	}
	if p.Multiple {
		schema = map[string]any{"type": "array", "items": schema}
	}
	schema["description"] = cmp.Or(p.LLMDescription, p.Description, p.Label, p.Name)
	return schema
}
