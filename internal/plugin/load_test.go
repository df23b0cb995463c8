package plugin_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// same is how diagnostics show a file.
func same(file string) string { return file }

// TestDeclarations compares the declarations of the examples with golden files.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../examples/*/" + plugin.ManifestName)
	if err != nil || len(dirs) == 0 {
		t.Fatal("no examples", err)
	}
	for _, dir := range dirs {
		dir = filepath.Dir(dir)
		loaded, diags, err := plugin.Load(os.DirFS(dir))
		if err != nil || loaded == nil || len(diags) > 0 {
			t.Fatal(dir, err, diags)
		}
		assets, findings := loaded.Assets(os.DirFS(dir), same)
		if found := findings.Settle(model.StepDeclare); len(found) > 0 || len(assets) != 1 || assets[0].Name != "icon.svg" {
			t.Errorf("%s: assets %v, %v", dir, assets, found)
		}
		values := []any{loaded.WireForm()}
		for _, p := range loaded.Providers {
			values = append(values, p.WireForm())
		}
		got, err := json.MarshalIndent(values, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata", filepath.Base(dir)+".json"), append(got, '\n'))
	}
}

const (
	manifest = `version: 0.1.0
type: plugin
author: me
name: mine
label: {en_US: Mine}
description: {en_US: A plugin.}
icon: icon.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 1}
meta: {version: 0.1.0, arch: [amd64], runner: {language: python, version: 3.12, entrypoint: main}}
`
	tool = `identity: {author: me, name: mine, icon: icon.svg, label: {en_US: 12}, description: {en_US: D}}
credentials_for_provider:
  key: {type: secret-input, required: yes, label: {en_US: Key}}
  none:
  size: {type: select, label: {en_US: Size}, default: 10, options: [{value: 10, label: {en_US: Ten}}]}
tools:
  - tools/b.yaml
  - tools/a.yaml
`
)

// item returns the file of a tool that breaks no rule, with more lines at its end.
func item(name, more string) string {
	return "identity: {author: me, name: " + name + ", label: {en_US: L}}\ndescription: {human: {en_US: D}, llm: D}\n" + more
}

func files(list ...string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for i := 0; i < len(list); i += 2 {
		fsys[list[i]] = &fstest.MapFile{Data: []byte(list[i+1])}
	}
	return fsys
}

