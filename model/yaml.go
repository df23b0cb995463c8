package model

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	mergeKey = "<<"
	nullTag  = "!!null"
	mapTag   = "!!map"
	seqTag   = "!!seq"

	// maxPairs bounds the pairs of keys in all maps that are decoded: the decoder
	// compares them all. One map of 10,000 keys has as many.
	maxPairs = 50_000_000
	// maxFields bounds a section, and the options of a field.
	maxFields = 10_000
	// maxAliasGain bounds how many more values than the file holds its aliases
	// may stand for.
	maxAliasGain = 200_000
	// maxDepth bounds recursion over nodes; the parser allows as much.
	maxDepth = 10_000
)

// parse reads the first YAML document of data; the host never looks at a second
// one. The node is nil for an empty document. A syntax error is reported and
// gives false.
func parse(r *reporter, data []byte) (root *yaml.Node, ok bool) {
	var doc yaml.Node
	if err := guarded(func() error { return yaml.Unmarshal(data, &doc) }); err != nil {
		r.syntaxError(data, err)
		return nil, false
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return nil, true
	}
	return doc.Content[0], true
}

// guarded turns a panic of the YAML package into an error: it is known to panic
// on a few malformed inputs, such as a merge of an unhashable key.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: cannot be decoded: %v", p)
		}
	}()
	return f()
}

// decoder decodes nodes of one document into host structs and turns the YAML
// package's errors into diagnostics with a column.
type decoder struct {
	*reporter
	root    *yaml.Node
	index   *lineIndex // made at the first error
	costs   map[*yaml.Node]cost
	gain    int  // values that aliases added so far
	pairs   int  // pairs of keys to compare so far
	refused bool // gain or pairs was reported
	failed  bool
}

// cost is what decoding a node takes, its aliases followed.
type cost struct {
	values int // nodes
	pairs  int // pairs of keys in mappings, all of which the decoder compares
}

// plus adds costs; absurd ones stay finite.
func (c cost) plus(other cost) cost {
	const most = 1 << 40
	return cost{min(c.values+other.values, most), min(c.pairs+other.pairs, most)}
}

// allKeys stands for every key of a mapping.
const allKeys = "*"

// decode fills out from n, reporting what is wrong. Only the values under keys
// are decoded into something; the rest may be of any size.
func (d *decoder) decode(n *yaml.Node, out any, keys ...string) {
	if !d.affordable(n, keys) {
		d.failed = true
		return
	}
	if err := guarded(func() error { return n.Decode(out) }); err != nil {
		d.failed = true
		d.typeErrors(n, err)
	}
}

// affordable reports whether decoding n takes time and memory in proportion to
// the size of the file.
func (d *decoder) affordable(n *yaml.Node, keys []string) bool {
	if n.Kind == yaml.MappingNode {
		d.pairs += pairs(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; isMerge(k) || slices.Contains(keys, k.Value) || slices.Contains(keys, allKeys) {
				d.spend(n.Content[i+1])
			}
		}
	} else {
		d.spend(n)
	}
	if d.pairs <= maxPairs && d.gain <= maxAliasGain {
		return true
	}
	if !d.refused {
		d.refused = true
		if d.pairs > maxPairs {
			d.errorf(at(n), RuleTooLarge, "the maps up to here have too many keys")
		} else {
			d.errorf(at(n), RuleAlias, "aliases stand for more than %d values: write out what is needed", maxAliasGain)
		}
	}
	return false
}

// spend notes the cost of decoding n.
func (d *decoder) spend(n *yaml.Node) {
	c := d.weigh(n, 0)
	d.gain += c.values - plainSize(n, 0)
	d.pairs += c.pairs
}

// pairs is how many pairs of keys a mapping has.
func pairs(n *yaml.Node) int {
	keys := len(n.Content) / 2
	return keys * (keys - 1) / 2
}

// weigh is the cost of n when its aliases are followed. It stops counting where a
// cycle closes: the decoder refuses those by itself.
func (d *decoder) weigh(n *yaml.Node, depth int) cost {
	if n.Kind == yaml.ScalarNode || depth > maxDepth {
		return cost{values: 1}
	}
	if c, ok := d.costs[n]; ok {
		return c
	}
	if d.costs == nil {
		d.costs = make(map[*yaml.Node]cost)
	}
	d.costs[n] = cost{}
	sum := cost{values: 1}
	switch n.Kind {
	case yaml.AliasNode:
		sum = d.weigh(n.Alias, depth+1)
	case yaml.MappingNode:
		sum.pairs = pairs(n)
	}
	for _, child := range n.Content {
		sum = sum.plus(d.weigh(child, depth+1))
	}
	d.costs[n] = sum
	return sum
}

// plainSize counts the nodes of n, aliases as one.
func plainSize(n *yaml.Node, depth int) int {
	size := 1
	if depth > maxDepth {
		return size
	}
	for _, c := range n.Content {
		size += plainSize(c, depth+1)
	}
	return size
}

// at is the position of n; the zero position for nil.
func at(n *yaml.Node) Position {
	if n == nil {
		return Position{}
	}
	return Position{Line: n.Line, Column: n.Column}
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == nullTag
}

// lookup finds the key and the value of a path of keys in a mapping, through
// merges, as the decoder does. Both are nil if a key is absent.
func lookup(n *yaml.Node, path ...string) (key, value *yaml.Node) {
	value = n
	for _, name := range path {
		if key, value = lookupKey(value, name, nil); value == nil {
			return nil, nil
		}
	}
	return key, value
}

// lookupKey looks in n and in what it merges. A mapping without the key is looked
// at once only, however often it is merged.
func lookupKey(n *yaml.Node, name string, without map[*yaml.Node]bool) (key, value *yaml.Node) {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || without[n] {
		return nil, nil
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if isMerge(k) {
			merges = append(merges, v)
			continue
		}
		if k := resolve(k); k.Kind == yaml.ScalarNode && k.Value == name {
			return n.Content[i], v
		}
	}
	if len(merges) == 0 {
		return nil, nil
	}
	if without == nil {
		without = make(map[*yaml.Node]bool)
	}
	without[n] = true
	for _, m := range merges {
		sources := []*yaml.Node{m}
		if m := resolve(m); m.Kind == yaml.SequenceNode {
			sources = m.Content
		}
		for _, s := range sources {
			if key, value = lookupKey(s, name, without); value != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

func isMerge(k *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Value == mergeKey && (k.Tag == "" || k.Tag == "!" || strings.HasSuffix(k.ShortTag(), "merge"))
}
