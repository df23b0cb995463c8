package host

import "strings"

// variable is what a message says about a variable.
type variable struct {
	Name   string `json:"variable_name"`
	Value  any    `json:"variable_value"`
	Stream bool   `json:"stream"`
}

// variables collects variables by name. The pieces of a streamed one are joined once, at the end.
type variables map[string]any // a *strings.Builder for text

// add sets a variable, or appends to it.
func (vs variables) add(v variable) {
	text, ok := v.Value.(string)
	if !ok {
		vs[v.Name] = v.Value
		return
	}
	b, _ := vs[v.Name].(*strings.Builder)
	if b == nil || !v.Stream {
		b = new(strings.Builder)
		vs[v.Name] = b
	}
	b.WriteString(text)
}

// isText reports whether the variable of that name is text.
func (vs variables) isText(name string) bool {
	_, ok := vs[name].(*strings.Builder)
	return ok
}

// values returns the variables with their values.
func (vs variables) values() map[string]any {
	values := make(map[string]any, len(vs))
	for name, v := range vs {
		if b, ok := v.(*strings.Builder); ok {
			v = b.String()
		}
		values[name] = v
	}
	return values
}
