package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// builtinOutputs are the names that Dify reserves for outputs of its own. In those of tools and agents it has texts,
// JSON and files.
var builtinOutputs = []string{"text", "json", "files"}

// outputTypes are the types of outputs.
var outputTypes = []FieldType{TypeString, TypeNumber, integerType, TypeBoolean, TypeObject, TypeArray}

// nearProperties are words of JSON Schema that are near to properties.
var nearProperties = []string{"properties", "minProperties", "maxProperties"}

// outputNames reports outputs that Dify would not take, because it reserves their names.
func (c *fileChecker) outputNames() {
	_, properties := yamldoc.Lookup(c.root, "output_schema", "properties")
	yamldoc.EachKey(properties, func(key, _ *yamldoc.Node) {
		if slices.Contains(builtinOutputs, key.Value) {
			c.report(at(key), ruleOutputName, "output_schema: Dify reserves the name %s for an output of its own; choose another name", key.Value)
		}
	})
}

// outputSchema reports outputs that Dify and the generated code do not see, or not with the
// type that they seem to have.
func (c *fileChecker) outputSchema() {
	key, schema := yamldoc.Lookup(c.root, "output_schema")
	if schema == nil || yamldoc.IsNull(yamldoc.Resolve(schema)) {
		return
	}
	s := schemaChecker{c.reporter, make(map[*yamldoc.Node]bool)}
	_, properties := yamldoc.Lookup(schema, "properties")
	if misspelled := s.properties("", schema); properties == nil && !misspelled {
		c.report(at(key), ruleOutputSchema, "output_schema has no properties, so it declares no output; list the outputs under properties")
	}
}

// schemaChecker checks the schemas in an output_schema. It visits each only once.
type schemaChecker struct {
	*reporter
	seen map[*yamldoc.Node]bool
}

// properties checks the properties of a schema. It reports whether another key looks like a
// misspelled properties. Path is that of an object, or empty.
func (s *schemaChecker) properties(path string, schema *yamldoc.Node) (misspelled bool) {
	what := "output_schema"
	if path != "" {
		what = "output " + text.Name(path)
	}
	yamldoc.EachKey(schema, func(key, value *yamldoc.Node) {
		if key.Value == "properties" {
			s.propertyMap(what, path, key, value)
		} else if key.Value == "property" || text.Nearest(key.Value, nearProperties) == "properties" {
			misspelled = true
			s.suggest(at(key), ruleOutputSchema, "properties", "%s: Dify ignores the key %s", what, text.Name(key.Value))
		}
	})
	return misspelled
}

func (s *schemaChecker) propertyMap(what, path string, key, properties *yamldoc.Node) {
	if n := yamldoc.Resolve(properties); n.Kind != yamldoc.Mapping {
		s.report(at(key), ruleOutputSchema, "%s: properties must be a map, not %s, so it declares no output", what, yamldoc.Found(n.ShortTag()))
		return
	}
	yamldoc.EachKey(properties, func(key, value *yamldoc.Node) {
		name := yamldoc.Resolve(key).Value
		if path != "" {
			name = path + "." + name
		}
		s.schema(name, key, value)
	})
}

// schema checks the schema of an output, or of something in it. The key is the one above it.
func (s *schemaChecker) schema(path string, key, schema *yamldoc.Node) {
	n := yamldoc.Resolve(schema)
	if s.seen[n] {
		return
	}
	s.seen[n] = true
	if n.Kind != yamldoc.Mapping {
		s.report(at(key), ruleOutputSchema, "output %s must be a map such as {type: string}, not %s", text.Name(path), yamldoc.Found(n.ShortTag()))
		return
	}
	_, typ := yamldoc.Lookup(n, "type")
	s.typ(path, typ)
	s.properties(path, n)
	if key, items := yamldoc.Lookup(n, "items"); items != nil && yamldoc.Resolve(items).Kind == yamldoc.Mapping {
		s.schema(path+"[]", key, items)
	}
}

// typ checks the type of an output: a word or, in JSON Schema, a list of them.
func (s *schemaChecker) typ(path string, typ *yamldoc.Node) {
	n := yamldoc.Resolve(typ)
	switch {
	case n == nil || yamldoc.IsNull(n) || n.Kind == yamldoc.Scalar && (slices.Contains(outputTypes, FieldType(n.Value)) || n.Value == "null"):
	case n.Kind == yamldoc.Sequence:
		for _, word := range n.Content {
			s.typ(path, word)
		}
	case n.Kind != yamldoc.Scalar:
		s.report(at(typ), ruleOutputSchema, "output %s: the type must be a word, not %s", text.Name(path), yamldoc.Found(n.ShortTag()))
	default:
		word, _, _ := strings.Cut(n.Value, "[")
		s.suggest(at(typ), ruleOutputSchema, meantTypeOf(word, outputTypes, nil),
			"output %s has the unknown type %s; it must be one of %s", text.Name(path), text.Name(n.Value), joinTypes(outputTypes))
	}
}
