package yamlls_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/scaffold"
	"github.com/difygen/difygen/internal/test/lsp"
	"github.com/difygen/difygen/internal/test/yamlls"
)

// proposals is what the server proposes at the cursor in a text.
type proposals struct {
	file, text string
	all        []string // the labels, in order; nil if only what follows counts
	some       []string // labels among others
	never      []string
	docs       map[string]string // of labels
	inserts    map[string]string // by label
}

// completions are places in files, in which each is new.
var completions = map[string]proposals{
	"keys of a provider": {
		file: "provider-tool/keys.yaml", text: "‸\n",
		some: []string{"identity", "credentials_for_provider", "credentials_schema", "oauth_schema", "tools", "extra", "meta"},
		docs: map[string]string{"oauth_schema": "What is needed for a user to connect the service with OAuth instead of a key."},
	},
	"keys of a provider of any kind": {
		file: "provider/keys.yaml", text: "‸\n",
		some: []string{"identity", "tools", "supported_model_types", "settings", "strategies", "provider_type", "subscription_schema"},
	},
	"keys that are not there yet": {
		file: "provider-tool/identity.yaml", text: "identity:\n  author: me\n  ‸\n",
		some: []string{"name", "icon", "label"}, never: []string{"author", "api_key"},
		inserts: map[string]string{"name": "name: ", "label": "label:\n  en_US: "},
	},
	"any text": {file: "provider-tool/text.yaml", text: "identity:\n  author: ‸\n", all: []string{}},
	"types of credentials": {
		file: "provider-tool/types.yaml", text: "credentials_for_provider:\n  key:\n    type: ‸\n",
		all:  []string{"secret-input", "text-input", "select", "boolean", "app-selector", "model-selector", "array[tools]"},
		docs: map[string]string{"secret-input": "A secret, such as a key or a password. Dify stores it encrypted and shows it masked."},
	},
	"types of a model's credentials": {
		file: "provider-model/types.yaml", text: "model_credential_schema:\n  credential_form_schemas:\n    - variable: a\n      type: ‸\n",
		all: []string{"secret-input", "text-input", "select", "radio", "switch"},
	},
	"types of a tool's parameters": {
		file: "tool/types.yaml", text: "parameters:\n  - name: a\n    type: ‸\n",
		all: []string{
			"secret-input", "string", "number", "select", "boolean", "file", "files", "app-selector", "model-selector", "object", "array",
			"dynamic-select", "checkbox", "any", "date", "date-range",
		},
	},
	"types of a subscription's parameters, in a provider of any kind": {
		file: "provider/types.yaml", text: "events: []\nsubscription_constructor:\n  parameters:\n    - name: a\n      type: ‸\n",
		some: []string{"string", "checkbox"}, never: []string{"secret-input", "date"},
	},
	"types of a model's parameters": {
		file: "model/types.yaml", text: "parameter_rules:\n  - name: a\n    type: ‸\n", all: []string{"string", "boolean", "float", "int", "text"},
	},
	"a boolean": {
		file: "provider-tool/boolean.yaml", text: "credentials_for_provider:\n  key:\n    required: ‸\n", all: []string{"true", "false"},
	},
	"the default of a boolean": {
		file: "tool/boolean.yaml", text: "parameters:\n  - name: a\n    type: boolean\n    default: ‸\n", all: []string{"true", "false"},
	},
	"types of data sources": {
		file: "provider-datasource/type.yaml", text: "provider_type: ‸\n", all: []string{"website_crawl", "online_document", "online_drive"},
		docs: map[string]string{"online_drive": "Files of a drive, in folders. In Go, a data source docs has the methods DocsBrowse and DocsDownload."},
	},
	"types of an event's parameters": {
		file: "event/types.yaml", text: "parameters:\n  - name: a\n    type: ‸\n",
		some: []string{"string", "number", "dynamic-select", "checkbox", "model-selector"}, never: []string{"secret-input", "any", "array[tools]"},
	},
	"keys of an event": {
		file: "event/keys.yaml", text: "‸\n", some: []string{"identity", "description", "parameters", "output_schema"}, never: []string{"features"},
		docs: map[string]string{"description": "When the event happens."},
	},
	"types of a strategy's parameters": {
		file: "strategy/types.yaml", text: "parameters:\n  - name: a\n    type: ‸\n",
		all: []string{"secret-input", "string", "number", "select", "boolean", "file", "files", "app-selector", "model-selector", "array[tools]", "any"},
	},
	"features of a strategy": {
		file: "strategy/features.yaml", text: "features:\n  - ‸\n", all: []string{"history-messages"},
	},
	"which models an agent can have": {
		file: "strategy/scope.yaml", text: "parameters:\n  - name: a\n    type: model-selector\n    scope: ‸\n", some: []string{"llm", "tool-call"}, never: []string{"workflow"},
	},
	"keys of a provider of strategies": {
		file: "provider-agent-strategy/keys.yaml", text: "‸\n", some: []string{"identity", "strategies"}, never: []string{"credentials_for_provider", "oauth_schema"},
	},
	"keys of a trigger": {
		file: "provider-trigger/keys.yaml", text: "‸\n", some: []string{"identity", "subscription_schema", "subscription_constructor", "events"},
	},
	"methods of an endpoint": {
		file: "endpoint/method.yaml", text: "path: /a\nmethod: ‸\n", all: []string{"HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS"},
	},
	"a scope by the type": {
		file: "provider-tool/scope.yaml", text: "credentials_for_provider:\n  key:\n    type: app-selector\n    scope: ‸\n",
		all: []string{"all", "chat", "workflow", "completion"},
	},
	"who sets a parameter": {
		file: "tool/form.yaml", text: "parameters:\n  - name: a\n    form: ‸\n", all: []string{"llm", "form", "schema"},
		docs: map[string]string{"llm": "A language model sets it when it calls the tool."},
	},
	"keys of an option": {
		file: "tool/option.yaml", text: "parameters:\n  - name: a\n    type: select\n    options:\n      - ‸\n", some: []string{"value", "label", "icon"},
	},
	"a tag": {
		file: "manifest/tags.yaml", text: "tags:\n  - ‸\n", some: []string{"agent", "weather"},
	},
	"an architecture": {file: "manifest/arch.yaml", text: "meta:\n  arch:\n    - ‸\n", all: []string{"amd64", "arm64"}},
	"the type of an output": {
		file: "tool/output.yaml", text: "output_schema:\n  properties:\n    a:\n      type: ‸\n", some: []string{"string", "integer", "array"},
	},
	"a template": {
		file: "model/template.yaml", text: "parameter_rules:\n  - name: a\n    use_template: ‸\n", some: []string{"temperature", "top_p"},
	},
	"a field to start with": {
		file: "provider-tool/field.yaml", text: "credentials_for_provider:\n  ‸\n", all: []string{"field"},
		inserts: map[string]string{"field": "${1:api_key}:\n  type: ${2:secret-input}\n  required: ${3:true}\n  label:\n    en_US: ${4:API key}"},
	},
	"an option to start with": {
		file: "tool/options.yaml", text: "parameters:\n  - name: a\n    type: select\n    options:\n      ‸\n", all: []string{"- option"},
		inserts: map[string]string{"- option": "\n  - value: ${1:value}\n    label:\n      en_US: ${2:Label}"},
	},
	"what a parameter must have": {
		file: "tool/parameter.yaml", text: "parameters:\n  - ‸\n", some: []string{"name", "type", "label", "form"},
	},
}

