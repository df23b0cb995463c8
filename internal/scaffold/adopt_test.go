package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/scaffold"
	"github.com/difygen/difygen/model"
)

// teaPlugin is a plugin in Python, without the code.
var teaPlugin = map[string]string{
	"manifest.yaml": `version: 0.1.0
type: plugin
author: ada
name: tea
label: {en_US: Tea}
description: {en_US: Make tea.}
icon: icon.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 67108864}
plugins: {tools: [provider/tea.yaml]}
meta:
  version: 0.1.0
  arch: [amd64, arm64]
  runner: {language: python, version: "3.12", entrypoint: main}
`,
	"provider/tea.yaml": `identity:
  author: ada
  name: tea
  icon: icon.svg
  label: {en_US: Tea}
  description: {en_US: Make tea.}
credentials_for_provider:
  api_key:
    type: secret-input
    required: true
    label: {en_US: API key}
tools: [tools/brew.yaml]
extra: {python: {source: provider/tea.py}}
`,
	"tools/brew.yaml": `identity: {author: ada, name: brew, label: {en_US: Brew}}
description: {human: {en_US: Brew tea.}, llm: Brew tea.}
extra: {python: {source: tools/brew.py}}
`,
	"tools/other.yaml":     "not: a tool\n",
	"_assets/icon.svg":     "<svg/>",
	"main.py":              "run()\n",
	"requirements.txt":     "dify_plugin\n",
	"provider/tea.py":      "class Tea: ...\n",
	".vscode/launch.json":  "{}\n",
	"tools/brew.py":        "class Brew: ...\n",
	".github/workflow.yml": "mine\n",
}

