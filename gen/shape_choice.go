package gen

import (
	"strconv"
	"strings"

	"github.com/difygen/difygen/model"
)

// boolShape is a bool.
type boolShape struct{ plain }

func (boolShape) goType(*field) code { return id("bool") }
func (boolShape) given(x code) code  { return x }
func (boolShape) zeroIsValue() bool  { return true }

func (boolShape) parse(_ *field, v any) *defaultValue {
	s, _ := model.Scalar(v)
	b, ok := model.Boolean(s)
	if !ok {
		return nil
	}
	return &defaultValue{words: strconv.FormatBool(b), values: []code{lit(b)}, isTrue: b}
}

func (boolShape) decode(r reading) code {
	switch {
	case r.def == nil:
		return r.field.method("d", "Bool", r.need)
	case r.def.isTrue:
		return r.field.method("d", "BoolOr", r.def.values...)
	}
	return r.field.method("d", "Bool", rt("FieldOptional"))
}

func (boolShape) equals(_ *field, x code, value string) code {
	switch value {
	case "true":
		return x
	case "false":
		return not(x)
	}
	return nil
}

// selectShape is a string type with a constant for each option.
type selectShape struct{ plain }

func (selectShape) goType(f *field) code { return id(f.enum.typ) }
func (selectShape) given(x code) code    { return binary(x, "!=", lit("")) }
func (selectShape) wire(x code) code     { return call(id("string"), x) }

func (selectShape) parse(f *field, v any) *defaultValue {
	s, ok := model.Scalar(v)
	o, found := f.option(s)
	if !ok || !found {
		return nil
	}
	return &defaultValue{words: shown(o.value), values: []code{id(o.constant)}}
}

func (selectShape) decode(r reading) code {
	f := r.field
	if len(r.options) < len(f.enum.options) {
		def := lit("")
		if r.def != nil {
			def = r.def.values[0]
		}
		args := []code{r.need, def}
		for _, o := range r.options {
			args = append(args, id(o.constant))
		}
		return f.function(generic(rt("DecodeChoice"), id(f.enum.typ)), "d", args...)
	}
	if r.def != nil {
		return f.function(rt("DecodeSelectOr"), "d", r.need, id(f.enum.values), r.def.values[0])
	}
	return f.function(rt("DecodeSelect"), "d", r.need, id(f.enum.values))
}

func (selectShape) check(f *field, need, x code) code {
	return f.function(rt("ValidateSelect"), "v", need, id(f.enum.values), x)
}

func (selectShape) equals(f *field, x code, value string) code {
	o, ok := f.option(value)
	if !ok {
		return nil
	}
	return binary(x, "==", id(o.constant))
}

// selectsShape is a list of options.
type selectsShape struct{ plain }

func (selectsShape) goType(f *field) code { return slice(id(f.enum.typ)) }
func (selectsShape) given(x code) code    { return notEmpty(x) }
func (selectsShape) wire(x code) code     { return call(rt("ChoiceValues"), x) }

func (selectsShape) parse(f *field, v any) *defaultValue {
	var names []string
	var constants []code
	for _, item := range listOf(v) {
		s, _ := model.Scalar(item)
		if o, ok := f.option(s); ok {
			names = append(names, o.value)
			constants = append(constants, id(o.constant))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &defaultValue{words: shown(strings.Join(names, ", ")), values: constants}
}

func (selectsShape) decode(r reading) code {
	args := []code{r.need, id(r.field.enum.values)}
	if r.def != nil {
		args = append(args, r.def.values...)
	}
	return r.field.function(rt("DecodeChoices"), "d", args...)
}

func (selectsShape) check(f *field, need, x code) code {
	return f.function(rt("ValidateChoices"), "v", need, id(f.enum.values), x)
}
