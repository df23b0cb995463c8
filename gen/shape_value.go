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

func (numberShape) parse(_ *field, v any) *defaultValue {
	s, _ := model.Scalar(v)
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || finite(&n) == nil {
		return nil
	}
	return &defaultValue{words: decimal(n), values: []code{lit(n)}}
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
