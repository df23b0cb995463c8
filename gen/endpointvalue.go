package gen

import (
	"fmt"
	"math"
	"strconv"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/internal/text"
)

// pathValueKind is what is particular to the code for a type of value in a path.
type pathValueKind struct {
	constant string // the type in the runtime
	typ      string // in Go
	method   string // of the runtime's PathValues, which returns a value
	word     string // what comments call it
}

var pathValueKinds = map[pathpattern.Type]pathValueKind{
	pathpattern.Text:  {constant: "PathText", typ: "string", method: "Text", word: "text"},
	pathpattern.Int:   {constant: "PathInt", typ: "int64", method: "Int", word: "whole number"},
	pathpattern.Float: {constant: "PathFloat", typ: "float64", method: "Float", word: "number"},
	pathpattern.UUID:  {constant: "PathUUID", typ: "string", method: "Text", word: "UUID"},
}

// valueList are the values of the pattern, for the runtime.
func (e *endpoint) valueList() code {
	var list []code
	for _, v := range e.pattern.Values {
		fields := []code{keyed(id("Name"), lit(v.Name)), keyed(id("Type"), rt(pathValueKinds[v.Type].constant))}
		if v.Min != nil {
			fields = append(fields, keyed(id("Min"), call(rt("Some"), lit(*v.Min))))
		}
		if v.Max != nil {
			fields = append(fields, keyed(id("Max"), call(rt("Some"), lit(*v.Max))))
		}
		if v.Digits != 0 {
			fields = append(fields, keyed(id("Digits"), lit(v.Digits)))
		}
		list = append(list, row(fields...))
	}
	return oneLine(slice(rt("PathValue")), list...)
}

// valueWords say what a value in a path can be.
func valueWords(v pathpattern.Value) string {
	words := "is the " + pathValueKinds[v.Type].word + " " + text.Name(v.Name)
	if v.Slashes {
		words += ", which can have slashes"
	}
	if v.MinLength != nil || v.MaxLength != nil {
		words += ", " + lengthWords(v.MinLength, v.MaxLength)
	}
	if len(v.Choices) > 0 {
		choices := make([]string, len(v.Choices))
		for i, c := range v.Choices {
			choices[i] = shown(c)
		}
		words += ": " + listed(choices, "or")
	}
	switch {
	case v.Min != nil && v.Max != nil:
		words += fmt.Sprintf(", from %s to %s", number(*v.Min), number(*v.Max))
	case v.Min != nil:
		words += ", at least " + number(*v.Min)
	case v.Max != nil:
		words += ", at most " + number(*v.Max)
	}
	if v.Digits > 0 {
		words += ", written with " + counted(v.Digits, "digit")
	}
	return words + "."
}

// lengthWords say how long a text can be.
func lengthWords(least, most *int) string {
	switch {
	case least == nil:
		return "of at most " + counted(*most, "character")
	case most == nil && *least == 0:
		return "which can be empty"
	case most == nil:
		return "of at least " + counted(*least, "character")
	case *least == *most:
		return "of " + counted(*most, "character")
	}
	return fmt.Sprintf("of %d to %s", *least, counted(*most, "character"))
}

func number(f float64) string {
	format := byte('f')
	if math.Abs(f) >= 1e15 {
		format = 'g'
	}
	return strconv.FormatFloat(f, format, -1, 64)
}

func counted(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return strconv.Itoa(n) + " " + word
}
