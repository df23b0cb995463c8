package runtime_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/runtime"
)

// TestModelSchemaCorpus decodes and encodes each model of real plugins as Dify has it.
func TestModelSchemaCorpus(t *testing.T) {
	t.Parallel()
	models := 0
	for _, plugin := range corpus.Declarations(t) {
		provider, _ := plugin.Declaration["model"].(map[string]any)
		list, _ := provider["models"].([]any)
		for _, m := range list {
			entity := encodeJSON(t, m)
			models++
			var schema runtime.ModelSchema
			if err := json.Unmarshal(entity, &schema); err != nil {
				t.Errorf("%s: %v", plugin.Plugin, err)
				continue
			}
			if err := schema.Validate(); err != nil {
				t.Errorf("%s: %v", plugin.Plugin, err)
			}
			got := decodeAny(t, encodeJSON(t, schema))
			want := decodeAny(t, entity)
			if pricing, ok := want["pricing"].(map[string]any); ok && pricing["output"] == nil {
				pricing["output"] = "0" // which is the same price
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", plugin.Plugin, schema.Model, diff)
			}
		}
	}
	if models < 1650 {
		t.Errorf("%d models in the corpus", models)
	}
}

func encodeJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decodeAny(t *testing.T, data []byte) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestModelTemplates compares the templates with those that the host is known to have.
func TestModelTemplates(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../model/templates.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]any
	if err := yaml.Unmarshal(file, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != 8 {
		t.Errorf("%d templates", len(want))
	}
	labels := map[string]any{ // which Dify does not fill in
		"temperature": map[string]any{"en_US": "Temperature", "zh_Hans": "温度"}, "top_p": map[string]any{"en_US": "Top P"},
		"top_k": map[string]any{"en_US": "Top K"}, "presence_penalty": map[string]any{"en_US": "Presence Penalty", "zh_Hans": "存在惩罚"},
		"frequency_penalty": map[string]any{"en_US": "Frequency Penalty", "zh_Hans": "频率惩罚"},
		"max_tokens":        map[string]any{"en_US": "Max Tokens", "zh_Hans": "最大标记"},
		"response_format":   map[string]any{"en_US": "Response Format", "zh_Hans": "回复格式"}, "json_schema": map[string]any{"en_US": "JSON Schema"},
	}
	for name, template := range want {
		delete(template, "help") // Dify fills it in
		label, ok := labels[name]
		if !ok {
			t.Errorf("no label for %s", name)
		}
		for key, value := range map[string]any{
			"name": name, "use_template": name, "label": label, "required": false, "help": nil,
		} {
			template[key] = value
		}
		for _, key := range []string{"default", "min", "max", "precision"} {
			if _, ok := template[key]; !ok {
				template[key] = nil
			}
		}
		if template["options"] == nil {
			template["options"] = []any{}
		}
		got := serveSchema(t, &runtime.ModelSchema{Parameters: []runtime.ParameterRule{{Name: name, Template: name}}})
		rules, _ := got["parameter_rules"].([]any)
		if diff := cmp.Diff([]any{decodeAny(t, encodeJSON(t, template))}, rules); diff != "" {
			t.Errorf("template %s (-want +got):\n%s", name, diff)
		}
	}
	own := serveSchema(t, &runtime.ModelSchema{Parameters: []runtime.ParameterRule{{
		Name: "warmth", Label: "Warmth", Template: "temperature", Type: runtime.ModelParameterInt, Default: 0, Min: runtime.Some(0.0), Max: runtime.Some(9.0),
		Precision: runtime.Some(0), Options: []string{},
	}}})
	open := serveSchema(t, &runtime.ModelSchema{Parameters: []runtime.ParameterRule{{Name: "f", Template: "response_format", Options: []string{}}}})
	if rules, _ := open["parameter_rules"].([]any); len(rules) != 1 || !cmp.Equal(rules[0].(map[string]any)["options"], any([]any{})) {
		t.Errorf("a rule that allows any text: %v", rules)
	}
	want9 := `[{"name":"warmth","use_template":"temperature","label":{"en_US":"Warmth"},"type":"int","help":null,"required":false,"default":0,"min":0,"max":9,"precision":0,"options":[]}]`
	if diff := cmp.Diff(want9, string(encodeJSON(t, ruleOrder(own["parameter_rules"])))); diff != "" {
		t.Errorf("a rule of its own (-want +got):\n%s", diff)
	}
}

