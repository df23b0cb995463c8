package difytest

import (
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
