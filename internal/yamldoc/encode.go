package yamldoc

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Encode returns a decoded struct as an object for encoding/json, with the keys of its
// tags. It leaves out what is null or not given, values that are kept as nodes, and empty
// values that have the option omitempty.
func Encode(v any) map[string]any {
	object, _ := encode(reflect.ValueOf(v)).(map[string]any)
	return object
}

func encode(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface {
			return Plain(v.Interface())
		}
		return encode(v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = encode(v.Index(i))
		}
		return list
	case reflect.Map:
		return Plain(v.Interface())
	case reflect.Struct:
		return encodeStruct(v)
	}
	return scalarOf(v)
}

// scalarOf returns a value without its named type.
func scalarOf(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	}
	return Plain(v.Interface())
}

func encodeStruct(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case interface{ decoded() any }:
		return encode(reflect.ValueOf(value.decoded()))
	case time.Time:
		return Plain(value)
	case encoding.TextMarshaler:
		if text, err := value.MarshalText(); err == nil {
			return string(text)
		}
		return nil
	}
	list := Fields(v.Type())
	out := make(map[string]any, len(list))
	for _, f := range list {
		value := v.FieldByIndex(f.index)
		if f.Type == nodeType || f.omitEmpty && value.IsZero() {
			continue
		}
		if x := encode(value); x != nil {
			out[f.Key] = x
		}
	}
	return out
}

// Plain converts a decoded value to one for encoding/json. Keys become text, and numbers
// that JSON does not have become text as YAML spells them.
func Plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return nil
		}
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = Plain(x)
		}
		return out
	case map[any]any:
		// Keys of different types can have the same text. The last in this order counts.
		keys := slices.SortedFunc(maps.Keys(v), func(a, b any) int {
			return strings.Compare(fmt.Sprintf("%v %T", a, a), fmt.Sprintf("%v %T", b, b))
		})
		out := make(map[string]any, len(v))
		for _, k := range keys {
			out[fmt.Sprint(k)] = Plain(v[k])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = Plain(x)
		}
		return out
	case float64:
		switch {
		case math.IsNaN(v):
			return ".nan"
		case math.IsInf(v, 1):
			return ".inf"
		case math.IsInf(v, -1):
			return "-.inf"
		}
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return v
}

// TextKeys says in which mappings decoding makes text of keys.
type TextKeys int

// The mappings whose keys become text.
const (
	TextKeysNowhere    TextKeys = iota
	TextKeysAtTop               // decoded into a map[string]any
	TextKeysEverywhere          // and made so later
)

// NotJSON returns the first node in n whose decoded value JSON does not have, and what is
// wrong with it; nil if there is none.
func NotJSON(n *Node, keys TextKeys) (bad *Node, problem string) {
	return notJSON(n, keys, make(map[*Node]bool))
}

func notJSON(n *Node, keys TextKeys, seen map[*Node]bool) (*Node, string) {
	if n = Resolve(n); n == nil || seen[n] {
		return nil, ""
	}
	seen[n] = true
	if n.Kind == Scalar {
		var f float64
		if n.ShortTag() == "!!float" && n.Decode(&f) == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return n, "holds a number that is not finite"
		}
		return nil, ""
	}
	for i, c := range n.Content {
		inside := keys
		switch {
		case n.Kind == Mapping && i%2 == 0:
			if keys == TextKeysNowhere && !IsMerge(c) && Resolve(c).ShortTag() != "!!str" {
				return c, "has a key that is not text; put it in quotes"
			}
			continue
		case n.Kind == Mapping && IsMerge(n.Content[i-1]): // what is merged is where n is
		case keys == TextKeysAtTop:
			inside = TextKeysNowhere
		}
		if bad, problem := notJSON(c, inside, seen); bad != nil {
			return bad, problem
		}
	}
	return nil, ""
}

// IsFraction reports whether n is a number that is not whole, or not written as a whole
// one.
func IsFraction(n *Node) bool {
	n = Resolve(n)
	return n.Kind == Scalar && n.ShortTag() == "!!float"
}