// ruleOrder returns rules with their keys in the order of the wire.
func ruleOrder(rules any) any {
	data, _ := json.Marshal(rules)
	var list []runtime.ParameterRule
	_ = json.Unmarshal(data, &list)
	return list
}

func TestModelSchemaJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ schema, want string }{
		{
			encoded(runtime.ModelSchema{}),
			`{"model":"","label":{"en_US":""},"model_type":"","features":null,"fetch_from":"customizable-model","model_properties":{},"deprecated":false,"parameter_rules":[],"pricing":null}`,
		},
		{
			encoded(runtime.ModelSchema{
				Model: "m", Labels: map[string]string{"ja_JP": "エム"}, Type: runtime.ModelTypeLLM, Features: []runtime.ModelFeature{},
				Parameters: []runtime.ParameterRule{{Name: "n", Type: "int", Helps: map[string]string{"ja_JP": "ヘルプ"}}},
				Pricing:    &runtime.ModelPricing{Input: runtime.NewDecimal(15, -2), Unit: runtime.NewDecimal(1, -6), Currency: "USD"},
			}),
			`{"model":"m","label":{"en_US":"m","ja_JP":"エム"},"model_type":"llm","features":[],"fetch_from":"customizable-model","model_properties":{},"deprecated":false,` +
				`"parameter_rules":[{"name":"n","use_template":null,"label":{"en_US":"n"},"type":"int","help":{"en_US":"","ja_JP":"ヘルプ"},"required":false,"default":null,"min":null,"max":null,"precision":null,"options":[]}],` +
				`"pricing":{"input":"0.15","output":"0","unit":"0.000001","currency":"USD"}}`,
		},
	} {
		if diff := cmp.Diff(test.want, test.schema); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for _, wrong := range []string{`[]`, `{"label":"x"}`, `{"parameter_rules":[{"min":"1"}]}`, `{"pricing":{"input":"many"}}`} {
		if err := json.Unmarshal([]byte(wrong), new(runtime.ModelSchema)); err == nil {
			t.Errorf("%s is a schema", wrong)
		}
	}
}

