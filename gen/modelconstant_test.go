package gen_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// TestModelConstants checks the names of constants for models beside those for options of a field that
// is called model.
func TestModelConstants(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][]string{
		"model": {"ModelSmall Model", "PredefinedModelSmall"},
		"size":  {"SizeSmall Size", "ModelSmall"},
	} {
		const head = "provider: box\nlabel: {en_US: Box}\nsupported_model_types: [llm]\nconfigurate_methods: [predefined-model]\nprovider_credential_schema:\n  credential_form_schemas:\n"
		yaml := head + fmt.Sprintf("  - {variable: %s, label: {en_US: L}, type: select, options: [{value: small, label: {en_US: S}}]}\n", field)
		p, findings, err := model.Load("box.yaml", []byte(yaml), model.KindModel)
		item, more := model.LoadItem("a.yaml", []byte("model: small\nmodel_type: llm\n"), model.KindModel)
		if p == nil || item == nil {
			t.Fatal(findings.Settle(), more.Settle(), err)
		}
		item.Path = "a.yaml"
		var got []string
		code := whole(t, "box", gen.Source{Provider: p, ID: "box.yaml", Items: []*model.Item{item}})
		for _, f := range code.Files() {
			src, err := f.Content()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^\t?(?:const )?(\w+Small(?: \w+)?) += "small"`).FindAllSubmatch(src, -1) {
				got = append(got, string(m[1]))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with the field %s (-want +got):\n%s", field, diff)
		}
	}
}
