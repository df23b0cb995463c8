package llm

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxSchema is how many types a schema may describe.
const maxSchema = 10_000

// SchemaOf returns a JSON Schema of what encoding/json decodes into the type of v, a struct, a map,
// or a pointer to one. It is for Tool.Parameters and for structured output.
//
// Fields have the names that encoding/json gives them. A field is required unless its tag has
// omitempty or omitzero. A pointer may be null. No others than the fields are allowed. A tag
// description says what a field means, and a tag enum which texts or numbers it may have, each once
// and one that the type can have. An array has as many items as its type:
//
//	type Review struct {
//		Tone  string   `json:"tone" enum:"friendly,angry" description:"How the customer sounds."`
//		Stars *int     `json:"stars" description:"null if the customer gives none."`
//		Tags  []string `json:"tags,omitempty"`
//	}
//
// Some providers take a schema only if all fields are required: use pointers there, and neither
// omitempty nor omitzero.
//
// time.Time is a text of format date-time, a type with UnmarshalText is a text, and any and
// json.RawMessage are anything. A type with UnmarshalJSON, one that contains itself, and one that no
// JSON fits are errors: write a schema for them. The result belongs to the caller.
func SchemaOf(v any) (map[string]any, error) {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	errNoObject := errors.New("a schema needs a struct or a map")
	if t == nil || (t.Kind() != reflect.Struct && t.Kind() != reflect.Map) || known(t) != nil {
		return nil, errNoObject
	}
	s := schemer{path: []string{t.String()}}
	schema, err := s.schema(t)
	if err == nil && schema["type"] != "object" { // t, or what it embeds, has UnmarshalText
		return nil, errNoObject
	}
	return schema, err
}

// schemer makes a schema.
type schemer struct {
	path   []string       // to the type at hand, for errors
	within []reflect.Type // the structs, maps and lists that the type at hand is part of
	count  int
}

func (s *schemer) fail(format string, args ...any) error {
	return fmt.Errorf("%s: %s", strings.Join(s.path, "."), fmt.Sprintf(format, args...))
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	numberType      = reflect.TypeFor[json.Number]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// known returns the schema of a type of the standard library that has one of its own, or nil.
func known(t reflect.Type) map[string]any {
	switch t {
	case timeType:
		return map[string]any{"type": "string", "format": "date-time"}
	case rawType:
		return map[string]any{}
	case numberType:
		return map[string]any{"type": "number"}
	}
	return nil
}

func (s *schemer) schema(t reflect.Type) (map[string]any, error) {
	if s.count++; s.count > maxSchema {
		return nil, s.fail("the type has more than %d types in it: write a schema for it", maxSchema)
	}
	if t.Kind() == reflect.Pointer {
		schema, err := s.schema(t.Elem())
		if typ, ok := schema["type"].(string); ok {
			schema["type"] = []any{typ, "null"}
		}
		return schema, err
	}
	if schema := known(t); schema != nil {
		return schema, nil
	}
	switch p := reflect.PointerTo(t); {
	case p.Implements(unmarshalerType):
		return nil, s.fail("%s has UnmarshalJSON, so that its schema is not known: write one", t)
	case p.Implements(textType):
		return map[string]any{"type": "string"}, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}, nil
	case reflect.String:
		return map[string]any{"type": "string"}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return map[string]any{"type": "integer"}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return map[string]any{"type": "integer", "minimum": 0}, nil
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}, nil
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return s.composite(t)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return map[string]any{}, nil
		}
	}
	return nil, s.fail("nothing in JSON is a %s", t)
}

// composite returns the schema of a type that has others in it.
func (s *schemer) composite(t reflect.Type) (map[string]any, error) {
	if slices.Contains(s.within, t) {
		return nil, s.fail("%s contains itself: write a schema for it", t)
	}
	s.within = append(s.within, t)
	defer func() { s.within = s.within[:len(s.within)-1] }()
	switch {
	case t.Kind() == reflect.Struct:
		return s.object(t)
	case t.Kind() == reflect.Map:
		if !textKey(t.Key()) {
			return nil, s.fail("the keys of %s are not texts", t)
		}
		values, err := s.schema(t.Elem())
		if err != nil {
			return nil, err
		}
		return map[string]any{"type": "object", "additionalProperties": values}, nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return map[string]any{"type": "string", "contentEncoding": "base64"}, nil
	}
	items, err := s.schema(t.Elem())
	if err != nil {
		return nil, err
	}
	schema := map[string]any{"type": "array", "items": items}
	if t.Kind() == reflect.Array {
		schema["minItems"], schema["maxItems"] = t.Len(), t.Len()
	}
	return schema, nil
}

// textKey reports whether encoding/json takes a text as a key of that type.
func textKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return reflect.PointerTo(t).Implements(textType)
}

