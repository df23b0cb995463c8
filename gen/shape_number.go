package gen

import (
	"math"
	"strconv"

	"github.com/difygen/difygen/model"
)

// numberShape is a float64.
type numberShape struct{ plain }

func (numberShape) goType(*field) code { return id("float64") }
func (numberShape) given(x code) code  { return binary(x, "!=", lit(0)) }

func (numberShape) parse(f *field, v any) *defaultValue {
	n, ok := defaultNumber(f, v)
	if !ok {
		return nil
	}
	return &defaultValue{words: decimal(n), values: []code{lit(n)}}
}

// defaultNumber is the number that the YAML declares as default; false if there is none, or if the code would
// refuse it.
func defaultNumber(f *field, v any) (float64, bool) {
	s, _ := model.Scalar(v)
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || finite(&n) == nil || !f.about.HasPlacesFor(n) {
		return 0, false
	}
	low, high := finite(f.about.Min), finite(f.about.Max)
	return n, (low == nil || n >= *low) && (high == nil || n <= *high)
}

func (numberShape) decode(r reading) code {
	if r.def != nil {
		return r.field.method("d", "NumberOr", r.def.values...)
	}
	return r.field.method("d", "Number", r.need)
}

func (numberShape) limits(f *field, b bounds, checker string, need, x code) []code {
	var out []code
	if b.min != nil {
		out = append(out, f.method(checker, "AtLeast", need, lit(*b.min), x))
	}
	if b.max != nil {
		out = append(out, f.method(checker, "AtMost", need, lit(*b.max), x))
	}
	if b.decimals != nil {
		out = append(out, f.method(checker, "Decimals", lit(*b.decimals), x))
	}
	return out
}

func (numberShape) limitWords(b bounds) []string {
	var words []string
	if b.min != nil {
		words = append(words, "at least "+decimal(*b.min))
	}
	if b.max != nil {
		words = append(words, "at most "+decimal(*b.max))
	}
	switch {
	case b.decimals == nil:
	case *b.decimals == 0:
		words = append(words, "a whole number")
	case *b.decimals == 1:
		words = append(words, "with at most 1 decimal place")
	default:
		words = append(words, "with at most "+strconv.Itoa(*b.decimals)+" decimal places")
	}
	return words
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// finite returns n, or nil if Go has no literal for it.
func finite(n *float64) *float64 {
	if n == nil || math.IsNaN(*n) || math.IsInf(*n, 0) {
		return nil
	}
	return n
}

// quantityShape is a number in a call: an int64 if it is a whole one, and a runtime.Optional
// if it need not be given and has no default.
type quantityShape struct{ numberShape }

func isWhole(f *field) bool { return f.about.Precision != nil && *f.about.Precision == 0 }

// isOptional reports whether the field can be absent.
func (quantityShape) isOptional(f *field) bool {
	v := f.variants[0]
	return !v.required && v.def == nil
}

func (s quantityShape) goType(f *field) code {
	typ := "float64"
	if isWhole(f) {
		typ = "int64"
	}
	if s.isOptional(f) {
		return generic(rt("Optional"), id(typ))
	}
	return id(typ)
}

func (s quantityShape) parse(f *field, v any) *defaultValue {
	if !isWhole(f) {
		return s.numberShape.parse(f, v)
	}
	const limit = 1 << 53 // up to which a float64 is exact
	n, ok := defaultNumber(f, v)
	if !ok || math.Abs(n) > limit {
		return nil
	}
	return &defaultValue{words: decimal(n), values: []code{lit(int(n))}}
}

func (s quantityShape) decode(r reading) code {
	name := "Number"
	if isWhole(r.field) {
		name = "Integer"
	}
	switch {
	case r.def != nil:
		return r.field.method("d", name+"Or", r.def.values...)
	case s.isOptional(r.field):
		return r.field.method("d", "Optional"+name)
	}
	return r.field.method("d", name, r.need)
}

func (s quantityShape) limits(f *field, b bounds, checker string, need, x code) []code {
	if s.isOptional(f) {
		x = call(dot(x, "Or"), lit(0))
	}
	if isWhole(f) {
		x = call(id("float64"), x)
	}
	if b.decimals != nil && *b.decimals <= 0 {
		b.decimals = nil
	}
	return s.numberShape.limits(f, b, checker, need, x)
}
