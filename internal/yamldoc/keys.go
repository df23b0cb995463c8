package yamldoc

import (
	"reflect"
	"strings"
	"sync"
)

// Keys are the keys that the struct T has tags for, in their order.
func Keys[T any]() []string { return keysOf(reflect.TypeFor[T]()) }

func keysOf(t reflect.Type) []string {
	var keys []string
	for f := range fields(t) {
		keys = append(keys, f.key)
	}
	return keys
}

// Map is a mapping that a struct takes.
type Map struct {
	Path []string // of keys that lead to it
	Keys []string // that the struct has tags for

	typ reflect.Type
}

// Is reports whether the struct that takes the mapping is of v's type.
func (m Map) Is(v any) bool { return m.typ == reflect.TypeOf(v) }

// Maps are the mappings that the struct T takes, at a path of keys, and those of the
// structs in it; structs in lists are not among them.
func Maps[T any](path ...string) []Map { return mapsOf(reflect.TypeFor[T](), path) }

func mapsOf(t reflect.Type, path []string) []Map {
	list := []Map{{path, keysOf(t), t}}
	for f := range fields(t) {
		if typ := underlying(f.typ); typ.Kind() == reflect.Struct && typ != nodeType {
			list = append(list, mapsOf(typ, append(path[:len(path):len(path)], f.key))...)
		}
	}
	return list
}

// decodedKeys are the keys whose values are decoded further than into nodes; nil for
// a type that is not a struct.
func decodedKeys(t reflect.Type) []string {
	if keys, ok := keysOfType.Load(t); ok {
		return keys.([]string)
	}
	var keys []string
	if s := underlying(t); s.Kind() == reflect.Struct {
		keys = []string{}
		for f := range fields(s) {
			if underlying(f.typ) != nodeType {
				keys = append(keys, f.key)
			}
		}
	}
	keysOfType.Store(t, keys)
	return keys
}

// keysOfType remembers decodedKeys, which are needed for every field of every file.
var keysOfType sync.Map

// field is a field of a struct with a key.
type field struct {
	key string
	typ reflect.Type
}

func fields(t reflect.Type) func(yield func(field) bool) {
	return func(yield func(field) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" && !yield(field{key, f.Type}) {
				return
			}
		}
	}
}

var nodeType = reflect.TypeFor[Node]()

// underlying is the type that takes the YAML for t.
func underlying(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s, ok := reflect.New(t).Interface().(interface{ target() reflect.Type }); ok {
		return underlying(s.target())
	}
	return t
}
