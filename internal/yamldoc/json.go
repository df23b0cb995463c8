package yamldoc

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// As is what a scalar becomes in JSON.
type As int

// The ways to convert a scalar. A null is always null.
const (
	AsTyped As = iota // the value of its YAML type
	AsText            // its text
	AsBool            // a boolean, even if it is yes or on; AsTyped if it is not a boolean
)

// Item represents an item of a list in a path of keys.
const Item = "[]"

// JSON converts a mapping, with what it merges, to a value for encoding/json. It calls as
// with the path of keys to each scalar. The path is valid only during the call. An alias
// that would close a cycle becomes an empty list or map.
func JSON(n *Node, as func(path []string) As) map[string]any {
	c := &converter{as: as, open: make(map[*Node]bool)}
	return c.object(Resolve(n), nil)
}

type converter struct {
	as   func(path []string) As
	open map[*Node]bool // mappings and lists being converted
}

func (c *converter) value(n *Node, path []string) any {
	switch n = Resolve(n); n.Kind {
	case Mapping:
		return c.object(n, path)
	case Sequence:
		list := make([]any, 0, len(n.Content))
		if c.open[n] {
			return list
		}
		c.open[n] = true
		defer delete(c.open, n)
		for _, item := range n.Content {
			list = append(list, c.value(item, append(path, Item)))
		}
		return list
	case Scalar:
		return scalar(n, c.as(path))
	}
	return nil
}

func (c *converter) object(n *Node, path []string) map[string]any {
	out := make(map[string]any, len(n.Content)/2)
	if c.open[n] {
		return out
	}
	c.open[n] = true
	defer delete(c.open, n)
	for source := range merged(n) {
		if source.Kind != Mapping {
			continue
		}
		for key, v := range c.object(source, path) {
			if _, have := out[key]; !have {
				out[key] = v
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; !IsMerge(k) {
			key := Resolve(k).Value
			out[key] = c.value(n.Content[i+1], append(path, key))
		}
	}
	return out
}

func scalar(n *Node, as As) any {
	if IsNull(n) {
		return nil
	}
	var b bool
	if as == AsBool && n.Decode(&b) == nil {
		return b
	}
	var v any
	if as == AsText || n.Decode(&v) != nil {
		return n.Value
	}
	return Plain(v)
}

// Plain converts a decoded value to one for encoding/json. Keys become text, and numbers
// that JSON does not have become text as YAML spells them.
func Plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
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
