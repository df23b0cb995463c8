package gen_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// modelItem loads a model.
func modelItem(t *testing.T, file, yaml string) *model.Item {
	t.Helper()
	item, findings := model.LoadItem(file, []byte(yaml), model.KindModel)
	if item == nil {
		t.Fatal(findings.Settle())
	}
	item.Path = file
	return item
}

// TestModelNames checks what is reported about names that models, their parameters and comments need.
func TestModelNames(t *testing.T) {
	t.Parallel()
	rule := func(comment, name, more string) string {
		return "parameter_rules:\n  " + comment + "\n  - {name: " + name + ", type: string" + more + "}\n"
	}
	for name, test := range map[string]struct {
		a, b string
		want []string
	}{
		"two comments for a parameter": {
			"model: a\nmodel_type: llm\n" + rule("# difygen:name First", "p", ""), "model: b\nmodel_type: llm\n" + rule("# difygen:name Second", "p", ""),
			[]string{"b.yaml:4:3: error: field p is named Second here and First in a.yaml:4; choose one name [name-clash]"},
		},
		"two comments for an option": {
			"model: a\nmodel_type: llm\n" + rule("# one", "p", ", options: [\n    # difygen:name First\n    x]"),
			"model: b\nmodel_type: llm\n" + rule("# one", "p", ", options: [\n    # difygen:name Second\n    x]"),
			[]string{"b.yaml:6:5: error: option x of field p is named Second here and First in a.yaml:6; choose one name [name-clash]"},
		},
		"two comments for a name": {
			"# difygen:name ModelOne\nmodel: a\nmodel_type: llm\n", "# difygen:name ModelTwo\nmodel: a\nmodel_type: tts\n",
			[]string{"b.yaml:1:1: error: the constant of model a is named ModelTwo here and ModelOne in a.yaml:1; choose one name [name-clash]"},
		},
		"a comment chooses the name of another model": {
			"model: b\nmodel_type: llm\n", "# difygen:name ModelB\nmodel: c\nmodel_type: llm\n",
			[]string{"b.yaml:1:1: error: the constant of model c cannot be named ModelB in Go: ModelB is taken by the constant of model b; choose another name [name-clash]"},
		},
		"two models with one name in Go": {
			"model: x-y\nmodel_type: llm\n", "model: x_y\nmodel_type: llm\n",
			[]string{`b.yaml:1:1: warning: the constant of model x_y becomes ModelXY2 in Go: ModelXY is taken by the constant of model x-y; to choose a name, write "# difygen:name ModelNAME" above it [name-clash]`},
		},
		"numbers that differ in a dot": {"model: v1.5\nmodel_type: llm\n", "model: v15\nmodel_type: llm\n", nil},
		"a name of symbols": {
			"model: x\nmodel_type: llm\n", "model: \"+\"\nmodel_type: llm\n",
			[]string{`b.yaml:1:1: warning: the constant of model "+" becomes Model2 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name ModelNAME" above it [numbered-name]`},
		},
		"a whole number and one that is not": {
			"model: a\nmodel_type: llm\nparameter_rules: [{name: p, type: int}]\n", "model: b\nmodel_type: llm\nparameter_rules: [{name: p, type: float}]\n", nil,
		},
		"a number and a text": {
			"model: a\nmodel_type: llm\nparameter_rules: [{name: p, type: int}]\n", "model: b\nmodel_type: llm\nparameter_rules: [{name: p, type: text}]\n",
			[]string{"b.yaml:3:19: warning: parameter p has the type text, but in a.yaml:3 the type int; its field in LLMParameters has any type [mixed-types]"},
		},
	} {
		source := gen.Source{
			Provider: &model.Provider{Kind: model.KindModel, Name: "box", ModelTypes: []string{"llm"}}, ID: "box.yaml",
			Items: []*model.Item{modelItem(t, "a.yaml", test.a), modelItem(t, "b.yaml", test.b)},
		}
		_, diags, err := gen.NewPackage([]gen.Source{source}, gen.Options{Package: "box", Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
