package yamldoc

import (
	"reflect"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/text"
)

// Sourced is a decoded value and the node that it was decoded from.
type Sourced[T any] struct {
	Value T
	Node  *Node
}

// UnmarshalYAML implements [yaml.Unmarshaler]. It decodes n into the value.
func (s *Sourced[T]) UnmarshalYAML(n *Node) error {
	s.Node = n
	return n.Decode(&s.Value)
}

// decoded returns the value.
func (s Sourced[T]) decoded() any { return s.Value }

// target returns the type that n is decoded into.
func (s *Sourced[T]) target() reflect.Type { return reflect.TypeFor[T]() }

// Words describe the YAML that a type accepts, in error messages.
type Words struct {
	One  string // "an option (a map with value and label)"
	List string // "a list of options"; empty for "a list"
}

// A Described type chooses its Words. Other types have those of their reflect.Kind.
type Described interface{ DescribeYAML() Words }

// Decode decodes n, a node of the document, into out, as the host would. It reports
// whether that succeeded. If not, it returns all errors, or none if the document is too
// large to decode and an earlier call said so. If n is a mapping and
// out a struct, the values of keys that the struct lacks can be of any size.
func (d *Document) Decode(n *Node, out any) (errs []*Error, ok bool) {
	if !d.budget.afford(n, decodedKeys(reflect.TypeOf(out))) {
		return d.budget.exceeded(n), false
	}
	if err := guarded(func() error { return n.Decode(out) }); err != nil {
		return d.decodeErrors(n, out, err), false
	}
	return nil, true
}

// explain returns what in n does not fit out. It walks the node and the type together, as
// the decoder does, and leaves each scalar to the decoder.
func (d *Document) explain(n *Node, out any) []*Error {
	x := &explainer{doc: d, open: make(map[*Node]bool)}
	x.value(n, reflect.TypeOf(out))
	return x.found
}

// maxFound bounds the errors of one call of explain. Nobody reads more.
const maxFound = 1000

type explainer struct {
	doc   *Document
	found []*Error
	open  map[*Node]bool // the mappings and lists that n is in
}

func (x *explainer) value(n *Node, t reflect.Type) {
	n, t = Resolve(n), Target(t)
	if t == nodeType || IsNull(n) || len(x.found) >= maxFound {
		return
	}
	switch kind := t.Kind(); {
	case n.Kind == Scalar:
		if guarded(func() error { return n.Decode(reflect.New(t).Interface()) }) != nil {
			x.mismatch(n, t)
		}
	case n.Kind == Sequence && kind == reflect.Slice:
		x.enter(n, func() { x.items(n, t.Elem()) })
	case n.Kind == Sequence && kind == reflect.Interface:
		x.enter(n, func() { x.items(n, t) })
	case n.Kind == Mapping && x.repeats(n):
	case n.Kind == Mapping && kind == reflect.Struct:
		x.enter(n, func() { x.structure(n, t, make(map[string]bool)) })
	case n.Kind == Mapping && kind == reflect.Map:
		x.enter(n, func() { x.pairs(n, t, make(map[string]bool)) })
	case n.Kind == Mapping && kind == reflect.Interface:
		x.enter(n, func() { x.pairs(n, reflect.MapOf(t, t), make(map[string]bool)) })
	default:
		x.mismatch(n, t)
	}
}

// enter walks what is in n, unless an alias in n leads back to it: the decoder, too, skips
// such an alias or fails before.
func (x *explainer) enter(n *Node, walk func()) {
	if !x.open[n] {
		x.open[n] = true
		walk()
		delete(x.open, n)
	}
}

func (x *explainer) items(n *Node, element reflect.Type) {
	for _, item := range n.Content {
		x.value(item, element)
	}
}

