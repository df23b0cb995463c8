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

	// maxMappingKeys bounds a mapping: the decoder compares all pairs of its keys.
	maxMappingKeys = 10_000
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
	weights map[*yaml.Node]int
	gain    int        // values that aliases added so far
	wide    *yaml.Node // a mapping that is too large to decode
	refused bool       // gain or wide was reported
	failed  bool
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
	if n.Kind == yaml.MappingNode && len(n.Content)/2 > maxMappingKeys {
		d.wide = n
	}
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if k := n.Content[i]; isMerge(k) || slices.Contains(keys, k.Value) || slices.Contains(keys, allKeys) {
			d.gain += d.weigh(n.Content[i+1], 0) - plainSize(n.Content[i+1], 0)
		}
	}
	if d.wide == nil && d.gain <= maxAliasGain {
		return true
	}
	if !d.refused {
		d.refused = true
		if d.wide != nil {
			d.errorf(at(d.wide), RuleTooLarge, "a map of %d keys is too large, the most is %d", len(d.wide.Content)/2, maxMappingKeys)
		} else {
			d.errorf(at(n), RuleAlias, "aliases stand for more than %d values: write out what is needed", maxAliasGain)
		}
	}
	return false
}

// weigh counts the values that n stands for when its aliases are followed. It
// stops counting where a cycle closes: the decoder refuses those by itself.
func (d *decoder) weigh(n *yaml.Node, depth int) int {
	const saturated = 1 << 30
	if n.Kind == yaml.ScalarNode || depth > maxDepth {
		return 1
	}
	if w, ok := d.weights[n]; ok {
		return w
	}
	if n.Kind == yaml.MappingNode && len(n.Content)/2 > maxMappingKeys {
		d.wide = n
	}
	if d.weights == nil {
		d.weights = make(map[*yaml.Node]int)
	}
	d.weights[n] = 0
	w := 1
	if n.Kind == yaml.AliasNode {
		w = d.weigh(n.Alias, depth+1)
	}
	for _, c := range n.Content {
		w = min(w+d.weigh(c, depth+1), saturated)
	}
	d.weights[n] = w
	return w
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
		if key, value = lookupKey(value, name, 0); value == nil {
			return nil, nil
		}
	}
	return key, value
}

func lookupKey(n *yaml.Node, name string, depth int) (key, value *yaml.Node) {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > 100 {
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
	for _, m := range merges {
		sources := []*yaml.Node{m}
		if m := resolve(m); m.Kind == yaml.SequenceNode {
			sources = m.Content
		}
		for _, s := range sources {
			if key, value = lookupKey(s, name, depth+1); value != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

func isMerge(k *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Value == mergeKey && (k.Tag == "" || k.Tag == "!" || strings.HasSuffix(k.ShortTag(), "merge"))
}
