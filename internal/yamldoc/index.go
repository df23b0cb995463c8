package yamldoc

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// index maps the nodes of a document to the keys that lead to them, and anchors to nodes.
type index struct {
	parent  map[*Node]*Node
	key     map[*Node]string
	anchors map[string]*Node // the first of each name
	nodes   map[nodeID]*Node
}

// nodeID identifies a node. A value decoded into a Node is a copy with the same nodeID.
type nodeID struct {
	Position
	kind yaml.Kind
}

func (d *Document) nodes() *index {
	if d.index == nil {
		d.index = &index{parent: make(map[*Node]*Node), key: make(map[*Node]string), anchors: make(map[string]*Node), nodes: make(map[nodeID]*Node)}
		if d.Root != nil {
			d.index.add(d.Root)
		}
	}
	return d.index
}

func (x *index) add(n *Node) {
	x.nodes[nodeID{At(n), n.Kind}] = n
	if n.Anchor != "" && n.Kind != Alias && x.anchors[n.Anchor] == nil {
		x.anchors[n.Anchor] = n
	}
	for i, c := range n.Content {
		x.parent[c] = n
		switch {
		case n.Kind == Sequence:
			x.key[c] = fmt.Sprintf("[%d]", i)
		case n.Kind == Mapping && i%2 == 1:
			x.key[c] = text.Name(n.Content[i-1].Value)
		}
		x.add(c)
	}
}

// defaultKey is the key of defaults, which can be secrets with all that is in them.
const defaultKey = "default"

// inDefault reports whether a node is in a default.
func (d *Document) inDefault(n *Node) bool {
	x := d.nodes()
	for n = x.nodes[nodeID{At(n), n.Kind}]; n != nil; n = x.parent[n] {
		if x.key[n] == defaultKey {
			return true
		}
	}
	return false
}

// Path returns the keys from the root to n, such as oauth_schema.client_schema[0]. It ends
// at a default.
func (d *Document) Path(n *Node) string {
	x := d.nodes()
	var keys []string
	for n = x.nodes[nodeID{At(n), n.Kind}]; n != nil; n = x.parent[n] {
		if k := x.key[n]; k != "" {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "the document"
	}
	slices.Reverse(keys)
	if i := slices.Index(keys, defaultKey); i >= 0 {
		keys = keys[:i+1]
	}
	return strings.ReplaceAll(strings.Join(keys, "."), ".[", "[")
}