// pairs walks a mapping for a map. Done are the keys that a merge cannot set because they
// are set already.
func (x *explainer) pairs(n *Node, t reflect.Type, done map[string]bool) {
	var own []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		name := Resolve(key)
		if IsMerge(key) || name.Kind == Scalar && done[name.Value] {
			continue
		}
		if name.Kind == Scalar {
			own = append(own, name.Value)
		}
		x.value(key, t.Key())
		x.value(n.Content[i+1], t.Elem())
	}
	x.merges(n, done, own, func(source *Node) { x.pairs(source, t, done) })
}

// merges walks what the mapping n merges, without its own keys.
func (x *explainer) merges(n *Node, done map[string]bool, own []string, walk func(source *Node)) {
	for _, key := range own {
		done[key] = true
	}
	for source := range merged(n) {
		if source.Kind == Mapping && !x.repeats(source) {
			x.enter(source, func() { walk(source) })
		}
	}
}

// structure walks a mapping for a struct. Done are the keys that a merge cannot set because
// they are set already.
func (x *explainer) structure(n *Node, t reflect.Type, done map[string]bool) {
	lines := make(map[string]int)
	var own []string
	types := make(map[string]reflect.Type)
	for _, f := range Fields(t) {
		types[f.Key] = f.Type
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		name := Resolve(key)
		if IsMerge(key) {
			continue
		}
		if name.Kind != Scalar {
			x.value(name, reflect.TypeFor[string]())
			continue
		}
		typ, known := types[name.Value]
		if done[name.Value] || !known {
			continue
		}
		if first, again := lines[name.Value]; again {
			x.repeated(key, name.Value, first)
			continue
		}
		lines[name.Value] = key.Line
		own = append(own, name.Value)
		x.value(n.Content[i+1], typ)
	}
	x.merges(n, done, own, func(source *Node) { x.structure(source, t, done) })
}

// repeats adds an error for each repeated key of a mapping, and reports whether there is
// one.
func (x *explainer) repeats(n *Node) bool {
	type spelling struct {
		kind  uint32
		value string
	}
	before := len(x.found)
	lines := make(map[spelling]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		s := spelling{uint32(k.Kind), k.Value}
		if first, ok := lines[s]; ok {
			x.repeated(k, k.Value, first)
		} else {
			lines[s] = k.Line
		}
	}
	return len(x.found) > before
}

func (x *explainer) repeated(key *Node, name string, line int) {
	shown := "key " + text.Name(name)
	if x.doc.inDefault(key) {
		shown = "this key"
	}
	x.found = append(x.found, faultf(DuplicateKey, At(key), "%s is already defined on line %d", shown, line))
}

func (x *explainer) mismatch(n *Node, t reflect.Type) {
	err := faultf(Type, At(n), "%s must be %s, not %s", x.doc.Path(n), wanted(t), Found(n.ShortTag()))
	if t.Kind() == reflect.Bool {
		err.Suggestion = meantBool(n.Value)
	}
	x.found = append(x.found, err)
}

func meantBool(value string) string {
	switch strings.ToLower(value) {
	case "1", "true", "t", "yes", "y", "on":
		return "true"
	case "0", "false", "f", "no", "n", "off":
		return "false"
	}
	return ""
}

// wanted describes for an author what a type accepts.
func wanted(t reflect.Type) string {
	if words := describe(t); words.One != "" {
		return words.One
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "a time with a zone, such as 2026-01-31T12:00:00Z"
	case t.Kind() == reflect.Uint64:
		return "a whole number that is not negative"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		if words := describe(Target(t.Elem())); words.List != "" {
			return words.List
		}
		return "a list"
	}
	return "a map"
}

func describe(t reflect.Type) Words {
	if d, ok := reflect.New(t).Interface().(Described); ok {
		return d.DescribeYAML()
	}
	return Words{}
}

// Found describes for an author a value with the given YAML tag, such as "a list".
func Found(tag string) string {
	switch tag {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!seq":
		return "a list"
	case "!!map":
		return "a map"
	case "!!timestamp":
		return "a date"
	case nullTag:
		return "null"
	}
	return text.Name(tag)
}