// TestCompletion checks what an editor proposes.
func TestCompletion(t *testing.T) {
	t.Parallel()
	ctx, client := start(t, "1.1")
	for name, c := range completions {
		items, err := client.Complete(ctx, c.file, c.text)
		if err != nil {
			t.Fatal(err)
		}
		labels := []string{}
		byLabel := make(map[string]lsp.Item)
		for _, item := range items {
			labels = append(labels, item.Label)
			byLabel[item.Label] = item
		}
		if c.all != nil {
			if diff := cmp.Diff(c.all, labels); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		for _, label := range c.some {
			if !slices.Contains(labels, label) {
				t.Errorf("%s: the server does not propose %s, but %v", name, label, labels)
			}
		}
		for _, label := range c.never {
			if slices.Contains(labels, label) {
				t.Errorf("%s: the server proposes %s", name, label)
			}
		}
		for label, want := range c.docs {
			if got := byLabel[label].Documentation.Value; got != want {
				t.Errorf("%s: %s is explained by %q, want %q", name, label, got, want)
			}
		}
		for label, want := range c.inserts {
			if got := byLabel[label].InsertText; got != want {
				t.Errorf("%s: %s inserts %q, want %q", name, label, got, want)
			}
		}
	}
}

// TestHover checks what an editor shows of keys and values.
func TestHover(t *testing.T) {
	t.Parallel()
	ctx, client := start(t, "1.1")
	for name, c := range map[string]struct {
		file, text string
		wants      []string
	}{
		"a section":   {"provider-tool/section.yaml", "credentials_for_pro‸vider:\n  key:\n    required: true\n", []string{"What a user enters to connect the service", "Dify provider tool"}},
		"a struct":    {"provider-tool/struct.yaml", "iden‸tity:\n  author: me\n", []string{"What the provider is called, and how it is shown."}},
		"a text":      {"provider-tool/text.yaml", "identity:\n  au‸thor: me\n", []string{"#### identity", "Who made it, as in the manifest."}},
		"a label":     {"provider-tool/label.yaml", "credentials_for_provider:\n  key:\n    la‸bel: {en_US: Key}\n", []string{"The name of the field that users see."}},
		"a language":  {"provider-tool/language.yaml", "identity:\n  label:\n    en‸_US: Key\n", []string{"The text in English."}},
		"a boolean":   {"provider-tool/boolean.yaml", "credentials_for_provider:\n  key:\n    requi‸red: true\n", []string{"Whether users must enter a value; false if it is not given."}},
		"a type":      {"provider-tool/type.yaml", "credentials_for_provider:\n  key:\n    ty‸pe: select\n", []string{"The type of the value.", "* `select`: One of the options", "* `secret-input`: A secret"}},
		"a scope":     {"tool/scope.yaml", "parameters:\n  - type: model-selector\n    sco‸pe: llm\n", []string{"What a selector offers", "* `rerank`"}},
		"a parameter": {"tool/name.yaml", "parameters:\n  - na‸me: a\n", []string{"#### tool parameter", "by which the plugin gets the value"}},
		"a condition": {"provider-model/condition.yaml", "provider_credential_schema:\n  credential_form_schemas:\n    - show_on:\n        - vari‸able: a\n", []string{`The field that must have the value, or \_\_model\_type`}},
		"a number":    {"manifest/number.yaml", "resource:\n  mem‸ory: 1\n", []string{"The memory that the plugin may use, in bytes"}},
		"a path":      {"endpoint/path.yaml", "pa‸th: /ask\nmethod: GET\n", []string{"The path of the requests", `/items/\<int:id>`}},
		"a method":    {"endpoint/method.yaml", "path: /ask\nmet‸hod: GET\n", []string{"The method of the requests.", "* `GET`: Requests that change nothing. The endpoint answers HEAD, too."}},
		"by the kind": {"provider/kind.yaml", "events: []\nsubscription_sc‸hema:\n  - name: a\n", []string{"What a subscription consists of"}},
	} {
		got, err := client.Hover(ctx, c.file, c.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the server does not show %q:\n%s", name, want, got)
			}
		}
	}
}

