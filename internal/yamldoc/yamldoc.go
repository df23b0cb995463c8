// Package yamldoc reads a YAML document. It has the document's nodes with their positions
// and its comments, decodes values into structs, and explains to authors what is wrong.
//
// It decodes with the same YAML package, at the same version, as the Dify host does. No
// other package of this module imports a YAML package, except for tests.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// Node is a node of a document.
type Node = yaml.Node

// The kinds of node.
const (
	Mapping  = yaml.MappingNode
	Sequence = yaml.SequenceNode
	Scalar   = yaml.ScalarNode
	Alias    = yaml.AliasNode
)

const (
	mergeKey = "<<"
	nullTag  = "!!null"

	// maxDepth bounds recursion over nodes. The parser has the same bound.
	maxDepth = 10_000
)

// Position is a position in a document. Line and Column count from 1, Column in
// characters; 0 means unknown.
type Position struct{ Line, Column int }

// Document is the first YAML document of a file.
type Document struct {
	Root *Node // nil if the document is empty

	data   []byte
	index  *index // nil until it is needed
	budget budget
}

// Parse parses the first YAML document in data. The host never reads a second one. An
// error is an *Error.
func Parse(data []byte) (*Document, error) {
	var doc yaml.Node
	if err := guarded(func() error { return yaml.Unmarshal(data, &doc) }); err != nil {
		return nil, syntaxError(data, err)
	}
	d := &Document{data: data}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) > 0 {
		d.Root = doc.Content[0]
	}
	return d, nil
}

// Rest returns the position of the first line after the document, unless another document
// starts there. The parser ends a document whose first key is indented at a line that is
// indented less, and ignores the rest of the file.
func (d *Document) Rest() (Position, bool) {
	if d.Root == nil || len(d.Root.Content) == 0 || d.Root.Content[0].Column == 1 {
		return Position{}, false
	}
	parser := yaml.NewDecoder(bytes.NewReader(d.data))
	err := guarded(func() error { return errors.Join(parser.Decode(new(Node)), parser.Decode(new(Node))) })
	if err == nil {
		return Position{}, false
	}
	if !strings.HasSuffix(err.Error(), "did not find expected <document start>") {
		return Position{}, false
	}
	// The parser names a wrong line.
	lines := text.SourceLines(string(plainText(d.data)))
	for i := d.Root.Content[0].Line; i < len(lines); i++ {
		indent := indentOf([]byte(lines[i]))
		switch rest := strings.TrimSpace(lines[i][indent:]); {
		case strings.HasPrefix(rest, "..."):
			return Position{}, false
		case rest != "" && rest[0] != '#' && indent < d.Root.Content[0].Column-1:
			return Position{i + 1, indent + 1}, true
		}
	}
	return Position{}, false
}

// guarded calls f and turns a panic into an error. The YAML package panics on some
// malformed inputs, such as a merge of an unhashable key.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: cannot be decoded: %v", p)
		}
	}()
	return f()
}

// At returns the position of n, or the zero Position if n is nil.
func At(n *Node) Position {
	if n == nil {
		return Position{}
	}
	return Position{n.Line, n.Column}
}

// Resolve returns the node that n refers to if n is an alias, or else n.
func Resolve(n *Node) *Node {
	for n != nil && n.Kind == Alias {
		n = n.Alias
	}
	return n
}

// IsNull reports whether n is a null.
func IsNull(n *Node) bool { return n.Kind == Scalar && n.ShortTag() == nullTag }

// IsMerge reports whether the key k of a mapping is a merge key.
func IsMerge(k *Node) bool {
	return k.Kind == Scalar && k.Value == mergeKey && (k.Tag == "" || k.Tag == "!" || strings.HasSuffix(k.ShortTag(), "merge"))
}

// EachKey calls f with the keys of a mapping that are scalars, and their values.
func EachKey(n *Node, f func(key, value *Node)) {
	if n = Resolve(n); n == nil || n.Kind != Mapping {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !IsMerge(key) && Resolve(key).Kind == Scalar {
			f(key, n.Content[i+1])
		}
	}
}

// Lookup returns the key and the value at a path of keys in a mapping. It follows aliases
// and merges, as the decoder does. Both are nil if a key is absent.
func Lookup(n *Node, path ...string) (key, value *Node) {
	value = n
	for _, name := range path {
		if key, value = lookupKey(value, name, nil); value == nil {
			return nil, nil
		}
	}
	return key, value
}

// Deepest returns the last key of a path that is present, or nil if none is.
func Deepest(n *Node, path ...string) *Node {
	for end := len(path); end > 0; end-- {
		if key, _ := Lookup(n, path[:end]...); key != nil {
			return key
		}
	}
	return nil
}

// lookupKey looks up a key in n and in what n merges. It searches a mapping only once,
// however often it is merged: those in without do not have the key.
func lookupKey(n *Node, name string, without map[*Node]bool) (key, value *Node) {
	n = Resolve(n)
	if n == nil || n.Kind != Mapping || without[n] {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := Resolve(n.Content[i]); !IsMerge(n.Content[i]) && k.Kind == Scalar && k.Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	for source := range merged(n) {
		if without == nil {
			without = make(map[*Node]bool)
		}
		without[n] = true
		if key, value = lookupKey(source, name, without); value != nil {
			return key, value
		}
	}
	return nil, nil
}

// merged yields what the mapping n merges, in order, with aliases resolved.
func merged(n *Node) func(yield func(*Node) bool) {
	return func(yield func(*Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !IsMerge(n.Content[i]) {
				continue
			}
			sources := []*Node{n.Content[i+1]}
			if m := Resolve(n.Content[i+1]); m.Kind == Sequence {
				sources = m.Content
			}
			for _, s := range sources {
				if !yield(Resolve(s)) {
					return
				}
			}
		}
	}
}
