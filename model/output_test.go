package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// withoutPos ignores positions.
var withoutPos = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Pos" }, cmp.Ignore())

// TestOutputs checks what is read from an output_schema, and in which order.
func TestOutputs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		schema string
		want   []model.Output
	}{
		"none":               {"", nil},
		"without a type":     {"{properties: {a: {}, b: 1, c: null}}", []model.Output{{Name: "a"}, {Name: "b"}, {Name: "c"}}},
		"properties as text": {"{type: object, properties: x}", nil},
		"in the order of the YAML": {
			"{properties: {z: {type: string, description: Z}, a: {type: integer}, 1: {type: boolean}}, required: [a, 5]}",
			[]model.Output{{Name: "z", Type: "string", Description: "Z"}, {Name: "a", Type: "integer", Required: true}, {Name: "1", Type: "boolean"}},
		},
		"nested": {
			"{properties: {o: {type: object, required: [n], properties: {n: {type: number}}}, l: {type: array, items: {type: object, properties: {s: {type: string}}}}, e: {type: array}}}",
			[]model.Output{
				{Name: "o", Type: "object", Properties: []model.Output{{Name: "n", Type: "number", Required: true}}},
				{Name: "l", Type: "array", Items: &model.Output{Type: "object", Properties: []model.Output{{Name: "s", Type: "string"}}}},
				{Name: "e", Type: "array"},
			},
		},
		"several types": {
			`{properties: {a: {type: [string, number, "null"]}, b: {$ref: x, type: string}, c: {type: string, anyOf: []}, d: {type: object, oneOf: []}}}`,
			[]model.Output{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}},
		},
		"a type or null": {
			`{properties: {a: {type: [string, "null"]}, b: {type: ["null", object], properties: {n: {type: [number]}}}, c: {type: [array, "null"], items: {type: ["null", integer, "null"]}}, d: {type: "null"}, e: {type: ["null"]}, f: {type: [string, null]}, g: {type: [[string], "null"]}, h: {type: []}}}`,
			[]model.Output{
				{Name: "a", Type: "string", Nullable: true},
				{Name: "b", Type: "object", Nullable: true, Properties: []model.Output{{Name: "n", Type: "number"}}},
				{Name: "c", Type: "array", Nullable: true, Items: &model.Output{Type: "integer", Nullable: true}},
				{Name: "d", Type: "null"}, {Name: "e"}, {Name: "f"}, {Name: "g"}, {Name: "h"},
			},
		},
		"merged": {
			"{properties: {<<: {b: {type: number}, a: {type: string}}, c: {<<: {type: integer}}}}",
			[]model.Output{{Name: "c", Type: "integer"}, {Name: "a", Type: "string"}, {Name: "b", Type: "number"}},
		},
	} {
		yaml := "identity: {author: a, name: t, label: {en_US: T}}\ndescription: {human: {en_US: H}, llm: L}\n"
		if test.schema != "" {
			yaml += "output_schema: " + test.schema + "\n"
		}
		item, findings := model.LoadItem("t.yaml", []byte(yaml), model.KindTool)
		if item == nil {
			t.Fatal(name, findings.Settle())
		}
		if diff := cmp.Diff(test.want, item.Outputs, withoutPos); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestOutputsAreBounded checks that deep and large schemas have types only up to a bound.
func TestOutputsAreBounded(t *testing.T) {
	t.Parallel()
	deep := "output_schema: " + strings.Repeat("{type: object, properties: {a: ", 20) + "{type: string}" + strings.Repeat("}}", 20)
	item, _ := model.LoadItem("t.yaml", []byte(deep), model.KindTool)
	depth := 0
	for list := item.Outputs; len(list) > 0; list = list[0].Properties {
		depth++
	}
	if depth != 9 {
		t.Errorf("the depth is %d", depth)
	}
	var large strings.Builder
	large.WriteString("output_schema: {properties: {")
	for i := range 3000 {
		fmt.Fprintf(&large, "a%d: {type: string}, ", i)
	}
	item, _ = model.LoadItem("t.yaml", []byte(large.String()+"}}"), model.KindTool)
	typed := 0
	for _, o := range item.Outputs {
		if o.Type != "" {
			typed++
		}
	}
	if len(item.Outputs) != 3000 || typed != 1000 {
		t.Errorf("%d outputs, %d of them with a type", len(item.Outputs), typed)
	}
}

// TestToolTexts checks what an item of a tool says of itself.
func TestToolTexts(t *testing.T) {
	t.Parallel()
	item, _ := model.LoadItem("t.yaml", []byte(`identity:
  author: a
  name: t
  label: {en_US: T}
description: {human: {en_US: H}, llm: L}
has_runtime_parameters: true
`), model.KindTool)
	if item.Label.English != "T" || item.Description.English != "H" || item.LLMDescription != "L" || !item.HasRuntimeParameters {
		t.Errorf("got %+v", item)
	}
	if want := (model.Position{File: "t.yaml", Line: 3, Column: 3}); item.Pos != want {
		t.Errorf("the name is at %v", item.Pos)
	}
}
