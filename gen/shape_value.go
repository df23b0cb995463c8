package gen

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/difygen/difygen/internal/text"
)

// valueShape is a value that is not converted, or a type of the runtime that a method of
// its decoder reads.
type valueShape struct {
	plain
	typ     func() code
	method  string // of the decoder
	isThere func(x code) code
	encode  func(x code) code // nil to send it unchanged
}

var (
	objectShape = valueShape{typ: stringMap, method: "Object", isThere: notNil}
	arrayShape  = valueShape{typ: func() code { return slice(id("any")) }, method: "Array", isThere: notNil}
	anyShape    = valueShape{typ: func() code { return id("any") }, method: "Any", isThere: notNil}
	fileShape   = valueShape{typ: func() code { return rt("File") }, method: "File", isThere: notZero, encode: values}
	filesShape  = valueShape{typ: func() code { return slice(rt("File")) }, method: "Files", isThere: notEmpty, encode: with("FileValues")}
	toolsShape  = valueShape{typ: func() code { return slice(rt("ToolSelector")) }, method: "Tools", isThere: notEmpty, encode: with("ToolSelectorValues")}
)

func (s valueShape) goType(*field) code    { return s.typ() }
func (s valueShape) decode(r reading) code { return r.field.method("d", s.method, r.need) }
func (s valueShape) given(x code) code     { return s.isThere(x) }

func (s valueShape) wire(x code) code {
	if s.encode == nil {
		return x
	}
	return s.encode(x)
}

func (s valueShape) check(f *field, _, x code) code { return isGiven(f, s.given(x)) }

// with encodes with a function of the runtime.
func with(name string) func(x code) code {
	return func(x code) code { return call(rt(name), x) }
}

// filledShape is a valueShape in a call, with a default.
type filledShape struct{ valueShape }

func (s filledShape) parse(_ *field, v any) *defaultValue {
	value, ok := literalOf(v)
	if v == nil || !ok || !s.holds(v) {
		return nil
	}
	words, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return &defaultValue{words: text.Cut(text.Line(string(words)), 80), values: []code{value}}
}

// holds reports whether a decoded value has the type of the shape.
func (s filledShape) holds(v any) bool {
	switch v.(type) {
	case map[string]any:
		return s.method != "Array"
	case []any:
		return s.method != "Object"
	}
	return s.method == "Any"
}

func (s filledShape) decode(r reading) code {
	if r.def != nil {
		r.need = rt("FieldOptional")
	}
	return s.valueShape.decode(r)
}

// limits fills in the default.
func (s filledShape) limits(f *field, _ bounds, _ string, _, x code) []code {
	def := f.variants[0].def
	if def == nil {
		return nil
	}
	return []code{when(binary(x, "==", null()), assign(x, def.values[0]))}
}

// literalOf is a decoded value as Go has it after decoding JSON; false if JSON cannot hold it.
func literalOf(v any) (code, bool) {
	switch v := v.(type) {
	case nil:
		return null(), true
	case string, bool:
		return lit(v), true
	case int:
		return lit(float64(v)), true
	case float64:
		return lit(v), finite(&v) != nil
	case []any:
		elements := make([]code, len(v))
		for i, item := range v {
			element, ok := literalOf(item)
			if !ok {
				return nil, false
			}
			elements[i] = element
		}
		return oneLine(slice(id("any")), elements...), true
	case map[string]any:
		var elements []code
		for _, key := range slices.Sorted(maps.Keys(v)) {
			element, ok := literalOf(v[key])
			if !ok {
				return nil, false
			}
			elements = append(elements, keyed(lit(key), element))
		}
		return oneLine(stringMap(), elements...), true
	}
	return nil, false
}
