package difytest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
)

// wire returns values as Dify sends them: files and selectors are objects.
func wire(values map[string]any) map[string]any {
	sent := maps.Clone(values)
	for name, v := range sent {
		sent[name] = wireValue(v)
	}
	return sent
}

func wireValue(v any) any {
	switch v := v.(type) {
	case runtime.File:
		return v.Values()
	case []runtime.File:
		return runtime.FileValues(v)
	case runtime.AppSelector:
		return v.Values()
	case runtime.ModelSelector:
		return v.Values()
	case []runtime.ToolSelector:
		return runtime.ToolSelectorValues(v)
	case AgentModel:
		return v.Values()
	case []AgentTool:
		return agentTools(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = wireValue(item)
		}
		return items
	}
	return v
}

// readers read the values of fields of a type, as generated code does. Other types have none.
var readers = map[string]func(d *runtime.Decoder, f field){
	"text-input": readText, secretInput: readText, "string": readText, "select": readText, "dynamic-select": readText,
	"boolean": func(d *runtime.Decoder, f field) { d.Bool(f.Name, f.Name, runtime.FieldOptional) },
	"number":  func(d *runtime.Decoder, f field) { d.OptionalNumber(f.Name, f.Name) },
}

// readText reads a text, or a list of texts. One whose default is no text may have that as its value.
func readText(d *runtime.Decoder, f field) {
	if f.Multiple {
		d.Texts(f.Name, f.Name, runtime.FieldOptional)
		return
	}
	d.TextOr(f.Name, f.Name, runtime.FieldOptional, fmt.Sprint(f.Default))
}

// mistyped says which value does not have the type of its field, or returns "".
func mistyped(what string, fields []field, values map[string]any) string {
	d := runtime.NewDecoder("wrong "+what, values)
	for _, f := range fields {
		if read := readers[f.Type]; read != nil && values[f.Name] != nil {
			read(&d, f)
		}
	}
	if err := d.Err(); err != nil {
		return err.Error()
	}
	return ""
}

// noSecrets says which value is a runtime.Secret, which encodes as "[redacted]", or returns "".
func noSecrets(sections ...map[string]any) string {
	for _, values := range sections {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if _, ok := values[name].(runtime.Secret); ok {
				return name + " is a runtime.Secret, which would be sent as [redacted]: give the text itself"
			}
		}
	}
	return ""
}
