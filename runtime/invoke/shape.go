package invoke

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/runtime"
)

// shape is what is checked of a schema. nil is one of which nothing is.
type shape struct {
	enum       []any
	items      *shape
	properties map[string]*shape
	folded     map[string]string // names of properties, by what fold makes of them
	required   []requirement
	closed     bool   // whether properties are the only ones allowed
	others     *shape // of the other properties
}

// requirement is a property that must be there.
type requirement struct {
	name     string
	nullable bool
}

// newShape returns the shape of a schema, which is of what encoding/json makes for any.
func newShape(schema map[string]any) *shape {
	var s shape
	s.enum, _ = schema["enum"].([]any)
	s.items = shapeOf(schema["items"])
	if schema["patternProperties"] == nil { // which others follow a pattern is not checked
		s.closed = schema["additionalProperties"] == false
		s.others = shapeOf(schema["additionalProperties"])
	}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	s.properties, s.folded = make(map[string]*shape, len(properties)), make(map[string]string, len(properties))
	for name, property := range properties {
		s.properties[name] = shapeOf(property)
	}
	for _, name := range required {
		name, _ := name.(string)
		property, ok := properties[name].(map[string]any)
		if !ok {
			s.properties[name] = s.others
		}
		s.required = append(s.required, requirement{name, nullable(property)})
	}
	for name := range s.properties {
		s.folded[fold(name)] = name
	}
	if s.enum == nil && s.items == nil && len(s.properties) == 0 && !s.closed && s.others == nil {
		return nil
	}
	return &s
}

// shapeOf returns the shape of a schema, or nil if it is not one.
func shapeOf(schema any) *shape {
	if object, ok := schema.(map[string]any); ok {
		return newShape(object)
	}
	return nil
}

// nullable reports whether a schema allows null.
func nullable(schema map[string]any) bool {
	switch types := schema["type"].(type) {
	case string:
		return types == "null"
	case []any:
		return slices.Contains(types, any("null"))
	}
	return true
}

// fold returns what all names have in common that encoding/json takes for one another: it finds the
// fields of structs in any case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r { // the least of them
				return next
			}
			r = next
		}
	}, name)
}

// misfitError says where a value does not fit, without quoting it.
type misfitError struct{ path, text string }

func (e *misfitError) Error() string {
	if e.path == "" {
		return "it " + e.text
	}
	return e.path + " " + e.text
}

// within adds where the value is.
func (e *misfitError) within(place string) *misfitError {
	switch {
	case e == nil:
		return nil
	case e.path != "" && e.path[0] != '[':
		place += "."
	}
	return &misfitError{place + e.path, e.text}
}

// misfit returns an error if a value, in JSON, does not have the shape. It reads names and values as
// they come: of a name that is there twice, encoding/json would merge the values.
func misfit(s *shape, value json.RawMessage) error {
	reader := shapeReader{json: json.NewDecoder(bytes.NewReader(value))}
	reader.json.UseNumber()
	if e := reader.value(s); e != nil {
		return e
	}
	if reader.err != nil {
		return errors.New("it is not JSON")
	}
	return nil
}

// shapeReader reads JSON.
type shapeReader struct {
	json *json.Decoder
	err  error
	skip json.RawMessage
}

// token returns the next token, or nil after an error.
func (r *shapeReader) token() json.Token {
	var token json.Token
	if r.err == nil {
		token, r.err = r.json.Token()
	}
	return token
}

// more reports whether the list or object goes on.
func (r *shapeReader) more() bool { return r.err == nil && r.json.More() }

// value reads a value.
func (r *shapeReader) value(s *shape) *misfitError {
	if s == nil {
		r.err = r.json.Decode(&r.skip)
		return nil
	}
	return r.rest(s, r.token())
}

// rest reads a value whose first token has been read.
func (r *shapeReader) rest(s *shape, first json.Token) *misfitError {
	if s == nil {
		s = new(shape)
	}
	if s.enum != nil && !slices.ContainsFunc(s.enum, func(v any) bool { return equal(v, first) }) {
		return &misfitError{text: "is none of the values that are allowed"}
	}
	switch first {
	case json.Delim('['):
		for i := 0; r.more(); i++ {
			if e := r.value(s.items); e != nil {
				return e.within("[" + strconv.Itoa(i) + "]")
			}
		}
		r.token()
	case json.Delim('{'):
		return r.object(s)
	}
	return nil
}

// object reads the rest of an object.
func (r *shapeReader) object(s *shape) *misfitError {
	there := make(map[string]bool) // whether it is something else than null
	for r.more() {
		name, _ := r.token().(string)
		property, ok := s.properties[name]
		if !ok {
			if e := r.other(s, name); e != nil {
				return e
			}
			continue
		}
		if _, twice := there[name]; twice {
			return &misfitError{name, "is there twice"}
		}
		first := r.token()
		there[name] = first != nil
		if first == nil {
			continue
		}
		if e := r.rest(property, first); e != nil {
			return e.within(name)
		}
	}
	r.token()
	for _, required := range s.required {
		if value, ok := there[required.name]; r.err == nil && (!ok || !value && !required.nullable) {
			return &misfitError{required.name, "is missing"}
		}
	}
	return nil
}

// other reads the value of a name that is none of the properties.
func (r *shapeReader) other(s *shape, name string) *misfitError {
	if property, ok := s.folded[fold(name)]; ok {
		return &misfitError{property, "is there in another case"}
	}
	if s.closed {
		return &misfitError{text: "has a field that is not allowed"}
	}
	return r.value(s.others).within("*")
}

// equal compares a value of an enum with a token. It is false for lists and objects.
func equal(a any, b json.Token) bool {
	switch a := a.(type) {
	case []any, map[string]any:
		return false
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a, b)
	}
	return a == b
}

// sameNumber compares numbers, exactly if both are as long as a Decimal at most.
func sameNumber(a, b json.Number) bool {
	x, errX := runtime.ParseDecimal(a.String())
	y, errY := runtime.ParseDecimal(b.String())
	return a == b || errX == nil && errY == nil && x.Equal(y)
}