func encoded(s runtime.ModelSchema) string {
	data, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func TestModelSchemaValidate(t *testing.T) {
	t.Parallel()
	rule := func(p runtime.ParameterRule) runtime.ModelSchema {
		return runtime.ModelSchema{Parameters: []runtime.ParameterRule{p}}
	}
	property := func(name string, v any) runtime.ModelSchema {
		return runtime.ModelSchema{Properties: map[string]any{name: v}}
	}
	of := func(t runtime.ModelParameterType, preset any) runtime.ModelSchema {
		return rule(runtime.ParameterRule{Name: "a", Type: t, Default: preset, Min: runtime.Some(5.0), Options: []string{"x"}})
	}
	for _, test := range []struct {
		name   string
		schema runtime.ModelSchema
		want   string
	}{
		{"empty", runtime.ModelSchema{}, ""},
		{"type", runtime.ModelSchema{Type: "text2img"}, "the type text2img is unknown to Dify: it must be one of llm, text-embedding, rerank, speech2text, moderation, tts"},
		{"feature", runtime.ModelSchema{Features: []runtime.ModelFeature{"vision", "smell"}}, "the feature smell is unknown to Dify: it must be one of tool-call, multi-tool-call, stream-tool-call, agent-thought, vision, document, video, audio …"},
		{"fetch", runtime.ModelSchema{FetchFrom: "shop"}, "the source shop is unknown to Dify: it must be one of customizable-model, predefined-model"},
		{"property", property("contextsize", 1), "the property contextsize is unknown to Dify: it must be one of context_size, max_chunks, word_limit, max_workers, file_upload_limit, max_characters_per_chunk, mode, voices …"},
		{"context size", property("context_size", 4096), ""},
		{"context size in text", property("context_size", "8k"), "context_size must be a whole number"},
		{"mode", property("mode", "talk"), "mode must be chat or completion"},
		{"currency", runtime.ModelSchema{Pricing: &runtime.ModelPricing{}}, "the pricing has no currency"},
		{"name", rule(runtime.ParameterRule{Type: "int"}), "a parameter has no Name"},
		{"no type", rule(runtime.ParameterRule{Name: "a"}), "the parameter a has neither a Type nor a Template"},
		{"parameter type", rule(runtime.ParameterRule{Name: "a", Type: "number"}), "of the parameter a, the type number is unknown to Dify: it must be one of float, int, string, boolean, text"},
		{"template", rule(runtime.ParameterRule{Name: "a", Template: "heat"}), "the parameter a has the template heat, which Dify does not know; it knows frequency_penalty, json_schema, max_tokens, presence_penalty, response_format, temperature, top_k, top_p"},
		{"infinite", rule(runtime.ParameterRule{Name: "a", Type: "int", Max: runtime.Some(math.Inf(1))}), "a number of the parameter a is infinite, or not a number"},
		{"default", rule(runtime.ParameterRule{Name: "a", Type: "float", Default: math.NaN()}), "a number of the parameter a is infinite, or not a number"},
		{"NaN as a size", property("context_size", math.NaN()), "context_size must be a whole number"},
		{"NaN in a list", property("voices", []any{math.NaN()}), "voices cannot be encoded as JSON: json: unsupported value: NaN"},
		{"function", property("default_voice", func() {}), "default_voice cannot be encoded as JSON: json: unsupported type: func()"},
		{"channel as a default", of("string", make(chan int)), "the Default of the parameter a must be text"},
		{"number as text", of("int", "5"), "the Default of the parameter a must be a whole number"},
		{"fraction", of("int", 5.5), "the Default of the parameter a must be a whole number"},
		{"text as a number", of("text", 5), "the Default of the parameter a must be text"},
		{"text as a boolean", of("boolean", "true"), "the Default of the parameter a must be true or false"},
		{"function as a number", of("float", func() {}), "the Default of the parameter a must be a number"},
		{"whole number", of("int", 1), ""}, // Dify offers it all the same
		{"number", of("float", float32(0.5)), ""},
		{"choice", of("string", "y"), ""},
		{"boolean", of("boolean", false), ""},
		{"limits", rule(runtime.ParameterRule{Name: "a", Type: "int", Min: runtime.Some(2.0), Max: runtime.Some(1.0)}), "the Min of the parameter a is greater than its Max"},
		{"limit of a template", rule(runtime.ParameterRule{Name: "a", Template: "top_p", Min: runtime.Some(2.0)}), "the Min of the parameter a is greater than its Max"},
		{"one value", rule(runtime.ParameterRule{Name: "a", Type: "int", Min: runtime.Some(1.0), Max: runtime.Some(1.0)}), ""},
		{"names", runtime.ModelSchema{Parameters: []runtime.ParameterRule{{Name: "a", Type: "int"}, {Name: "a", Type: "text"}}}, "two parameters have the name a"},
	} {
		want := test.want
		if want != "" {
			want = "schema of the model a model: " + want
		}
		got := ""
		if err := test.schema.Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", test.name, got, want)
		}
	}
}

func TestModelSchemaValues(t *testing.T) {
	t.Parallel()
	schema := &runtime.ModelSchema{
		Features:   []runtime.ModelFeature{runtime.FeatureVision},
		Properties: map[string]any{"mode": "chat", "context_size": 4096.0, "max_chunks": 7, "word_limit": 1.5, "max_workers": "5"},
		Parameters: []runtime.ParameterRule{{Name: "seed"}},
	}
	for _, s := range []*runtime.ModelSchema{schema, nil} {
		known := s != nil
		if s.HasFeature(runtime.FeatureVision) != known || s.HasFeature(runtime.FeatureAudio) || (s.Parameter("seed") != nil) != known || s.Parameter("") != nil {
			t.Errorf("schema %v: wrong features or parameters", s)
		}
		want := map[string]int{"context_size": 4096, "max_chunks": 7}
		for _, name := range []string{"context_size", "max_chunks", "word_limit", "max_workers", "mode", ""} {
			if n := s.PropertyInt(name); known && n != want[name] || !known && n != 0 {
				t.Errorf("%s of %v is %d", name, s, n)
			}
		}
		if (s.PropertyText("mode") == "chat") != known || s.PropertyText("context_size") != "" {
			t.Errorf("texts of %v are wrong", s)
		}
	}
}

