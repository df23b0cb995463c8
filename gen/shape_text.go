package gen

import (
	"strconv"
	"strings"

	"github.com/difygen/difygen/model"
)

// textShape is a string.
type textShape struct{ plain }

func (textShape) goType(*field) code    { return id("string") }
func (textShape) decode(r reading) code { return r.or("Text") }
func (textShape) given(x code) code     { return binary(x, "!=", lit("")) }

func (textShape) parse(_ *field, v any) *defaultValue {
	s, ok := model.Scalar(v)
	if !ok || s == "" {
		return nil
	}
	return &defaultValue{words: shown(s), values: []code{lit(s)}}
}

func (textShape) check(f *field, need, x code) code { return f.method("v", "Text", need, x) }

func (textShape) equals(_ *field, x code, value string) code { return binary(x, "==", lit(value)) }

func (textShape) limits(f *field, b bounds, checker string, _, x code) []code {
	if b.maxLength == 0 {
		return nil
	}
	return []code{f.method(checker, "MaxLength", lit(b.maxLength), x)}
}

func (textShape) limitWords(b bounds) []string {
	if b.maxLength == 0 {
		return nil
	}
	return []string{"at most " + strconv.Itoa(b.maxLength) + " characters"}
}

// secretShape is a runtime.Secret.
type secretShape struct{ textShape }

func (secretShape) goType(*field) code    { return rt("Secret") }
func (secretShape) decode(r reading) code { return r.or("Secret") }
func (secretShape) given(x code) code     { return notZero(x) }
func (secretShape) wire(x code) code      { return call(dot(x, "Reveal")) }
func (secretShape) isSecret() bool        { return true }

func (s secretShape) parse(f *field, v any) *defaultValue {
	def := s.textShape.parse(f, v)
	if def != nil {
		def.words = ""
	}
	return def
}

func (secretShape) check(f *field, need, x code) code { return f.method("v", "Secret", need, x) }

func (s secretShape) equals(f *field, x code, value string) code {
	return s.textShape.equals(f, s.wire(x), value)
}

func (s secretShape) limits(f *field, b bounds, checker string, need, x code) []code {
	return s.textShape.limits(f, b, checker, need, s.wire(x))
}

// textsShape is a list of strings.
type textsShape struct{ plain }

func (textsShape) goType(*field) code    { return slice(id("string")) }
func (textsShape) decode(r reading) code { return r.or("Texts") }
func (textsShape) given(x code) code     { return notEmpty(x) }
func (textsShape) wire(x code) code      { return call(rt("ChoiceValues"), x) }

func (textsShape) parse(_ *field, v any) *defaultValue {
	var texts []string
	var literals []code
	for _, item := range listOf(v) {
		if s, _ := model.Scalar(item); s != "" {
			texts = append(texts, s)
			literals = append(literals, lit(s))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return &defaultValue{words: shown(strings.Join(texts, ", ")), values: literals}
}

func (s textsShape) check(f *field, _, x code) code { return isGiven(f, s.given(x)) }

// listOf is the default of a field that takes several values: a list, or one value.
func listOf(v any) []any {
	list, ok := v.([]any)
	if !ok && v != nil {
		return []any{v}
	}
	return list
}
