package yamlls_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// entry is a key with its value in a YAML file.
type entry struct {
	at         *yaml.Node // the map
	i          int        // where the key is in it
	path       string
	key, value *yaml.Node
}

// entries returns all entries of a file, in their order.
func entries(n *yaml.Node, path string) []entry {
	var list []entry
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			at := path + "." + key.Value
			list = append(list, entry{n, i, at, key, value})
			list = append(list, entries(value, at)...)
		}
		return list
	}
	for _, child := range n.Content {
		list = append(list, entries(child, path)...)
	}
	return list
}

// breakages are what can happen to an entry. They return false for one to which it cannot.
var breakages = []struct {
	name  string
	apply func(e entry, r *rand.Rand) bool
}{
	{"drop", func(e entry, _ *rand.Rand) bool {
		e.at.Content = append(e.at.Content[:e.i:e.i], e.at.Content[e.i+2:]...)
		return true
	}},
	{"misspell", func(e entry, r *rand.Rand) bool { return misspell(&e.key.Value, r) }},
	{"change", func(e entry, r *rand.Rand) bool {
		word := pick(e.value, r)
		return word != nil && misspell(&word.Value, r)
	}},
	{"lengthen", func(e entry, r *rand.Rand) bool {
		word := pick(e.value, r)
		if word == nil {
			return false
		}
		word.Value = strings.Repeat(word.Value+"a", 1100/(len(word.Value)+1)+1)
		return true
	}},
	{"repeat", func(e entry, _ *rand.Rand) bool {
		if e.value.Kind != yaml.SequenceNode {
			return false
		}
		e.value.Content = append(e.value.Content, e.value.Content...)
		return true
	}},
	{"become a list", replace(func(old yaml.Node) yaml.Node { return yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&old}} })},
	{"become a map", replace(func(old yaml.Node) yaml.Node {
		return yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "a"}, &old}}
	})},
	{"become a number", replace(func(yaml.Node) yaml.Node { return yaml.Node{Kind: yaml.ScalarNode, Value: "-7.5"} })},
	{"become text", replace(func(yaml.Node) yaml.Node { return yaml.Node{Kind: yaml.ScalarNode, Value: "some text"} })},
	{"become true", replace(func(yaml.Node) yaml.Node { return yaml.Node{Kind: yaml.ScalarNode, Value: "true"} })},
	{"become null", replace(func(yaml.Node) yaml.Node { return yaml.Node{Kind: yaml.ScalarNode, Value: "null"} })},
	{"become empty", replace(func(yaml.Node) yaml.Node {
		return yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle}
	})},
}

// replace returns a breakage that replaces a value.
func replace(with func(old yaml.Node) yaml.Node) func(entry, *rand.Rand) bool {
	return func(e entry, _ *rand.Rand) bool {
		*e.value = with(*e.value)
		return true
	}
}

// pick returns a scalar: a value, or an element of a list; nil if there is none.
func pick(n *yaml.Node, r *rand.Rand) *yaml.Node {
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
		n = n.Content[r.IntN(len(n.Content))]
	}
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		return nil
	}
	return n
}

// misspell changes one letter or digit of a word.
func misspell(word *string, r *rand.Rand) bool {
	if *word == "" {
		return false
	}
	i := r.IntN(len(*word))
	if c := (*word)[i]; c >= 0x80 || c == 'z' {
		return false
	}
	*word = (*word)[:i] + "z" + (*word)[i+1:]
	return true
}

// breakFile breaks one place of a file, as the seed decides, and says what it did. Some files
// are as fine as before.
func breakFile(t *testing.T, source []byte, seed uint64) (broken []byte, what string) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // each run is to break the same
	for {
		var doc yaml.Node
		if err := yaml.Unmarshal(source, &doc); err != nil {
			t.Fatal(err)
		}
		list := entries(&doc, "")
		e, breakage := list[r.IntN(len(list))], breakages[r.IntN(len(breakages))]
		if !breakage.apply(e, r) {
			continue
		}
		broken, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		return broken, breakage.name + " " + e.path
	}
}
