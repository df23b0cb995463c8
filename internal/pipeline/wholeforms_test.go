package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/testmodule"
)

// TestWholeForms generates providers of models with random forms, and calls their models with what
// the host stores for either form. All of it must arrive.
func TestWholeForms(t *testing.T) {
	t.Parallel()
	const providers, calls = 24, 60
	r := rand.New(rand.NewPCG(5, 6))
	files := make(map[string]string)
	var listed []string
	for i := range providers {
		name := fmt.Sprintf("p%d/forms.yaml", i)
		listed = append(listed, name)
		files[name] = randomForms(t, r, fmt.Sprintf("forms%d", i))
	}
	dir := newPlugin(t, "{models: ["+strings.Join(listed, ", ")+"]}", files)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, dir); err != nil {
		t.Fatal(err)
	}
	loaded, diags, err := plugin.Load(os.DirFS(dir))
	if err != nil || loaded == nil {
		t.Fatal(err, diags)
	}
	generateWhole(t, dir)
	var models []boundModels
	for _, d := range loaded.Providers {
		b := boundModels{pkg: path.Join("example.com/plugin", path.Dir(d.Path)), provider: d.Provider}
		for _, file := range goFiles(t, filepath.Join(dir, path.Dir(d.Path)), "*_dify.go") {
			b.typ, b.new = modelConstructor(file)
		}
		answerCalls(t, filepath.Join(dir, path.Dir(d.Path)), b.typ)
		models = append(models, b)
	}
	writeModelProgram(t, dir, models)
	var cases []modelCase
	for i := range models {
		for range calls {
			cases = append(cases, models[i].call(r, "added", ruleCase{want: map[string]any{}}))
		}
	}
	sendCases(t, dir, cases)
}

// randomForms is the YAML of a provider of models with two forms, which share some of their fields.
func randomForms(t *testing.T, r *rand.Rand, name string) string {
	t.Helper()
	yaml, err := json.Marshal(map[string]any{
		"provider": name, "label": map[string]string{"en_US": name}, "supported_model_types": []string{"llm"},
		"configurate_methods":        []string{"predefined-model", "customizable-model"},
		"provider_credential_schema": map[string]any{"credential_form_schemas": randomFields(r, nil)},
		"model_credential_schema":    map[string]any{"credential_form_schemas": randomFields(r, []string{"llm", "rerank"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(yaml)
}

// randomFields are the fields of a form. Conditions can ask for the type of the model if there are
// some types.
func randomFields(r *rand.Rand, modelTypes []string) []map[string]any {
	type choice struct {
		name   string
		values []string
	}
	var earlier []choice
	if modelTypes != nil {
		earlier = append(earlier, choice{"__model_type", modelTypes})
	}
	conditions := func() []map[string]any {
		if len(earlier) == 0 || r.IntN(2) == 0 {
			return nil
		}
		c := pick(r, earlier...)
		return []map[string]any{{"variable": c.name, "value": pick(r, c.values...)}}
	}
	var fields []map[string]any
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		for range pick(r, 0, 1, 1, 1, 2) {
			f := map[string]any{
				"variable": name, "label": map[string]string{"en_US": name}, "required": r.IntN(2) == 0, "show_on": conditions(),
				"type": pick(r, "text-input", "secret-input", "select", "radio", "switch"),
			}
			values := []string{"true", "false"}
			switch f["type"] {
			case "select", "radio":
				values = pick(r, []string{"x", "y"}, []string{"y", "z", "true"})
				var options []map[string]any
				for _, v := range values {
					options = append(options, map[string]any{"value": v, "label": map[string]string{"en_US": v}, "show_on": conditions()})
				}
				f["options"] = options
			case "text-input", "secret-input":
				values = []string{"x", "y"}
				f["max_length"] = pick(r, 0, 5, 9)
			}
			if r.IntN(3) == 0 {
				f["default"] = values[0]
			}
			earlier = append(earlier, choice{name, values})
			fields = append(fields, f)
		}
	}
	return fields
}
