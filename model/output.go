package model

import (
	"maps"
	"slices"

	"github.com/difygen/difygen/internal/yamldoc"
)

const (
	// maxOutputDepth is the depth up to which outputs have a type.
	maxOutputDepth = 8
	// maxOutputs bounds the outputs of an item that have a type, in all depths.
	maxOutputs = 1000
)

// Output is a value that output_schema declares.
type Output struct {
	Name        string
	Type        string // in the words of JSON Schema; "" if there is none, or no single one besides null
	Nullable    bool   // it can be null
	Description string
	Required    bool     // its object must have it
	Pos         Position // of its key; the file is that of the item
	Properties  []Output // of an object, as the YAML lists them
	Items       *Output  // of an array; nil if the schema does not say
}

// At returns the position of an output of the item, or of something in it; of what has no key of its own, that of
// the item.
func (it *Item) At(o *Output) Position {
	if o.Pos.Line == 0 {
		return it.Pos
	}
	return Position{File: it.File, Line: o.Pos.Line, Column: o.Pos.Column}
}

// outputsOf returns the properties of a schema. The node that the schema was decoded from
// gives their order.
func outputsOf(schema map[string]any, n *yamldoc.Node) []Output {
	left := maxOutputs
	return outputsIn(schema, n, &left, 1)
}

// outputsIn returns the properties of a schema of an object in some depth. It counts them
// off what is left.
func outputsIn(schema map[string]any, n *yamldoc.Node, left *int, depth int) []Output {
	all, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	_, n = yamldoc.Lookup(n, "properties")
	var list []Output
	for _, name := range keysInOrder(all, n) {
		key, value := yamldoc.Lookup(n, name)
		o := outputOf(all[name], value, left, depth)
		o.Name, o.Required = name, slices.Contains(required, any(name))
		if key != nil {
			o.Pos = at(key)
		}
		list = append(list, o)
	}
	return list
}

// outputOf returns what a schema says of a value.
func outputOf(schema any, n *yamldoc.Node, left *int, depth int) Output {
	s, _ := schema.(map[string]any)
	var o Output
	o.Description, _ = s["description"].(string)
	if *left--; *left < 0 || depth > maxOutputDepth {
		return o
	}
	for _, word := range []string{"$ref", "allOf", "anyOf", "oneOf"} {
		if _, has := s[word]; has {
			return o
		}
	}
	o.Type, o.Nullable = outputTypeOf(s["type"])
	switch items, has := s["items"]; {
	case o.Type == "object":
		o.Properties = outputsIn(s, n, left, depth+1)
	case o.Type == "array" && has:
		_, n = yamldoc.Lookup(n, "items")
		item := outputOf(items, n, left, depth+1)
		o.Items = &item
	}
	return o
}

// outputTypeOf returns the word that a type is, or the only one in it besides null.
func outputTypeOf(typ any) (word string, nullable bool) {
	list, isList := typ.([]any)
	if !isList {
		word, _ = typ.(string)
		return word, false
	}
	others := slices.DeleteFunc(slices.Clone(list), func(word any) bool { return word == any("null") })
	if len(others) != 1 {
		return "", false
	}
	word, _ = others[0].(string)
	return word, word != "" && len(list) > 1
}

// keysInOrder returns the keys of a map in the order of the mapping that it was decoded from.
// Keys that it merged come last.
func keysInOrder(m map[string]any, n *yamldoc.Node) []string {
	rest := maps.Clone(m)
	var keys []string
	yamldoc.EachKey(n, func(key, _ *yamldoc.Node) {
		name := yamldoc.Resolve(key).Value
		if _, has := rest[name]; has {
			keys = append(keys, name)
			delete(rest, name)
		}
	})
	return append(keys, slices.Sorted(maps.Keys(rest))...)
}