// TestLoad loads a plugin. Fields are as the host decodes them, and tools in the YAML's order.
func TestLoad(t *testing.T) {
	t.Parallel()
	loaded, diags, err := plugin.Load(files(
		"manifest.yaml", manifest+"plugins: {tools: [provider/mine.yaml]}\n", "provider/mine.yaml", tool,
		"tools/a.yaml", "&all\nidentity: {name: a}\n", "tools/b.yaml", "identity: {name: 2}\noutput_schema: {type: object, required: [x, y], properties: {required: {type: string, default: 1.5}}}\ndescription: {human: {en_US: no}, llm: 1.50}\nparameters:\n- {name: n, type: number, default: 3.50}\n"))
	if err != nil || loaded == nil {
		t.Fatal(err, diags)
	}
	if loaded.Author != "me" || loaded.Name != "mine" || loaded.Version != "0.1.0" || loaded.Entrypoint != "main" || !cmp.Equal(loaded.Arch, []string{"amd64"}) {
		t.Errorf("got %+v", loaded)
	}
	var names []string
	for _, item := range loaded.Providers[0].Items {
		names = append(names, item.Name)
	}
	if diff := cmp.Diff([]string{"2", "a"}, names); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	got := loaded.Providers[0].WireForm()
	want := map[string]any{
		"identity": map[string]any{
			"author": "me", "name": "mine", "icon": "icon.svg", "icon_dark": "", "label": map[string]any{"en_US": "12"}, "description": map[string]any{"en_US": "D"},
		},
		"credentials_schema": []any{
			map[string]any{
				"name": "key", "type": "secret-input", "required": true, "label": map[string]any{"en_US": "Key"}, "multiple": false,
			},
			map[string]any{
				"name": "size", "type": "select", "required": false, "label": map[string]any{"en_US": "Size"}, "multiple": false, "default": 10,
				"options": []any{map[string]any{"value": "10", "label": map[string]any{"en_US": "Ten"}}},
			},
		},
		"tools": []any{
			map[string]any{"identity": map[string]any{"author": "", "name": "2", "label": map[string]any{"en_US": ""}}, "output_schema": map[string]any{
				"type": "object", "required": []any{"x", "y"}, "properties": map[string]any{"required": map[string]any{"type": "string", "default": 1.5}},
			}, "description": map[string]any{"human": map[string]any{"en_US": "no"}, "llm": "1.50"}, "has_runtime_parameters": false, "parameters": []any{map[string]any{
				"name": "n", "type": "number", "default": 3.5, "form": "", "label": map[string]any{"en_US": ""}, "required": false, "multiple": false,
				"human_description": map[string]any{"en_US": ""}, "llm_description": "",
			}}},
			got["tools"].([]any)[1],
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("declaration (-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

// TestModels loads the models that match patterns, and their order.
func TestModels(t *testing.T) {
	t.Parallel()
	const provider = `provider: p
label: {en_US: P}
supported_model_types: [llm, text-embedding]
configurate_methods: [predefined-model]
provider_credential_schema:
  credential_form_schemas:
    - {variable: port, type: text-input, label: {en_US: Port}, default: 80, show_on: [{variable: a, value: true}]}
models:
  llm: {predefined: ["models/llm/*.yaml"], position: models/llm/_position.yaml}
  text_embedding: {predefined: [models/e.yaml, "modles/*.yaml"], position: models/_e.yaml}
  tts:
`
	loaded, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", provider,
		"models/llm/b.yaml", "{model: b, model_type: llm, pricing: {input: '0.10', unit: 0.001, currency: USD}}", "models/llm/a.yaml", "{model: 1.5, model_type: llm, parameter_rules: [{name: n, type: string, options: [256, on]}]}",
		"models/llm/_position.yaml", "- b\n- 1.5\n", "models/e.yaml", "{model: b, model_type: text-embedding}", "models/_e.yaml", "- b"))
	if err != nil || loaded == nil {
		t.Fatal(err, diags)
	}
	if want := `p.yaml:10:48: warning: no file matches "modles/*.yaml" [manifest]`; !slices.ContainsFunc(diags, func(d model.Diagnostic) bool { return d.String() == want }) {
		t.Errorf("no %s in %v", want, diags)
	}
	got := loaded.Providers[0].WireForm()
	want := map[string]any{
		"models": []any{
			predefined("b", "text-embedding", nil),
			predefined("1.5", "llm", map[string]any{"parameter_rules": []any{
				map[string]any{"name": "n", "type": "string", "label": map[string]any{"en_US": "n"}, "required": false, "options": []any{"256", "on"}},
			}}),
			predefined("b", "llm", map[string]any{"pricing": map[string]any{"input": "0.1", "unit": "0.001", "currency": "USD"}}),
		},
		"position": map[string][]string{"llm": {"b", "1.5"}, "text_embedding": {"b"}},
		"provider_credential_schema": map[string]any{"credential_form_schemas": []any{map[string]any{
			"variable": "port", "type": "text-input", "label": map[string]any{"en_US": "Port"}, "default": "80", "required": false, "max_length": int64(0),
			"show_on": []any{map[string]any{"variable": "a", "value": "true"}},
		}}},
	}
	for key, value := range want {
		if diff := cmp.Diff(value, got[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

// predefined returns the declaration of a model, with more keys.
func predefined(name, modelType string, more map[string]any) map[string]any {
	m := map[string]any{
		"model": name, "model_type": modelType, "label": map[string]any{"en_US": name},
		"fetch_from": "predefined-model", "deprecated": false, "parameter_rules": []any{},
	}
	maps.Copy(m, more)
	return m
}

// TestLoadAsTheHostDoes loads what the host loads although it looks wrong.
func TestLoadAsTheHostDoes(t *testing.T) {
	t.Parallel()
	one := manifest + "extra: {a: 1, a: 2}\nplugins: {tools: [p.yaml]}\n"
	twice := "\nextra: {help: a, help: b, more: {c: 1, c: 2}}\n"
	for name, test := range map[string]struct {
		a, b string
		want []string
	}{
		"a repeated key where the host ignores it": {item("a", twice), item("b", twice), nil},
		"two tools of one name": {item("a", ""), item("a", ""),
			[]string{"p.yaml:7:5: warning: tool a is declared twice; the last one counts [duplicate-name]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := strings.Replace(tool, "  none:\n", "", 1) + "extra: {a: 1, a: {b: 1, b: 2}}\n"
			loaded, diags, err := plugin.Load(files("manifest.yaml", one, "p.yaml", provider, "tools/a.yaml", test.a, "tools/b.yaml", test.b))
			if err != nil || loaded == nil || len(loaded.Providers[0].Items) != 2 {
				t.Fatal(loaded, diags, err)
			}
			var got []string
			for _, d := range diags {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOptions checks that the host gets the values of options as text, except in events,
// where it keeps them as they are typed.
func TestOptions(t *testing.T) {
	t.Parallel()
	const item = "identity: {name: a}\nparameters: [{name: p, type: select, options: [{value: 1}, {value: true}]}]\n"
	for list, want := range map[string][]any{"tools": {"1", "true"}, "events": {1, true}} {
		kind := map[string]string{"tools": "tools", "events": "triggers"}[list]
		loaded, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {"+kind+": [p.yaml]}\n",
			"p.yaml", "identity: {author: me, name: p, icon: i, label: {en_US: P}, description: {en_US: P}}\n"+list+": [a.yaml]\n", "a.yaml", item))
		if err != nil || loaded == nil {
			t.Fatal(list, diags, err)
		}
		items, _ := loaded.Providers[0].WireForm()[list].([]any)
		parameters, _ := items[0].(map[string]any)["parameters"].([]any)
		options, _ := parameters[0].(map[string]any)["options"].([]any)
		var got []any
		for _, o := range options {
			got = append(got, o.(map[string]any)["value"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", list, diff)
		}
	}
}

// TestIgnores loads provider files with comments that ignore what declaring them finds.
func TestIgnores(t *testing.T) {
	t.Parallel()
	const models = `provider: p # difygen:ignore label
label: {en_US: P}
supported_model_types: [llm]
configurate_methods: [predefined-model]
models:
  llm:
    predefined:
      - none/*.yaml # difygen:ignore manifest -- they come later
      - items/*.yaml # difygen:ignore manifest
`
	const strategies = `identity: {author: me, name: p, icon: i, label: {en_US: P}, description: {en_US: P}} # difygen:ignore label
strategies:
  - items/a.yaml
  - items/a.yaml # difygen:ignore duplicate-name
`
	for kind, test := range map[string]struct {
		provider, item string
		want           []string
	}{
		"models": {models, "{model: a, model_type: llm}", []string{
			"p.yaml:1:13: warning: there is no label warning to ignore here [unused-ignore]",
			"p.yaml:9:22: warning: there is no manifest warning to ignore here [unused-ignore]",
		}},
		"agent_strategies": {strategies, strings.Replace(item("a", ""), "human: {en_US: D}, llm", "en_US", 1), []string{
			"manifest.yaml:9:1: warning: resource.permission permits neither models (model.enabled and model.llm) nor tools (tool.enabled), so agent strategies can call none [manifest]",
			"p.yaml:1:86: warning: there is no label warning to ignore here [unused-ignore]",
		}},
	} {
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {"+kind+": [p.yaml]}\n", "p.yaml", test.provider, "items/a.yaml", test.item))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: diagnostics (-want +got):\n%s", kind, diff)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	one := manifest + "plugins: {tools: [p.yaml]}\n"
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"a missing file of a tool": {files("manifest.yaml", one, "p.yaml", tool, "tools/a.yaml", "identity: {name: a}"),
			"p.yaml:7:5: error: file tools/b.yaml: file does not exist; check the path [manifest]"},
		"a tool without a name": {files("manifest.yaml", one, "p.yaml", tool, "tools/a.yaml", "x: 1", "tools/b.yaml", "identity: {name: a}"),
			"tools/a.yaml:1:1: error: the host requires identity.name [identity]"},
		"a repeated key in a tool": {files("manifest.yaml", one, "p.yaml", tool, "tools/a.yaml", "identity:\n  name: a\n  name: b\n", "tools/b.yaml", "identity: {name: b}"),
			"tools/a.yaml:3:3: error: key name is already defined on line 2 [duplicate-key]"},
		"a tool that is not YAML": {files("manifest.yaml", one, "p.yaml", tool, "tools/a.yaml", "identity: {name: a}", "tools/b.yaml", "a: [1"),
			"tools/b.yaml:1:4: error: not YAML: the [ opened here is not closed [yaml-syntax]"},
		"a tool outside": {files("manifest.yaml", one, "p.yaml", "tools: [../x.yaml]"),
			"p.yaml:1:9: error: ../x.yaml is outside the plugin's folder [manifest]"},
		"an order of models outside": {files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", "models: {llm: {position: ../x.yaml}}"),
			"p.yaml:1:26: error: ../x.yaml is outside the plugin's folder [manifest]"},
		"a pattern of models that is malformed": {files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", "models: {llm: {predefined: ['[']}}"),
			"p.yaml:1:29: error: [ is not a valid file pattern [manifest]"},
		"very many patterns": {files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", "models: {llm: {predefined: [\n"+strings.Repeat("m/*,\n", 1001)+"]}}", "m/a.yaml", "model: a"),
			"p.yaml:1002:1: error: a provider can list at most 10000 items, or 1000 patterns for their files [manifest]"},
		"a tool listed very many times": {files("manifest.yaml", one, "p.yaml", "tools:\n"+strings.Repeat("- t.yaml\n", 101), "t.yaml", item("t", "")),
			"p.yaml:102:3: error: file t.yaml is listed more than 100 times [manifest]"},
		"models in a list that the host cannot load": {files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n", "p.yaml", "models:\n- model: []\n- x\n"),
			"p.yaml:2:10: error: models[0].model must be text, not a list [yaml-type]\np.yaml:3:3: error: models[1] must be a map, not text [yaml-type]"},
		"a cycle of aliases": {files("manifest.yaml", one, "p.yaml", "x: &x {y: *x}\ntools: [1]\n"),
			"p.yaml:2:9: error: file 1: file does not exist; check the path [manifest]"},
		"a manifest that the host refuses": {files("manifest.yaml", "author: Me\nmeta: {arch: [arm], runner: {language: go}}\nresource: {permission: {storage: {size: 1}}}\nplugins: {models: [m.yaml], tools: [p.yaml, q.yaml]}\n", "m.yaml", "{}", "p.yaml", "{}", "q.yaml", "{}"),
			`manifest.yaml:1:1: error: author must be 1 to 64 lowercase letters, digits, _ or - [manifest]
manifest.yaml:1:1: error: created_at is missing [manifest]
manifest.yaml:1:1: error: description is missing [manifest]
manifest.yaml:1:1: error: icon is missing [manifest]
manifest.yaml:1:1: error: label is missing [manifest]
manifest.yaml:1:1: error: name is missing [manifest]
manifest.yaml:1:1: error: type is missing [manifest]
manifest.yaml:1:1: error: version is missing [manifest]
manifest.yaml:2:1: error: meta.version is missing [manifest]
manifest.yaml:2:15: error: an architecture in meta.arch must be amd64 or arm64 (did you mean arm64?) [manifest]
manifest.yaml:2:21: error: meta.runner.entrypoint is missing [manifest]
manifest.yaml:2:21: error: meta.runner.version is missing [manifest]
manifest.yaml:2:30: error: meta.runner.language must be python [manifest]
manifest.yaml:3:1: error: resource.memory is missing [manifest]
manifest.yaml:3:35: error: resource.permission.storage.size must be between 1024 and 1073741824 bytes [manifest]
manifest.yaml:4:20: error: a provider of kind model must be the only one in its plugin; only tool and endpoint providers can share one [manifest]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, diags, err := plugin.Load(test.files)
			if err != nil || loaded != nil {
				t.Fatal(loaded, err)
			}
			var got []string
			for _, d := range diags {
				if d.Severity == "error" {
					got = append(got, d.String())
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
	if _, _, err := plugin.Load(fstest.MapFS{}); err == nil || err.Error() != "manifest.yaml: file does not exist; check the path" {
		t.Errorf("got %v", err)
	}
}

// TestPatterns checks which files match the patterns of models, and their order: that of a
// walk over the plugin's folder, and a file once for each pattern.
func TestPatterns(t *testing.T) {
	t.Parallel()
	model := func(name string) string { return "{model: " + name + ", model_type: llm}" }
	loaded, diags, err := plugin.Inspect(files("manifest.yaml", manifest+"plugins: {models: [p.yaml]}\n",
		"p.yaml", `models: {llm: {predefined: ["m/llm/*.yaml", "m/llm-x/*.yaml", m/llm.y/c.yaml, "m/*/a.yaml", "./m/llm/*.yaml", "m/?lm/sub/*", "../*"]}}`,
		"m/llm/b.yaml", model("b"), "m/llm/a.yaml", model("a"), "m/llm/_position.yaml", "- b", "m/llm/sub/d.yaml", model("d"),
		"m/llm-x/a.yaml", model("x"), "m/llm.y/c.yaml", model("c")), func(file string) string { return file })
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	var got []string
	for _, item := range loaded.Providers[0].Items {
		got = append(got, item.Name)
	}
	if diff := cmp.Diff([]string{"a", "a", "b", "d", "x", "x", "c"}, got); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}
