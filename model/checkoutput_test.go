package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOutputSchema checks which mistakes in an output_schema are reported, and where.
func TestOutputSchema(t *testing.T) {
	t.Parallel()
	const words = "it must be one of string, number, integer, boolean, object, array"
	for schema, want := range map[string]string{
		"": "",
		"{type: object, properties: {a: {}, b: {type: [string, 'null']}, c: {$ref: x}, d: {type: null}}, minProperties: 1, x-note: 1}": "",
		"{properties: {}}":                      "",
		"{type: object}":                        "3:1: warning: output_schema has no properties, so it declares no output; list the outputs under properties",
		"{count: {type: integer}}":              "3:1: warning: output_schema has no properties, so it declares no output; list the outputs under properties",
		"{propertys: {count: {type: integer}}}": "3:17: warning: output_schema: Dify ignores the key propertys (did you mean properties?)",
		"{properties: [count]}":                 "3:17: warning: output_schema: properties must be a map, not a list, so it declares no output",
		"{properties: {count: integer}}":        "3:30: warning: output count must be a map such as {type: string}, not text",
		"{properties: {a: {type: float}}}":      "3:40: warning: output a has the unknown type float; " + words + " (did you mean number?)",
		"{properties: {a: {type: [int, text]}}}": "3:41: warning: output a has the unknown type int; " + words + " (did you mean integer?)\n" +
			"3:46: warning: output a has the unknown type text; " + words + " (did you mean string?)",
		"{properties: {a: {type: Bool}}}":           "3:40: warning: output a has the unknown type Bool; " + words + " (did you mean boolean?)",
		"{properties: {a: {type: dict}}}":           "3:40: warning: output a has the unknown type dict; " + words + " (did you mean object?)",
		"{properties: {a: {type: 'list[string]'}}}": "3:40: warning: output a has the unknown type list[string]; " + words + " (did you mean array?)",
		"{properties: {a: {type: interger}}}":       "3:40: warning: output a has the unknown type interger; " + words + " (did you mean integer?)",
		"{properties: {a: {type: pony}}}":           "3:40: warning: output a has the unknown type pony; " + words,
		"{properties: {a: {type: {x: y}}}}":         "3:40: warning: output a: the type must be a word, not a map",
		"{properties: {a: {type: object, property: {b: {}}, properties: {b: {type: str}}}}}": "3:48: warning: output a: Dify ignores the key property (did you mean properties?)\n" +
			"3:90: warning: output a.b has the unknown type str; " + words + " (did you mean string?)",
		"{properties: {a: {type: array, items: {type: object, properties: {b: 1}}}}}": "3:82: warning: output a[].b must be a map such as {type: string}, not a number",
		"{properties: {a: &a {type: pony}, b: *a}}":                                   "3:43: warning: output a has the unknown type pony; " + words,
	} {
		yaml := "identity: {author: a, name: t, label: {en_US: T}}\ndescription: {human: {en_US: H}, llm: L}\noutput_schema: " + schema + "\n"
		var lines []string
		for line := range strings.Lines(diagnoseFile("tool", yaml)) {
			line = strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "f.yaml:")
			lines = append(lines, strings.TrimSuffix(line, " [output-schema]"))
		}
		if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", schema, diff)
		}
	}
}

// TestTypeWords checks what is suggested for common words that are not types.
func TestTypeWords(t *testing.T) {
	t.Parallel()
	const tools = "; it must be one of secret-input, string, number, select, boolean, file, files, app-selector, model-selector, " +
		"object, array, dynamic-select, checkbox, any, date, date-range"
	for word, want := range map[string]string{
		"integer": "number with precision: 0", "INT": "number with precision: 0", "float": "number", "text": "string", "str": "string",
		"bool": "boolean", "list": "array", "dict": "object", "image": "file", "images": "files", "multi-select": "select with multiple: true",
		"checkboxes": "checkbox", "dropdown": "select", "password": "secret-input", "datetime": "date", "pony": tools,
	} {
		yaml := "identity: {author: a, name: t, label: {en_US: T}}\ndescription: {human: {en_US: H}, llm: L}\nparameters:\n" +
			"- {name: p, type: " + word + ", form: llm, label: {en_US: P}, human_description: {en_US: P}}\n"
		if want != tools {
			want = " (did you mean " + want + "?)"
		}
		want = "f.yaml:4:13: error: parameter p has the unknown type " + word + want + " [field-type]"
		if diff := cmp.Diff(want, diagnoseFile("tool", yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", word, diff)
		}
	}
}
