package runtime

import (
	"encoding/json"
	"strings"
)

// NewParameterDecoder returns a Decoder of the parameters of a tool of the provider with
// that label. Users fill parameters in, but so do models and variables of a workflow, so
// it converts values: a number or boolean is also a text, a text that holds JSON is also
// the list or object in it, and a single value is also a list. An empty text is absent for
// every type but text.
func NewParameterDecoder(provider string, values map[string]any) Decoder {
	d := NewDecoder(provider, values)
	d.mode = fromParameter
	return d
}

// unpack returns the list or object that a text holds in JSON, if it is a parameter and the
// text starts with that character, or else v.
func (d *Decoder) unpack(v any, start string) any {
	s, ok := v.(string)
	if !ok || d.mode != fromParameter {
		return v
	}
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, start) {
		return v
	}
	var inner any
	if err := json.Unmarshal([]byte(s), &inner); err != nil {
		return v
	}
	return inner
}

// parameter is like get, but an empty text counts as absent in a parameter.
func (d *Decoder) parameter(field, label string, need Need) (any, bool) {
	if d.mode == fromParameter {
		return d.filled(field, label, need)
	}
	return d.get(field, label, need)
}

// Object reads an object. An absent one is nil.
func (d *Decoder) Object(field, label string, need Need) map[string]any {
	o, _ := d.object(field, label, need)
	return o.values
}

// Array reads a list of values of any type. An absent one is nil.
func (d *Decoder) Array(field, label string, need Need) []any {
	v, ok := d.parameter(field, label, need)
	if !ok {
		return nil
	}
	v = d.unpack(v, "[")
	list, ok := v.([]any)
	switch {
	case ok && d.mode == fromParameter:
		d.checkArray(field, label, need, list)
	case ok:
	case d.mode == fromParameter && !isLeaked(v):
		return []any{v}
	default:
		d.failValue(field, label, v, "must be a list")
	}
	return list
}

func (d *Decoder) checkArray(field, label string, need Need, list []any) {
	if len(list) == 0 && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	}
	for _, item := range list {
		if isLeaked(item) {
			d.failValue(field, label, item, "")
		}
	}
}

// isLeaked reports whether v is a text that the user cannot have entered.
func isLeaked(v any) bool {
	s, _ := v.(string)
	return leaked(s) != ""
}

// Any reads a value of any type. An absent one is nil.
func (d *Decoder) Any(field, label string, need Need) any {
	v, _ := d.get(field, label, need)
	if d.mode == fromParameter && isLeaked(v) {
		d.failValue(field, label, v, "")
		return nil
	}
	return v
}