// object returns the schema of a struct.
func (s *schemer) object(t reflect.Type) (map[string]any, error) {
	fields := make(map[string][]structField)
	if err := s.fields(t, 0, fields); err != nil {
		return nil, err
	}
	properties, required := map[string]any{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f, ok := dominant(fields[name])
		if !ok {
			continue
		}
		s.path = append(s.path, f.Name)
		schema, err := s.property(f)
		if err != nil {
			return nil, err
		}
		s.path = s.path[:len(s.path)-1]
		properties[name] = schema
		if !f.optional {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}, nil
}

// structField is a field of a struct, or of one embedded in it.
type structField struct {
	reflect.StructField
	depth                    int
	tagged, optional, quoted bool
}

// embedded adds the fields of a struct that is embedded in another one.
func (s *schemer) embedded(t reflect.Type, depth int, all map[string][]structField) error {
	if slices.Contains(s.within, t) {
		return s.fail("%s contains itself: write a schema for it", t)
	}
	s.within = append(s.within, t)
	defer func() { s.within = s.within[:len(s.within)-1] }()
	return s.fields(t, depth, all)
}

// fields adds the fields of a struct, by their names in JSON.
func (s *schemer) fields(t reflect.Type, depth int, all map[string][]structField) error {
	for i := range t.NumField() {
		f := structField{StructField: t.Field(i), depth: depth}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("json") == "-" {
			continue
		}
		embedded := f.Type
		if f.Anonymous && embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		if name != "" && !validName(name) {
			return s.fail("encoding/json ignores the name in the tag of %s: it has a quote, a backslash or a character that is not a letter", f.Name)
		}
		if f.Anonymous && name == "" && embedded.Kind() == reflect.Struct {
			if f.Type.Kind() == reflect.Pointer && !f.IsExported() {
				return s.fail("encoding/json cannot set the embedded pointer %s", f.Name)
			}
			if err := s.embedded(embedded, depth+1, all); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		for option := range strings.SplitSeq(options, ",") {
			f.optional = f.optional || option == "omitempty" || option == "omitzero"
			f.quoted = f.quoted || option == "string"
		}
		f.tagged = name != ""
		if name == "" {
			name = f.Name
		}
		all[name] = append(all[name], f)
	}
	return nil
}

// validName reports whether encoding/json takes a name from a tag.
func validName(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// dominant returns the field that encoding/json takes of those with one name: the least deep one
// or, of several, the one whose name a tag gives. If there are several of those, it takes none.
func dominant(fields []structField) (f structField, ok bool) {
	rank := func(f structField) int {
		if f.tagged {
			return 2 * f.depth
		}
		return 2*f.depth + 1
	}
	f = slices.MinFunc(fields, func(a, b structField) int { return rank(a) - rank(b) })
	n := 0
	for _, other := range fields {
		if rank(other) == rank(f) {
			n++
		}
	}
	return f, n == 1
}

// property returns the schema of a field.
func (s *schemer) property(f structField) (map[string]any, error) {
	schema, err := s.schema(f.Type)
	if err != nil {
		return nil, err
	}
	if f.quoted {
		quote(f.Type, schema)
	}
	if enum, ok := f.Tag.Lookup("enum"); ok {
		target, t := schema, value(f.Type)
		typ, null := typeOf(target)
		for typ == "array" {
			target, t = target["items"].(map[string]any), value(t.Elem())
			typ, null = typeOf(target)
		}
		values, err := s.enum(t, typ, enum)
		if err != nil {
			return nil, err
		}
		if null {
			values = append(values, nil)
		}
		target["enum"] = values
	}
	if text := f.Tag.Get("description"); text != "" {
		schema["description"] = text
	}
	return schema, nil
}

// quote changes the schema of a field whose tag has the option string, which counts for scalars.
func quote(t reflect.Type, schema map[string]any) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return
	}
	delete(schema, "minimum")
	if _, null := typeOf(schema); null {
		schema["type"] = []any{"string", "null"}
	} else {
		schema["type"] = "string"
	}
}

// typeOf returns the type in a schema, and whether null is allowed, too.
func typeOf(schema map[string]any) (typ string, null bool) {
	if types, ok := schema["type"].([]any); ok {
		typ, _ = types[0].(string)
		return typ, true
	}
	typ, _ = schema["type"].(string)
	return typ, false
}

// value returns the type of a value that a pointer, or one to it, points to.
func value(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// enum returns the values that a tag lists, of a type in Go and in a schema.
func (s *schemer) enum(t reflect.Type, typ, tag string) ([]any, error) {
	if typ != "string" && typ != "integer" && typ != "number" {
		return nil, s.fail("a tag enum is for texts and numbers, and lists of them")
	}
	var values []any
	for text := range strings.SplitSeq(tag, ",") {
		v, ok := enumValue(t, typ, strings.TrimSpace(text))
		switch {
		case !ok:
			return nil, s.fail("a value of the tag enum is not of type %s", t)
		case slices.Contains(values, v):
			return nil, s.fail("a value of the tag enum is there twice")
		}
		values = append(values, v)
	}
	return values, nil
}

// enumValue returns a value from a tag, if the type can have it.
func enumValue(t reflect.Type, typ, text string) (v any, ok bool) {
	switch {
	case typ == "string":
		return text, text != ""
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uintptr:
		n, err := strconv.ParseUint(text, 10, 64)
		return n, err == nil && !reflect.Zero(t).OverflowUint(n)
	case typ == "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil && !reflect.Zero(t).OverflowInt(n)
	}
	n, err := strconv.ParseFloat(text, 64)
	fits := t.Kind() != reflect.Float32 || !reflect.Zero(t).OverflowFloat(n)
	return n, err == nil && fits && !math.IsNaN(n) && !math.IsInf(n, 0)
}
