package runtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
	"github.com/difygen/difygen/runtime"
)

// TestModelWords compares the words that a schema may have with those of the compiler.
func TestModelWords(t *testing.T) {
	t.Parallel()
	item := model.KindModel.ItemSpec()
	rules := specOf(t, item, "parameter_rules").Items
	var properties []string
	for _, k := range specOf(t, item, "model_properties").Keys {
		properties = append(properties, k.Key)
	}
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{"features", texts(runtime.ModelFeatures), wordsOf(specOf(t, item, "features").Items)},
		{"types", texts(runtime.ModelTypes), wordsOf(specOf(t, item, "model_type"))},
		{"properties", slices.Concat(runtime.WholeProperties, runtime.OtherProperties), properties},
		{"types of parameters", texts(runtime.ParameterTypes), wordsOf(specOf(t, rules, "type"))},
		{"sources", []string{runtime.FetchCustomizable, runtime.FetchPredefined}, wordsOf(specOf(t, item, "fetch_from"))},
	} {
		slices.Sort(test.got)
		slices.Sort(test.want)
		if diff := cmp.Diff(test.want, test.got); diff != "" || len(test.got) == 0 {
			t.Errorf("%s (-compiler +runtime):\n%s", test.name, diff)
		}
	}
}

// specOf returns what a key of a map can have.
func specOf(t *testing.T, s *model.Spec, key string) *model.Spec {
	t.Helper()
	for _, k := range s.Keys {
		if k.Key == key {
			return k.Spec
		}
	}
	t.Fatalf("no key %s", key)
	return nil
}

func wordsOf(s *model.Spec) (words []string) {
	for _, w := range s.Words {
		words = append(words, w.Value)
	}
	return words
}

func texts[T ~string](list []T) (texts []string) {
	for _, v := range list {
		texts = append(texts, string(v))
	}
	return texts
}

// TestSharedSchema checks that a schema which CustomModel returns again and again stays as it is.
func TestSharedSchema(t *testing.T) {
	t.Parallel()
	newSchema := func() *runtime.ModelSchema {
		rules := make([]runtime.ParameterRule, 0, 9)
		for _, name := range []string{"temperature", "top_p", "max_tokens", "response_format"} {
			rules = append(rules, runtime.ParameterRule{Name: name, Template: name})
		}
		return &runtime.ModelSchema{
			Labels: map[string]string{"ja_JP": "エム"}, Features: []runtime.ModelFeature{runtime.FeatureVision},
			Properties: map[string]any{"context_size": 4096}, Parameters: append(rules, runtime.ParameterRule{Name: "seed", Type: "int"}),
		}
	}
	shared := newSchema()
	p := runtime.NewModel(runtime.ModelConfig{
		Name: "p",
		CustomModel: func(context.Context, runtime.ModelCall, map[string]any) (*runtime.ModelSchema, error) {
			return shared, nil
		},
		Actions: []runtime.ModelAction{{Type: "llm", Name: "invoke_llm", Serve: func(_ context.Context, req *runtime.ModelRequest) (any, error) {
			values, err := req.Parameters()
			return fmt.Sprint(req.ModelCall.Schema.Model, values), err
		}}},
	})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			name := fmt.Sprint("m", i)
			fields := `{"model_type":"llm","model":"` + name + `","model_parameters":{"temperature":0.5}}`
			got, err := answerModel(t, p, "invoke_llm", fields)
			if want := `"` + name + `map[temperature:0.5]"`; got != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
			if _, err := answerModel(t, p, "get_ai_model_schemas", fields); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(newSchema(), shared); diff != "" {
		t.Errorf("the schema has changed (-before +after):\n%s", diff)
	}
}

// TestWholeProperties checks numbers of properties as JSON and code have them.
func TestWholeProperties(t *testing.T) {
	t.Parallel()
	for v, ok := range map[any]bool{
		7: true, int64(7): true, 7.0: true, float32(7): true, json.Number("7"): true, 1<<53 - 1: true, -(1<<53 - 1): true, 0: true,
		7.5: false, 1 << 53: false, -1 << 53: false, 1e300: false, "7": false, true: false, nil: false, json.Number("x"): false,
	} {
		schema := runtime.ModelSchema{Properties: map[string]any{runtime.PropertyContextSize: v}}
		if err := schema.Validate(); (err == nil) != ok {
			t.Errorf("%T %v: %v", v, v, err)
		}
	}
}