// TestAdopt makes the Go side of a plugin in Python.
func TestAdopt(t *testing.T) {
	t.Parallel()
	dir := folder(t, module(t), "tea", teaPlugin)
	result := write(t, scaffold.Config{Dir: dir})
	var names []string
	for _, c := range result.Changes {
		if name := filepath.ToSlash(c.Name); !strings.HasPrefix(name, ".schema/") {
			names = append(names, name)
		}
	}
	want := []string{
		"provider/tea_dify.go", "plugin_dify.go", "provider/tea.go", "provider/brew.go", "main.go", "main_test.go",
		".env.example", ".gitignore", ".vscode/extensions.json", ".vscode/settings.json",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, want := range teaPlugin {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(got) != want {
			t.Errorf("%s has changed: %s, %v", name, got, err)
		}
	}
	todo := []string{
		"provider/tea.go: ValidateCredentials; today in provider/tea.py",
		"provider/brew.go: Brew; today in tools/brew.py",
		"main.py, requirements.txt: remove with the last Python code; difygen package adds a main.py that starts the Go program",
		"manifest.yaml: raise version, so that the plugin in Go is an update of that in Python",
	}
	if diff := cmp.Diff(todo, result.Report.Todo); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	const settings = `{
	"yaml.schemas": {
		"./.schema/manifest.json": [
			"/manifest.yaml"
		],
		"./.schema/provider-tool.json": [
			"/provider/*.yaml"
		],
		"./.schema/tool.json": [
			"/tools/brew.yaml"
		]
	},
	"yaml.yamlVersion": "1.1"
}
`
	got, err := os.ReadFile(filepath.Join(dir, ".vscode", "settings.json"))
	if diff := cmp.Diff(settings, string(got)); diff != "" || err != nil {
		t.Errorf("settings of the editor: %v (-want +got):\n%s", err, diff)
	}
	check(t, dir)
	goCommand(t, dir, nil, "vet", "./...")
	goCommand(t, dir, nil, "test", "./...")

	again := write(t, scaffold.Config{Dir: dir})
	const nothing = "The plugin tea has its Go side already, so nothing was written"
	if again.Report.Summary != nothing || len(again.Changes) > 0 || len(again.Report.Kept) > 0 {
		t.Errorf("again: %s, %v, kept %v", again.Report.Summary, again.Changes, again.Report.Kept)
	}
}

// TestAdoptModels makes the Go side of a provider of models in Python.
func TestAdoptModels(t *testing.T) {
	t.Parallel()
	dir := folder(t, module(t), "tea", teaPlugin)
	folder(t, dir, ".", map[string]string{
		"manifest.yaml": strings.ReplaceAll(teaPlugin["manifest.yaml"], "plugins: {tools: [provider/tea.yaml]}", "plugins: {models: [provider/tea.yaml]}"),
		"provider/tea.yaml": `provider: tea
label: {en_US: Tea}
supported_model_types: [llm]
configurate_methods: [predefined-model]
provider_credential_schema:
  credential_form_schemas:
    - {variable: api_key, type: secret-input, required: true, label: {en_US: API key}}
models: {llm: {predefined: [models/llm/*.yaml]}}
extra: {python: {provider_source: provider/tea.py, model_sources: [models/llm/llm.py]}}
`,
		"models/llm/green.yaml": "model: green\nlabel: {en_US: Green}\nmodel_type: llm\nmodel_properties: {mode: chat, context_size: 4096}\n",
	})
	result := write(t, scaffold.Config{Dir: dir})
	todo := []string{
		"provider/tea.go: ValidateProviderCredentials, LLM; today in provider/tea.py, models/llm/llm.py",
		"provider/tea.go: if the service speaks OpenAI's API, embed openai.Base of runtime/openai, and remove the methods that call models",
		"main.py, requirements.txt: remove with the last Python code; difygen package adds a main.py that starts the Go program",
		"manifest.yaml: raise version, so that the plugin in Go is an update of that in Python",
	}
	if diff := cmp.Diff(todo, result.Report.Todo); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	check(t, dir)
	goCommand(t, dir, nil, "test", "./...")
}

// TestAdoptOutdated checks that code which does not fit the YAML stays as it is.
func TestAdoptOutdated(t *testing.T) {
	t.Parallel()
	dir := folder(t, module(t), "tea", teaPlugin)
	write(t, scaffold.Config{Dir: dir})
	generated := filepath.Join(dir, "provider", "tea_dify.go")
	before, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	folder(t, dir, ".", map[string]string{"provider/tea.yaml": strings.ReplaceAll(teaPlugin["provider/tea.yaml"], "api_key", "token")})
	result := write(t, scaffold.Config{Dir: dir})
	after, err := os.ReadFile(generated)
	if err != nil || string(after) != string(before) {
		t.Errorf("%s has changed, %v", generated, err)
	}
	const want = "the generated code does not fit the YAML, and was left alone: run go generate ./..."
	if len(result.Report.Todo) == 0 || result.Report.Todo[0] != want {
		t.Errorf("what is left: %q", result.Report.Todo)
	}
}

// TestAdoptErrors checks that nothing is written beside YAML with errors.
func TestAdoptErrors(t *testing.T) {
	t.Parallel()
	dir := folder(t, module(t), "tea", teaPlugin)
	folder(t, dir, ".", map[string]string{"tools/brew.yaml": "identity: 1\n"})
	result, err := scaffold.New(scaffold.Config{Dir: dir})
	if err != nil || !result.Diagnostics.HasErrors() || len(result.Changes) > 0 {
		t.Errorf("got %v, %v", result, err)
	}
}

// TestCorpus makes the Go side of every real plugin, with a stand-in for each icon, and compiles
// those of which no method is missing.
func TestCorpus(t *testing.T) {
	t.Parallel()
	plugins := corpus.Declarations(t)
	dir := module(t)
	made, compiled := 0, 0
	var tested []string // only a few, since to link a test takes long
	for _, c := range plugins {
		at := filepath.Join(dir, filepath.FromSlash(c.Plugin))
		if err := os.CopyFS(at, os.DirFS(filepath.Join(corpus.Dir(t), filepath.FromSlash(c.Plugin)))); err != nil {
			t.Fatal(err)
		}
		loaded, diags, err := plugin.Load(os.DirFS(at))
		if err != nil || loaded == nil {
			t.Fatal(at, err, diags)
		}
		for _, icon := range loaded.Icons() {
			folder(t, at, "_assets", map[string]string{icon.Name: "icon"})
		}
		result, err := scaffold.New(scaffold.Config{Dir: at})
		if err != nil || result.Diagnostics.HasErrors() {
			t.Errorf("%s: %v, %v", c.Plugin, err, result)
			continue
		}
		made++
		if len(result.Report.Todo) == 0 && len(loaded.Providers) > 0 && loaded.Providers[0].Kind != model.KindTool {
			t.Errorf("%s: nothing is left to do", c.Plugin)
		}
		const needsMore = "without which it does not compile"
		if compiled >= 20 || made%10 != 0 || strings.Contains(result.Report.String(), needsMore) {
			if err := os.RemoveAll(at); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, scaffold.Config{Dir: at})
		if compiled++; compiled%5 == 0 {
			tested = append(tested, "./"+c.Plugin)
		}
	}
	t.Logf("%d of %d plugins are made, of which %d are compiled", made, len(plugins), compiled)
	if made < 262 || compiled < 10 {
		t.Errorf("only %d plugins are made, and %d compiled", made, compiled)
	}
	goCommand(t, dir, nil, "vet", "./...")
	goCommand(t, dir, nil, append([]string{"test"}, tested...)...)
}
