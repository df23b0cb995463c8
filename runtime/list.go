package runtime

import (
	"cmp"
	"encoding/json"
)

// Texts reads a list of text values. An absent or empty one is nil.
func (d *Decoder) Texts(field, label string, need Need) []string {
	return d.TextsOr(field, label, need)
}

// TextsOr is Texts with a default for an absent value.
func (d *Decoder) TextsOr(field, label string, need Need, fallback ...string) []string {
	var one [1]any
	items, given := d.list(field, label, need, len(fallback) > 0, one[:0])
	if !given {
		return fallback
	}
	if len(items) == 0 {
		return nil
	}
	list := make([]string, len(items))
	for i, item := range items {
		text, ok := item.(string)
		if !ok && d.mode == fromParameter {
			text, ok = exactText(item)
		}
		if !ok {
			d.fail(field, label, "must be a list of text values")
			return nil
		}
		if reason := leaked(text); reason != "" {
			d.fail(field, label, reason)
			return nil
		}
		list[i] = text
	}
	return list
}

// DecodeChoices reads the choices of a select that allows several. If they are absent,
// it returns fallback.
func DecodeChoices[T Enum](d *Decoder, field, label string, need Need, options func() []T, fallback ...T) []T {
	var one [1]any
	items, given := d.list(field, label, need, len(fallback) > 0, one[:0])
	if !given {
		return fallback
	}
	if len(items) == 0 {
		return nil
	}
	list := make([]T, len(items))
	for i, item := range items {
		s, ok := item.(string)
		if !ok {
			s, _ = scalarText(item)
		}
		if !T(s).Valid() {
			d.fail(field, label, cmp.Or(leaked(s), notOptions(options())))
			return nil
		}
		list[i] = T(s)
	}
	return list
}

// list reads a list. A single value counts as a list of one, for which it uses the space of
// one. It returns false if the list is absent.
func (d *Decoder) list(field, label string, need Need, hasDefault bool, one []any) (list []any, given bool) {
	v := d.values[field]
	list, ok := v.([]any)
	if !ok {
		if v == nil || v == "" && d.mode == fromParameter {
			if need == FieldRequired && !hasDefault {
				d.fail(field, label, reasonRequired)
			}
			return nil, false
		}
		if list, ok = d.asList(v, one); !ok {
			d.fail(field, label, "must be a list")
			return nil, true
		}
	}
	if len(list) == 0 && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	}
	return list, true
}

// asList returns the list that a value stands for.
func (d *Decoder) asList(v any, one []any) (list []any, ok bool) {
	v = d.unpack(v, "[")
	switch s := v.(type) {
	case []any:
		return s, true
	case []string:
		for _, text := range s {
			list = append(list, text)
		}
		return list, true
	case string:
		if s == "" {
			return nil, true
		}
	case bool, float64, int, int64, json.Number:
		if d.mode != fromParameter {
			return nil, false
		}
	default:
		return nil, false
	}
	return append(one, v), true
}

// ChoiceValues returns choices as they are sent to Dify.
func ChoiceValues[T ~string](choices []T) []any {
	values := make([]any, len(choices))
	for i, c := range choices {
		values[i] = string(c)
	}
	return values
}

// ValidateChoices checks that values are among the options.
func ValidateChoices[T Enum](v *Validator, field, label string, need Need, options func() []T, values []T) {
	if len(values) == 0 && need == FieldRequired {
		v.fail(field, label, reasonRequired)
	}
	for _, value := range values {
		if !value.Valid() {
			v.fail(field, label, notOptions(options()))
			return
		}
	}
}
