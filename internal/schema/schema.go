// Package schema describes the YAML of a plugin as JSON Schema, for editors: what the Dify
// host and the rules of difygen say of a value, and what each key does.
//
// The schemas are of draft-07, which editors know best. They say what a value alone decides,
// or those beside it. A name that is used twice, or a file that does not exist, is up to the
// command.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// File is a schema in a file.
type File struct {
	Name string // such as tool.json
	Data []byte // indented JSON
}

const draft = "http://json-schema.org/draft-07/schema#"

// idPrefix starts the $id of each schema, and of none that somebody else made.
const idPrefix = "urn:difygen:"

// Files returns the schemas for a plugin with providers of some kinds: manifest.json,
// provider-KIND.json for each kind, and a file for its items, such as tool.json. Without a kind,
// it returns those of all kinds, and provider.json, which is for providers of any kind. They
// depend on nothing else, not even on the version of difygen: a file changes only if its schema
// does.
func Files(kinds ...model.Kind) []File {
	files := []File{file("manifest", of(model.ManifestSpec()))}
	if len(kinds) == 0 {
		files = append(files, file("provider", anyProvider()))
		kinds = model.Kinds()
	}
	for _, kind := range kinds {
		files = append(files, file("provider-"+string(kind), of(kind.Spec())))
	}
	for _, kind := range kinds {
		files = append(files, file(kind.ItemKind(), of(kind.ItemSpec())))
	}
	return files
}

// Find returns the schema for a word: manifest, provider, or the word for an item, such as
// tool. The kind is that of the provider, or empty for providers of any kind.
func Find(word string, kind model.Kind) (File, error) {
	name := word
	switch {
	case kind != "" && word != "provider":
		return File{}, fmt.Errorf("-kind is for a provider: difygen schema -kind %s provider", text.Name(string(kind)))
	case kind != "" && !kind.Valid():
		return File{}, fmt.Errorf("unknown kind: %s; it must be one of %s", text.Name(string(kind)), model.KindList())
	case kind != "":
		name = "provider-" + string(kind)
	}
	for _, f := range Files() {
		if f.Name == name+".json" && !strings.HasPrefix(word, "provider-") {
			return f, nil
		}
	}
	if meant := text.Nearest(word, Words()); meant != "" {
		return File{}, fmt.Errorf("unknown schema %s; did you mean %s?", text.Name(word), meant)
	}
	return File{}, fmt.Errorf("unknown schema %s; it must be one of %s", text.Name(word), strings.Join(Words(), ", "))
}

// Words returns the words for schemas.
func Words() []string {
	words := []string{"manifest", "provider"}
	for _, kind := range model.Kinds() {
		words = append(words, kind.ItemKind())
	}
	return words
}

// of returns the schema of a file.
func of(s *model.Spec) *node {
	e := new(encoder)
	n := e.inline(s)
	n.Definitions = e.definitions
	return n
}

// anyProvider returns the schema of providers of any kind. Their marks tell kinds apart; a
// file without one is that of a tool provider.
func anyProvider() *node {
	e := new(encoder)
	root := &node{Description: "A provider, of a kind that its keys tell.", Type: mapType}
	kinds := model.Kinds()
	seen := make(map[string]bool)
	var chain *node
	for i := len(kinds) - 1; i >= 0; i-- {
		spec := *kinds[i].Spec()
		spec.Name = "Provider-" + string(kinds[i])
		then := &node{Ref: "#/definitions/" + e.define(&spec)}
		if kinds[i] == model.KindTool {
			continue
		}
		is := new(node)
		for _, mark := range kinds[i].Marks() {
			is.AnyOf = append(is.AnyOf, &node{Required: []string{mark}})
		}
		if chain == nil {
			chain = &node{Ref: "#/definitions/Provider-" + string(model.KindTool)}
		}
		chain = &node{If: is, Then: then, Else: chain}
	}
	// Without a mark, editors would propose only the keys of tool providers.
	for _, kind := range kinds {
		for _, k := range kind.Spec().Keys {
			if !seen[k.Key] {
				seen[k.Key] = true
				root.Properties = append(root.Properties, member{k.Key, &node{Description: k.Spec.Doc, AnyOf: []*node{whether(true)}}})
			}
		}
	}
	root.If, root.Then, root.Else = chain.If, chain.Then, chain.Else
	root.Definitions = e.definitions
	return root
}

// file returns the file of a schema.
func file(name string, n *node) File {
	n.Schema, n.ID, n.Title = draft, idPrefix+name, "Dify "+strings.ReplaceAll(name, "-", " ")
	n.Comment = "Made by difygen schema -o DIR. Do not edit."
	data, err := marshal(n)
	if err != nil {
		panic(err) // schemas hold nothing that JSON lacks
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		panic(err)
	}
	b.WriteByte('\n')
	return File{Name: name + ".json", Data: wordLists().ReplaceAllFunc(b.Bytes(), oneLine)}
}

// wordLists matches lists of texts that are spread over lines.
var wordLists = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\[\n\s+"(?:[^"\\]|\\.)*"(?:,\n\s+"(?:[^"\\]|\\.)*")*\n\s+\]`)
})

// lineLength is how many bytes a list on one line may have.
const lineLength = 100

// oneLine puts a list on one line, if it is short.
func oneLine(list []byte) []byte {
	lines := strings.Split(string(list), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	last := len(lines) - 1
	short := lines[0] + strings.Join(lines[1:last], " ") + lines[last]
	if len(short) > lineLength {
		return list
	}
	return []byte(short)
}
