package model

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// form returns a form of a model provider with fields in flow style, one a line.
func form(key, fields string) string {
	if fields == "" {
		return ""
	}
	return key + ":\n  credential_form_schemas:\n  - " + strings.ReplaceAll(fields, "\n", "\n  - ") + "\n"
}

// describe returns a declaration in a few words.
func describe(f Field) string {
	words := []string{f.Name, string(f.Type)}
	if f.Required {
		words = append(words, "required")
	}
	if f.Default != nil {
		words = append(words, fmt.Sprintf("default=%v", f.Default))
	}
	if f.MaxLength != 0 {
		words = append(words, fmt.Sprintf("max=%d", f.MaxLength))
	}
	shown := func(list []Condition) string {
		var s strings.Builder
		for _, c := range list {
			s.WriteString("?" + c.Variable + "=" + c.Value)
		}
		return s.String()
	}
	for _, o := range f.Options {
		words = append(words, "/"+o.Value+shown(o.ShowOn))
	}
	return strings.Join(append(words, shown(f.ShowOn)), " ")
}

// TestManyDeclarations merges forms with more pairs of declarations of a field than are compared.
func TestManyDeclarations(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{16: 16, 17: 0} {
		list := []string{"{variable: m, type: text-input}"}
		for i := range n {
			list = append(list, fmt.Sprintf("{variable: a, type: text-input, required: true, show_on: [{variable: m, value: v%d}]}", i))
		}
		fields := strings.Join(list, "\n")
		p, _, err := Load("p.yaml", []byte(form("provider_credential_schema", fields)+form("model_credential_schema", fields)), KindModel)
		if err != nil || p == nil {
			t.Fatal(err)
		}
		s, _, _ := p.CallCredentials()
		required := 0
		for _, f := range s.Fields {
			if f.Required {
				required++
			}
		}
		if required != want || len(s.Fields) != n+1 {
			t.Errorf("%d declarations in each form: %d of %d are required, want %d of %d", n, required, len(s.Fields), want, n+1)
		}
	}
}