func TestModelPrice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tokens            int
		price, unit, want string
	}{
		{1000, "0.15", "0.000001", "0.00015"},
		{1, "0.15", "0.000001", "0.0000002"}, // 0.00000015
		{1, "0.14", "0.000001", "0.0000001"},
		{3, "0.5", "0.0000001", "0.0000002"}, // 0.00000015 as well
		{0, "1", "1", "0"},
		{7, "0", "1", "0"},
	} {
		price, _ := runtime.ParseDecimal(test.price)
		unit, _ := runtime.ParseDecimal(test.unit)
		if got := (&runtime.ModelPricing{Unit: unit}).Price(test.tokens, price); got.String() != test.want {
			t.Errorf("%d tokens at %s × %s cost %s, want %s", test.tokens, test.price, test.unit, got, test.want)
		}
	}
	if got := (*runtime.ModelPricing)(nil).Price(1, runtime.NewDecimal(1, 0)); !got.IsZero() {
		t.Errorf("without pricing: %s", got)
	}
}

// TestSchemaOfAnother checks that a schema says that it is that of the model in the request, or nothing.
func TestSchemaOfAnother(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		schema runtime.ModelSchema
		want   string
	}{
		{runtime.ModelSchema{}, ""},
		{runtime.ModelSchema{Model: "large", Type: "llm"}, ""},
		{runtime.ModelSchema{Model: "base"}, `schema of the model large of type llm: it says Model "base" and Type "": leave them empty`},
		{runtime.ModelSchema{Type: "rerank"}, `schema of the model large of type llm: it says Model "" and Type "rerank": leave them empty`},
	} {
		p := gateway(func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error) {
			return &test.schema, nil
		})
		for _, action := range []string{"get_ai_model_schemas", "invoke_llm"} {
			got := ""
			_, err := answerModel(t, p, action, `{"model_type":"llm","model":"large","credentials":{}}`)
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%s, %+v: %q, want %q", action, test.schema, got, test.want)
			}
		}
	}
}

// FuzzModelSchema checks that a schema that has been decoded is the same after it is encoded, and that
// what Dify gets of a valid one is complete.
func FuzzModelSchema(f *testing.F) {
	f.Add(`{"model":"m","label":{"en_US":"M","ja_JP":"x"},"model_type":"llm","features":["vision"],"model_properties":{"mode":"chat"},"pricing":{"input":"1","unit":1e-6,"currency":"USD"}}`)
	f.Add(`{"parameter_rules":[{"name":"a","use_template":"top_k","help":{"en_US":""},"default":[1],"options":null}],"features":[]}`)
	f.Add(`{"model":"m","model_type":"rerank","parameter_rules":[{"name":"a","type":"int","default":1,"min":2,"max":3}],"model_properties":{"voices":[1]}}`)
	f.Fuzz(func(t *testing.T, data string) {
		var first, second runtime.ModelSchema
		if json.Unmarshal([]byte(data), &first) != nil {
			return
		}
		encoded := encodeJSON(t, first)
		if err := json.Unmarshal(encoded, &second); err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		if again := encodeJSON(t, second); string(again) != string(encoded) {
			t.Errorf("%s is encoded as %s, and then as %s", data, encoded, again)
		}
		if first.Validate() != nil {
			return
		}
		got := serveSchema(t, &first)
		if got["model"] == "" || got["model_type"] == "" || got["label"] == nil || got["parameter_rules"] == nil {
			t.Errorf("%s is sent as %v", data, got)
		}
	})
}
