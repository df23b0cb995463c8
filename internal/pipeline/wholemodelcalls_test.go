package pipeline_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/model"
)

// modelCase is a request to a provider of models with what must become of it.
type modelCase struct {
	models *boundModels
	data   map[string]any
	check  func(t *testing.T, got modelAnswer)
}

type modelAnswer struct {
	Error   string
	Type    string
	Result  map[string]any
	Results []struct {
		Delta struct {
			Message struct{ Content string }
		}
	}
}

// sendModels asks every provider for the schemas of its models, and calls its language models with
// random parameters, right and wrong ones, and random credentials of either form.
func sendModels(t *testing.T, module string, models []boundModels) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	var cases []modelCase
	calls := 0
	for i := range models {
		cases = append(cases, models[i].schemas(t, r)...)
		asked := len(cases)
		cases = append(cases, models[i].calls(r)...)
		calls += len(cases) - asked
	}
	t.Logf("%d schemas of models and %d calls", len(cases)-calls, calls)
	sendCases(t, module, cases)
}

// sendCases sends requests to the program in a module, and checks what becomes of them.
func sendCases(t *testing.T, module string, cases []modelCase) {
	t.Helper()
	var requests []any
	for _, c := range cases {
		requests = append(requests, map[string]any{"id": c.models.pkg, "data": c.data})
	}
	i := 0
	runProgram(t, module, "models", requests, func(answer json.RawMessage) {
		var got modelAnswer
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		if cases[i].check(t, got); t.Failed() {
			t.Fatalf("%s: %v\n%s", cases[i].models.pkg, cases[i].data, answer)
		}
		i++
	})
}

// request is a request to a model with random credentials.
func (b *boundModels) request(r *rand.Rand, action, modelType, name string) (data, credentials map[string]any) {
	credentials = b.stored(r, modelType)
	return map[string]any{"action": action, "provider": b.provider.Name, "model_type": modelType, "model": name, "credentials": credentials}, credentials
}

// stored are values of one of the provider's forms as the host stores and sends them.
func (b *boundModels) stored(r *rand.Rand, modelType string) map[string]any {
	var forms []*model.Section
	for _, name := range []model.SectionName{model.SectionProviderCredentials, model.SectionModelCredentials} {
		if s := b.provider.Section(name); s != nil {
			forms = append(forms, s)
		}
	}
	if len(forms) == 0 {
		return map[string]any{}
	}
	var g given
	for range 50 { // some forms cannot be filled in for every choice
		o := newOracle(r, forms[r.IntN(len(forms))])
		if o.modelType != "" {
			o.modelType = modelType
		}
		if g = o.valid(); !g.impossible {
			break
		}
	}
	values := make(map[string]any)
	for name, f := range g.shown {
		v := g.values[name]
		isBool := f.Type == model.TypeSwitch || f.Type == model.TypeBoolean
		switch {
		case isBool && (v == nil || v == ""):
			v = f.fallback
			if v == "false" {
				v = nil
			}
		case v == nil || v == "":
			v = f.fallback
		}
		if isBool && v != nil {
			if v = textOf(v) == "true"; v == false {
				v = nil
			}
		}
		if v != nil && v != "" {
			values[name] = v
		}
	}
	for _, number := range []string{"context_size", "max_chunks"} { // of the schema of a model that users add
		if values[number] != nil {
			values[number] = "4096"
		}
	}
	return values
}

// schemas asks for the schema of each model, and for one that nobody knows.
func (b *boundModels) schemas(t *testing.T, r *rand.Rand) []modelCase {
	t.Helper()
	var list []modelCase
	for i, item := range b.items {
		entity := b.entities[i]
		if entity["model"] != item.Name || entity["model_type"] != item.Type {
			t.Fatalf("%s: model %d is %s %s, want %v %v", b.pkg, i, item.Type, item.Name, entity["model_type"], entity["model"])
		}
		data, _ := b.request(r, "get_ai_model_schemas", item.Type, item.Name)
		list = append(list, modelCase{b, data, func(t *testing.T, got modelAnswer) {
			t.Helper()
			if diff := cmp.Diff(corpus.Normal(t, entity), corpus.Normal(t, got.Result["model_schema"])); diff != "" || got.Error != "" {
				t.Errorf("schema (-host +answered): %s\n%s", got.Error, diff)
			}
		}})
	}
	for _, modelType := range b.provider.ModelTypes {
		data, _ := b.request(r, "get_ai_model_schemas", modelType, "nobody's")
		list = append(list, modelCase{b, data, func(t *testing.T, got modelAnswer) {
			t.Helper()
			schema, _ := got.Result["model_schema"].(map[string]any)
			if got.Error != "" || (schema != nil) != b.provider.HasCustomModels || schema != nil && schema["model"] != "nobody's" {
				t.Errorf("the schema of a model that the YAML does not declare: %v", got)
			}
		}})
	}
	return list
}

// calls calls each language model with right and with wrong parameters.
func (b *boundModels) calls(r *rand.Rand) []modelCase {
	var list []modelCase
	for _, item := range b.items {
		if item.Type != "llm" {
			continue
		}
		o := ruleOracle{rand: r, rules: item.Parameters.Effective()}
		for range 2 {
			list = append(list, b.call(r, item.Name, o.right()))
		}
		for _, p := range o.wrong() {
			list = append(list, b.call(r, item.Name, p))
		}
	}
	return list
}

// call calls a language model.
func (b *boundModels) call(r *rand.Rand, name string, p ruleCase) modelCase {
	data, credentials := b.request(r, "invoke_llm", "llm", name)
	data["model_parameters"], data["prompt_messages"], data["stream"] = p.sent, []any{map[string]any{"role": "user", "content": "hi"}}, true
	return modelCase{b, data, func(t *testing.T, got modelAnswer) {
		t.Helper()
		if p.fault != "" {
			if got.Type != "InvokeBadRequestError" || !strings.Contains(got.Error, p.fault) {
				t.Errorf("parameter %s is wrong: got the error %s %q", p.fault, got.Type, got.Error)
			}
			return
		}
		if got.Error != "" || len(got.Results) == 0 {
			t.Errorf("right parameters: %s %s", got.Type, got.Error)
			return
		}
		var called struct {
			Parameters, Extra, Credentials map[string]any
			Known                          bool
		}
		if err := json.Unmarshal([]byte(got.Results[0].Delta.Message.Content), &called); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p.want, called.Parameters); diff != "" {
			t.Errorf("parameters (-want +got):\n%s", diff)
		}
		if len(called.Extra) > len(p.untyped) || !called.Known {
			t.Errorf("known: %v; without a field: %v", called.Known, called.Extra)
		}
		for name, v := range credentials {
			if textOf(v) != textOf(called.Credentials[name]) {
				t.Errorf("credential %s is %v, want %v", name, called.Credentials[name], v)
			}
		}
	}}
}