// TestDiagnostics checks the words of what the server reports.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.1", "1.2"} {
		ctx, client := start(t, version)
		n := 0
		for text, want := range map[string]string{
			"credentials_for_provider:\n  key: {type: text-input, label: {en_US: A}, required: yes}\n":      "",
			"credentials_for_provider:\n  key: {type: text-input, label: {en_US: A}, required: 1}\n":        `Incorrect type. Expected "boolean".`,
			"credentials_for_provider:\n  key: {type: text-input, label: {en_US: A}, required: \"true\"}\n": `Incorrect type. Expected "boolean".`,
			"credentials_for_provider:\n  key: {type: text-input, label: {en_US: A}, url: todo}\n":          "It must be a link that a browser can open, such as https://example.com/keys.",
			"credentials_for_provider:\n  key: {type: text-input, label: {en_US: A}, scope: llm}\n":         "Only a selector has a scope.",
			"credentials_for_provider:\n  key: {type: text-input, label: A}\n":                              `Incorrect type. Expected "text by language".`,
			"credentials_for_provider:\n  key: {type: text-input, label: {zh_CN: A, en_US: A}}\n":           "Property zh_CN is not allowed.",
			"credentials_for_provider:\n  key: {type: select, label: {en_US: A}}\n":                         `Missing property "options".`,
			"credentials_for_provider:\n  key: {type: secret-input, default: a, label: {en_US: A}}\n":       "A secret has no default: it would be published with the plugin.",
			"credentials_for_provider:\n  key: {type: boolean, default: \"true\", label: {en_US: A}}\n":     `Incorrect type. Expected "boolean".`,
		} {
			const identity = "identity: {author: a, name: a, icon: a, label: {en_US: a}, description: {en_US: a}}\n"
			n++
			if got := reported(ctx, t, client, fmt.Sprintf("provider-tool/%d.yaml", n), identity+text); got != want {
				t.Errorf("YAML %s, %s: the server reports %q, want %q", version, text, got, want)
			}
		}
	}
}