// TestCallCredentials merges forms.
func TestCallCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		provider, model string
		want            []string
		diags           []string
	}{
		"none": {"", "", nil, nil},
		"the provider's alone": {
			"{variable: a, type: text-input, required: true, default: x}\n{variable: b, type: text-input, required: true, show_on: [{variable: a, value: x}]}", "",
			[]string{"a text-input required default=x ", "b text-input required ?a=x"}, nil,
		},
		"a model's alone": {
			"", "{variable: a, type: text-input, required: true, show_on: [{variable: __model_type, value: llm}]}",
			[]string{"a text-input required ?__model_type=llm"}, nil,
		},
		"types of models in the provider's": {
			"{variable: a, type: text-input, required: true, show_on: [{variable: __model_type, value: llm}]}\n" +
				"{variable: b, type: select, options: [{value: x, show_on: [{variable: __model_type, value: llm}]}, {value: y}]}",
			"", []string{"b select /x /y "}, nil,
		},
		"alike": {
			"{variable: a, type: text-input, required: true, default: x, max_length: 5}",
			"{variable: a, type: string, required: true, default: x, max_length: 7}", []string{"a text-input required default=x max=7 "}, nil,
		},
		"one without a limit":     {"{variable: a, type: text-input, max_length: 5}", "{variable: a, type: text-input}", []string{"a text-input "}, nil},
		"required in one":         {"{variable: a, type: text-input, required: true}", "{variable: a, type: text-input}", []string{"a text-input "}, nil},
		"in one form only":        {"{variable: a, type: text-input, required: true, default: x}", "{variable: b, type: switch, required: true}", []string{"a text-input ", "b switch "}, nil},
		"defaults that differ":    {"{variable: a, type: text-input, required: true, default: x}", "{variable: a, type: text-input, required: true, default: z}", []string{"a text-input "}, nil},
		"a default in one":        {"{variable: a, type: text-input, required: true, default: x}", "{variable: a, type: text-input, required: true}", []string{"a text-input "}, nil},
		"options are united":      {"{variable: a, type: select, options: [{value: x}, {value: y}]}", "{variable: a, type: radio, options: [{value: y}, {value: z}]}", []string{"a select /x /y /z "}, nil},
		"options with conditions": {"{variable: a, type: select, options: [{value: x, show_on: [{variable: b, value: c}]}]}", "{variable: a, type: select, options: [{value: x}]}", []string{"a select /x?b=c /x "}, nil},
		"under two conditions": {
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true, show_on: [{variable: m, value: x}]}",
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true, show_on: [{variable: __model_type, value: llm}]}",
			[]string{"m text-input ", "a text-input required ?m=x?__model_type=llm", "a text-input ?m=x", "a text-input ?__model_type=llm"}, nil,
		},
		"under conditions that exclude each other": {
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true, show_on: [{variable: m, value: x}]}",
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true, show_on: [{variable: m, value: y}]}",
			[]string{"m text-input ", "a text-input ?m=x", "a text-input ?m=y"}, nil,
		},
		"under a condition in one": {
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true, show_on: [{variable: m, value: x}]}",
			"{variable: m, type: text-input}\n{variable: a, type: text-input, required: true}",
			[]string{"m text-input ", "a text-input required ?m=x", "a text-input "}, nil,
		},
		"for each type of models": {
			"{variable: a, type: text-input, required: true}",
			"{variable: a, type: text-input, required: true, show_on: [{variable: __model_type, value: llm}]}\n{variable: a, type: text-input, show_on: [{variable: __model_type, value: rerank}]}",
			[]string{"a text-input required ?__model_type=llm", "a text-input "}, nil,
		},
		"for models of a type in one": {
			"{variable: a, type: text-input}", "{variable: a, type: text-input, max_length: 5, show_on: [{variable: __model_type, value: llm}]}",
			[]string{"a text-input "}, nil,
		},
		"a condition on a default that one form fills in": {
			"{variable: m, type: text-input, default: x}\n{variable: a, type: text-input, required: true, show_on: [{variable: m, value: x}]}",
			"{variable: b, type: text-input}",
			[]string{"m text-input ", "a text-input ", "b text-input "}, nil,
		},
		"a secret and a text": {"{variable: a, type: secret-input, required: true}", "{variable: a, type: text-input, required: true}", []string{"a secret-input required "}, nil},
		"a choice and a text": {
			"{variable: a, type: text-input, required: true}", "{variable: a, type: select, required: true, options: [{value: x}]}", []string{"a text-input required /x "},
			[]string{"field a has the type select, but on line 3 the type text-input; what calls get has it as string"},
		},
		"a choice and a switch": {
			"{variable: a, type: switch}\n{variable: b, type: text-input, required: true, show_on: [{variable: a, value: \"true\"}]}",
			"{variable: a, type: select, options: [{value: \"on\"}]}\n{variable: b, type: text-input, required: true, show_on: [{variable: a, value: \"on\"}]}",
			[]string{"a any /on ", "b text-input "},
			[]string{"field a has the type select, but on line 3 the type switch; what calls get has it as any"},
		},
		"a switch that is off is not sent": {"{variable: a, type: switch, required: true}", "{variable: a, type: switch, required: true}", []string{"a switch "}, nil},
		"a selector can always be absent": {
			"{variable: a, type: app-selector, required: true}", "{variable: a, type: app-selector, required: true}", []string{"a app-selector "}, nil,
		},
	} {
		p, _, err := Load("p.yaml", []byte(form("provider_credential_schema", test.provider)+form("model_credential_schema", test.model)), KindModel)
		if err != nil || p == nil {
			t.Fatal(name, err)
		}
		s, merged, diags := p.CallCredentials()
		if want := test.provider != "" && test.model != ""; merged != want {
			t.Errorf("%s: merged is %v, want %v", name, merged, want)
		}
		var got, messages []string
		for _, f := range s.Fields {
			got = append(got, describe(f))
		}
		for _, d := range diags {
			if messages = append(messages, d.Message); d.Rule != RuleMixedTypes || d.Pos.File != "p.yaml" {
				t.Errorf("%s: %v", name, d)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: fields (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(test.diags, messages); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}
