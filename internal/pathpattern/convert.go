package pathpattern

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// maxLength is the largest number of repetitions that package regexp accepts.
const maxLength = 1000

// converter is what Werkzeug calls so: a type with its arguments.
type converter struct {
	expression string
	slashes    bool // the value can have slashes
	length     int  // the largest number of repetitions in the expression
	weight     int
}

// converters are the types, and the names of their arguments in the order in which they can be given
// without names. A nil list has no names, and any number of arguments.
var converters = map[string]struct {
	arguments []string
	convert   func(*inputs) (converter, Value, error)
}{
	"default": {textArguments, convertText},
	"string":  {textArguments, convertText},
	"path":    {[]string{}, convertPath},
	"any":     {nil, convertAny},
	"int":     {[]string{"fixed_digits", "min", "max", "signed"}, convertInt},
	"float":   {[]string{"min", "max", "signed"}, convertFloat},
	"uuid":    {[]string{}, convertUUID},
}

var textArguments = []string{"minlength", "maxlength", "length"}

// inputs are the arguments of a type.
type inputs struct {
	named   map[string]argument
	ordered []argument // of a type whose arguments have no names
}

// get returns an argument, and one of kind isNone if it is not given.
func (in *inputs) get(name string) argument { return in.named[name] }

// convert returns the converter of a type with arguments, and its value without a name.
func convert(typ, args string) (converter, Value, error) {
	c, ok := converters[typ]
	if !ok {
		types := slices.Sorted(maps.Keys(converters))
		if meant := text.Nearest(typ, types); meant != "" {
			return converter{}, Value{}, fmt.Errorf("there is no type %s; did you mean %s?", text.Name(typ), meant)
		}
		return converter{}, Value{}, fmt.Errorf("there is no type %s: the types are %s", text.Name(typ), strings.Join(types, ", "))
	}
	ordered, named, names, err := arguments(args)
	if err != nil {
		return converter{}, Value{}, err
	}
	for _, name := range names {
		if !slices.Contains(c.arguments, name) {
			return converter{}, Value{}, unknownArgument(typ, name, c.arguments)
		}
	}
	if c.arguments == nil {
		return c.convert(&inputs{ordered: ordered})
	}
	for i, a := range ordered {
		if i >= len(c.arguments) {
			return converter{}, Value{}, fmt.Errorf("the type %s takes %s", typ, argumentCount(len(c.arguments)))
		}
		name := c.arguments[i]
		if _, twice := named[name]; twice {
			return converter{}, Value{}, fmt.Errorf("the argument %s is given twice, with and without its name", name)
		}
		named[name] = a
	}
	return c.convert(&inputs{named: named})
}

func argumentCount(n int) string {
	if n == 0 {
		return "no arguments"
	}
	return fmt.Sprintf("at most %d arguments", n)
}

func unknownArgument(typ, name string, known []string) error {
	switch meant := text.Nearest(name, known); {
	case meant != "":
		return fmt.Errorf("the type %s has no argument %s; did you mean %s?", typ, text.Name(name), meant)
	case known == nil:
		return fmt.Errorf("the type %s takes words and texts without names: leave %s= out", typ, text.Name(name))
	case len(known) == 0:
		return fmt.Errorf("the type %s takes no arguments", typ)
	}
	return fmt.Errorf("the type %s has no argument %s: it has %s", typ, text.Name(name), strings.Join(known, ", "))
}

// The weights of types.
const (
	weightNumber = 50
	weightText   = 100
	weightPath   = 200
)

func convertText(in *inputs) (c converter, v Value, err error) {
	c.weight = weightText
	if length := in.get("length"); length.kind != isNone { // the others then do not count
		n, err := length.length()
		c.expression, c.length = fmt.Sprintf("[^/]{%d}", n), n
		v.MinLength, v.MaxLength = &n, &n
		return c, v, err
	}
	least, most := 1, math.MaxInt
	if a, given := in.named["minlength"]; given {
		if least, err = a.length(); err != nil {
			return c, v, err
		}
	}
	bounded := in.get("maxlength").kind != isNone
	if bounded {
		if most, err = in.get("maxlength").length(); err != nil {
			return c, v, err
		}
	}
	if least != 1 {
		v.MinLength = &least
	}
	if bounded {
		v.MaxLength = &most
	}
	switch {
	case least > most:
		return c, v, fmt.Errorf("its minlength %d is larger than its maxlength %d", least, most)
	case bounded:
		c.expression, c.length = fmt.Sprintf("[^/]{%d,%d}", least, most), most
	case least == 0:
		c.expression = "[^/]*"
	case least == 1:
		c.expression = "[^/]+"
	default:
		c.expression, c.length = fmt.Sprintf("[^/]{%d,}", least), least
	}
	return c, v, nil
}

func convertPath(*inputs) (converter, Value, error) {
	return converter{expression: "[^/].*?", slashes: true, weight: weightPath}, Value{Slashes: true}, nil
}

func convertAny(in *inputs) (converter, Value, error) {
	if len(in.ordered) == 0 {
		return converter{}, Value{}, errors.New("the type any needs choices, such as any(draft, final)")
	}
	var choices, expressions []string
	for _, a := range in.ordered {
		if a.kind != isText {
			return converter{}, Value{}, fmt.Errorf("the choice %s is not a text: write it in quotes", a.written)
		}
		expressions = append(expressions, regexp.QuoteMeta(a.text))
		if !slices.Contains(choices, a.text) {
			choices = append(choices, a.text)
		}
	}
	return converter{expression: strings.Join(expressions, "|"), weight: weightText}, Value{Choices: choices}, nil
}

func convertInt(in *inputs) (converter, Value, error) {
	v := Value{Type: Int}
	if a := in.get("fixed_digits"); a.truth() {
		if a.kind == isText || a.number != math.Trunc(a.number) || a.number > maxLength {
			return converter{}, v, fmt.Errorf("%s is not a number of digits", text.Name(a.written))
		}
		v.Digits = int(a.number)
	}
	return convertNumber(in, "[0-9]+", v)
}

func convertFloat(in *inputs) (converter, Value, error) {
	return convertNumber(in, `[0-9]+\.[0-9]+`, Value{Type: Float})
}

func convertNumber(in *inputs, expression string, v Value) (c converter, _ Value, err error) {
	if v.Min, err = in.get("min").bound(); err != nil {
		return c, v, err
	}
	if v.Max, err = in.get("max").bound(); err != nil {
		return c, v, err
	}
	if v.Max != nil && math.IsInf(*v.Max, 1) {
		v.Max = nil
	}
	if v.Min != nil && (math.IsInf(*v.Min, 1) || v.Max != nil && *v.Min > *v.Max) {
		return c, v, fmt.Errorf("no number is as large as its min %s and as small as its max: change one of them", strconv.FormatFloat(*v.Min, 'g', -1, 64))
	}
	if in.get("signed").truth() {
		expression = "-?" + expression
	}
	return converter{expression: expression, weight: weightNumber}, v, nil
}

func convertUUID(*inputs) (converter, Value, error) {
	return converter{expression: "[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}", weight: weightText}, Value{Type: UUID}, nil
}
