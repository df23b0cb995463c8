package plugin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// TestModelTypes reports models that nothing calls, and types without models.
func TestModelTypes(t *testing.T) {
	t.Parallel()
	const provider = "provider: p\nsupported_model_types: [llm, rerank, tts, tts]\nconfigurate_methods: [predefined-model]\nmodels: {llm: {predefined: ['m/*.yaml']}}\n"
	const a, b, c = "{model: a, model_type: llm}", "{model: b, model_type: moderation}", "{model: c, model_type: rerank}"
	for name, test := range map[string]struct {
		provider, a, b, c string
		want              []string
	}{
		"some": {provider, a, b, c, []string{
			"m/b.yaml:1:1: warning: model b has the type moderation, which supported_model_types in p.yaml does not list, so that no code runs it [model-type]",
			"p.yaml:2:1: warning: supported_model_types has tts, but no model is of that type, and users cannot add one [model-type]",
		}},
		"all right":                      {strings.Replace(provider, ", tts, tts", ", moderation", 1), a, b, c, nil},
		"users can add one":              {strings.Replace(provider, "predefined-model", "customizable-model", 1), a, a, c, nil},
		"models whose files are missing": {strings.Replace(provider, "'m/*.yaml'", "'m/*.yaml', 'later/*.yaml'", 1), a, a, c, nil},
		"a broken model":                 {provider, a, b, "{model: [c]}", nil},
		"no types at all": {strings.Replace(provider, "[llm, rerank, tts, tts]", "[]", 1), a, a, c, []string{
			"m/a.yaml:1:1: warning: model a has the type llm, which supported_model_types in p.yaml does not list, so that no code runs it [model-type]",
			"m/b.yaml:1:1: warning: model a has the type llm, which supported_model_types in p.yaml does not list, so that no code runs it [model-type]",
			"m/c.yaml:1:1: warning: model c has the type rerank, which supported_model_types in p.yaml does not list, so that no code runs it [model-type]",
		}},
		"no key for types": {strings.Replace(provider, "supported_model_types: [llm, rerank, tts, tts]\n", "", 1), a, b, c, nil},
		"a comment ignores it": {
			strings.Replace(provider, "supported_model_types", "# difygen:ignore model-type -- they come later\nsupported_model_types", 1), a, a, c, nil,
		},
	} {
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", test.provider, "m/a.yaml", test.a, "m/b.yaml", test.b, "m/c.yaml", test.c))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			if d.Rule == model.RuleModelType {
				got = append(got, d.String())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}

// TestModelList reports models that are listed under another type, and names in files with the order
// of models that none has.
func TestModelList(t *testing.T) {
	t.Parallel()
	const provider = "provider: p\nsupported_model_types: [llm, text-embedding]\nconfigurate_methods: [predefined-model]\n" +
		"models: {llm: {position: o.yaml, predefined: ['m/a.yaml']}, text_embedding: {position: o.yaml, predefined: ['m/b.yaml']}}\n"
	const a, b = "{model: a, model_type: llm}", "{model: b, model_type: text-embedding}"
	noB, noA := "o.yaml:2:3: warning: b is not a model of the type llm [model-list]", "o.yaml:1:3: warning: a is not a model of the type text-embedding [model-list]"
	for name, test := range map[string]struct {
		provider, order string
		want            []string
	}{
		"models of the other type":       {provider, "- a\n- b\n", []string{noA, noB}},
		"twice":                          {strings.Replace(provider, "text_embedding: {position: o.yaml, ", "text_embedding: {", 1), "- a\n- a\n", []string{"o.yaml:2:3: warning: model a is listed twice [model-list]"}},
		"models whose files are missing": {strings.Replace(provider, "['m/b.yaml']", "['later.yaml']", 1), "- a\n- b\n", nil},
		"a comment ignores it":           {provider, "# difygen:ignore model-list\n- a\n# difygen:ignore model-list\n- b\n", nil},
		"under another type":             {strings.Replace(provider, "m/b", "[m]/[ab]", 1), "- b\n", []string{"m/a.yaml:1:1: warning: model a has the type llm, but p.yaml lists it under models.text_embedding [model-list]", "o.yaml:1:3: warning: b is not a model of the type llm [model-list]"}},
		"none":                           {provider, "[]\n", nil},
	} {
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", test.provider, "o.yaml", test.order, "m/a.yaml", a, "m/b.yaml", b))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			if d.Rule == model.RuleModelList {
				got = append(got, d.String())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}