// reported returns the messages of the server about a file.
func reported(ctx context.Context, t *testing.T, client *lsp.Client, file, text string) string {
	t.Helper()
	if err := client.Edit(file, text); err != nil {
		t.Fatal(err)
	}
	found, err := client.Diagnostics(ctx, file, func([]lsp.Diagnostic) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for _, d := range found {
		messages = append(messages, d.Message)
	}
	return strings.Join(messages, " ")
}

// TestManifestDiagnostics breaks one line of a manifest at a time.
func TestManifestDiagnostics(t *testing.T) {
	t.Parallel()
	ctx, client := start(t, "1.1")
	const manifest = `version: 0.1.0
type: plugin
author: 007
name: "true"
label: {en_US: A}
description: {en_US: A}
icon: a.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 1}
plugins: {tools: [a.yaml], endpoints: [b.yaml]}
meta: {version: 0.0.1, arch: [amd64], runner: {language: python, version: "3.12", entrypoint: main}}
`
	for i, test := range []struct{ old, now, want string }{
		{"", "", ""},
		{"version: 0.1.0", "version: 0.1", `Incorrect type. Expected "string".`},
		{"author: 007", "author: 0.7", `Incorrect type. Expected "integer".`},
		{"author: 007", "author: true", ""},
		{"[a.yaml]", "[a.yaml, c.yaml]", "Array has too many items. Expected 1 or fewer."},
		{"[a.yaml]", "[" + strings.Repeat("a", 129) + "]", "String is longer than the maximum length of 128."},
		{"plugins: {tools: [a.yaml], endpoints: [b.yaml]}\n", "", `Missing property "plugins".`},
		{"{tools: [a.yaml], endpoints: [b.yaml]}", "{}", "One of these is needed: tools, models, endpoints, agent_strategies, datasources, triggers."},
		{"{tools: [a.yaml], endpoints: [b.yaml]}", "{endpoints: []}", "Array has too few items. Expected 1 or more."},
		{"{tools: [a.yaml], endpoints: [b.yaml]}", "", `Incorrect type. Expected "plugins".`},
	} {
		text := strings.Replace(manifest, test.old, test.now, 1)
		if got := reported(ctx, t, client, fmt.Sprintf("manifest/%d.yaml", i), text); got != test.want {
			t.Errorf("%q in place of %q: the server reports %q, want %q", test.now, test.old, got, test.want)
		}
	}
}

// TestPathDiagnostics checks which paths of endpoints the server reports.
func TestPathDiagnostics(t *testing.T) {
	t.Parallel()
	ctx, client := start(t, "1.1")
	const wrong = "It must be a path such as /ask or /items/<int:id>."
	for i, test := range []struct{ path, want string }{
		{"/", ""},
		{"/a/<b>/<int(min=1):c>-<any(x, 'y'):d>/e", ""},
		{"/<path:file>/raw", ""},
		{"ask", wrong},
		{"/<id", wrong},
		{"/<integer:id>", wrong},
		{"/<int:2>", wrong},
		{"7", `Incorrect type. Expected "string".`},
	} {
		text := fmt.Sprintf("method: GET\npath: %s\n", test.path)
		if got := reported(ctx, t, client, fmt.Sprintf("endpoint/%d.yaml", i), text); got != test.want {
			t.Errorf("%s: the server reports %q, want %q", test.path, got, test.want)
		}
	}
}

// TestModeline checks that the server finds the schemas that a file names in a comment.
func TestModeline(t *testing.T) {
	t.Parallel()
	ctx, client := start(t, "1.1")
	const text = "# yaml-language-server: $schema=../.schema/provider-endpoint.json\nsettings: 1\n"
	if err := client.Edit("elsewhere/endpoints.yaml", text); err != nil {
		t.Fatal(err)
	}
	found, err := client.Diagnostics(ctx, "elsewhere/endpoints.yaml", func([]lsp.Diagnostic) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Line != 2 || !strings.HasPrefix(found[0].Message, "Incorrect type.") {
		t.Errorf("the server reports %v", found)
	}
}

// TestNewPlugins opens the YAML of new plugins of every kind, as it is and without the first
// lines, which name the schemas: the settings do so, too. The server must have nothing to say,
// until a key is wrong.
func TestNewPlugins(t *testing.T) {
	t.Parallel()
	program := server(t)
	for _, kind := range scaffold.Words() {
		dir := t.TempDir()
		made, err := scaffold.New(scaffold.Config{Dir: dir, Kind: kind, Name: "weather", Author: "you", Version: "v1.0.0", Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		target, err := commit.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer target.Close()
		if err := target.Apply(t.Context(), made.Changes); err != nil {
			t.Fatal(err)
		}
		client, err := yamlls.StartPlugin(t.Context(), program, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		opened := 0
		for _, c := range made.Changes {
			if filepath.Ext(c.Name) != ".yaml" {
				continue
			}
			text := string(c.New)
			_, unnamed, _ := strings.Cut(text, "\n")
			wrong := strings.Replace(unnamed, "en_US:", "en_us:", 1)
			for text, isWrong := range map[string]bool{text: false, unnamed: false, wrong: wrong != unnamed} {
				if found := reported(t.Context(), t, client, c.Name, text); isWrong != (found != "") {
					t.Errorf("%s, %s, wrong %t: the server reports %q", kind, c.Name, isWrong, found)
				}
			}
			position := filepath.Join(filepath.Dir(c.Name), "_position.yaml")
			if found := reported(t.Context(), t, client, position, "- small\n"); filepath.Dir(c.Name) == filepath.Join("models", "llm") && found != "" {
				t.Errorf("%s, %s: the server reports %q", kind, position, found)
			}
			opened++
		}
		if opened < 3 {
			t.Errorf("%s: %d YAML files", kind, opened)
		}
	}
}
