package yamldoc

import (
	"reflect"
	"strings"
	"sync"
)

// Keys returns the keys of the struct T, which are in its tags, in order.
func Keys[T any]() []string { return keysOf(reflect.TypeFor[T]()) }

func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range Fields(t) {
		keys = append(keys, f.Key)
	}
	return keys
}

// Map is a mapping that is decoded into a struct.
type Map struct {
	Path []string // the keys that lead to it
	Keys []string // the keys of the struct

	typ reflect.Type
}

// Is reports whether the struct has the type of v.
func (m Map) Is(v any) bool { return m.typ == reflect.TypeOf(v) }

// Maps returns the mapping for the struct T, at a path of keys, and those for the structs
// in it. It leaves out structs in lists.
func Maps[T any](path ...string) []Map { return mapsOf(reflect.TypeFor[T](), path) }

func mapsOf(t reflect.Type, path []string) []Map {
	list := []Map{{path, keysOf(t), t}}
	for _, f := range Fields(t) {
		if typ := Target(f.Type); typ.Kind() == reflect.Struct && typ != nodeType {
			list = append(list, mapsOf(typ, append(path[:len(path):len(path)], f.Key))...)
		}
	}
	return list
}

// decodedKeys returns the keys of t whose values are not just kept as nodes, or nil if t is
// not a struct.
func decodedKeys(t reflect.Type) []string {
	if keys, ok := keysOfType.Load(t); ok {
		return keys.([]string)
	}
	var keys []string
	if s := Target(t); s.Kind() == reflect.Struct {
		keys = []string{}
		for _, f := range Fields(s) {
			if Target(f.Type) != nodeType {
				keys = append(keys, f.Key)
			}
		}
	}
	keysOfType.Store(t, keys)
	return keys
}

// keysOfType caches decodedKeys, which every field of every file needs.
var keysOfType sync.Map

// Field is a field of a struct that has a key.
type Field struct {
	Key  string
	Type reflect.Type
	In   reflect.Type // the struct that declares it, which others can inline

	index     []int // for reflect.Value.FieldByIndex
	omitEmpty bool
}

// Fields returns the fields of a struct, with those of the structs that it inlines.
func Fields(t reflect.Type) []Field {
	if list, ok := fieldsOfType.Load(t); ok {
		return list.([]Field)
	}
	var list []Field
	for i := range t.NumField() {
		f := t.Field(i)
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if option == "inline" {
			for _, inner := range Fields(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
		} else if key != "" {
			list = append(list, Field{Key: key, Type: f.Type, In: t, index: []int{i}, omitEmpty: option == "omitempty"})
		}
	}
	fieldsOfType.Store(t, list)
	return list
}

// fieldsOfType caches the results of Fields, which every value needs.
var fieldsOfType sync.Map

var nodeType = reflect.TypeFor[Node]()

// Target returns the type that YAML for t is decoded into, without pointers.
func Target(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s, ok := reflect.New(t).Interface().(interface{ target() reflect.Type }); ok {
		return Target(s.target())
	}
	return t
}
