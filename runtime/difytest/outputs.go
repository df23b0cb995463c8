package difytest

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
)

// outputs are the outputs that a tool or data source declares, and the types of each in JSON Schema. They are
// nil if it declares none, and an output has no types if every value fits.
type outputs map[string][]string

// newOutputs returns what an output_schema declares.
func newOutputs(schema json.RawMessage) outputs {
	var s struct{ Properties map[string]json.RawMessage }
	if json.Unmarshal(schema, &s) != nil || s.Properties == nil {
		return nil
	}
	list := make(outputs)
	for name, property := range s.Properties {
		var one struct{ Type string }
		var several struct{ Type []string }
		switch {
		case json.Unmarshal(property, &one) == nil && one.Type != "":
			list[name] = []string{one.Type}
		case json.Unmarshal(property, &several) == nil:
			list[name] = several.Type
		default:
			list[name] = nil
		}
	}
	return list
}

// checkVariables reports variables that an item does not declare, or of another type. Dify
// passes them on, but a workflow cannot select the former, and expects something else of the
// latter.
func (h *Host) checkVariables(item string, declared outputs, variables map[string]any) {
	h.tb.Helper()
	if declared == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		types, ok := declared[name]
		switch got := variables[name]; {
		case !ok:
			h.tb.Errorf("the %s sends the variable %s, which its output_schema does not declare", item, name)
		case len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return fits(got, t) }):
			h.tb.Errorf("the %s sends the variable %s as %s, but its output_schema declares %s", item, name, typeOf(got), strings.Join(types, " or "))
		}
	}
}

// fits reports whether a value, as encoding/json decodes it, has a type of JSON Schema.
func fits(v any, typ string) bool {
	if n, ok := v.(float64); ok && typ == "integer" {
		return n == math.Trunc(n)
	}
	return typeOf(v) == typ
}

// typeOf returns the type of a value in the words of JSON Schema.
func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}
