package model_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/difygen/difygen/model"
)

// FuzzLoad loads data as a provider of each kind.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "\x00", "a: &a [*a]", "? [a]\n: {b: c}", "<<: {? [a] : b}", "identity: {<<: {? {a: b} : c}}",
		header + "credentials_for_provider:\n  ? [x]\n  : {type: text-input}\n  <<: {a: {}}\n",
		header + "credentials_for_provider: &c\n  a: {<<: *c, default: *c}\n",
		header + "oauth_schema: {client_schema: [{name: a, type: select, options: [{value: 1}]}, null, 5]}\n",
		bomb() + "credentials_schema: [{name: a, default: *l8}]", doubling(40) + "<<: *a40\n", "plugins: &a {<<: [*a, *a]}\n",
		"subscription_constructor: {parameters: [{name: a, options: [{value: [1]}]}]}\n",
		"\xff\xfea\x00:\x00 \x001\x00",
		"# difygen:ignore url\n" + header + "credentials_schema: # difygen:ignore nameless-field, x -- y\n- 'a # difygen:ignore'\n- |\n  # difygen:ignore\n",
		"# difygen:name A\n" + header + "credentials_schema: [ # difygen:name é\n{name: a, type: select, options: [*b, # difygen:name B -- c\n{value: 1}]}] # difygen:name\n# difygen:name É\n",
		"provider_credential_schema: {credential_form_schemas: [{variable: a, type: select, options: [{value: 1, show_on: [{variable: a, value: 2}]}], show_on: [{}]}]}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range model.Kinds() {
			checkLoad(t, data, kind)
		}
		model.DetectKind(data)
	})
}

// FuzzLoadItem loads data as an item of each kind.
func FuzzLoadItem(f *testing.F) {
	for _, yaml := range acceptableFiles {
		f.Add([]byte(yaml))
	}
	for _, seed := range []string{
		"", "null", "[]", "\x00", "a: &a [*a]", "? [a]\n: {b: c}", "parameters: &p [{name: a, options: *p}]\n",
		"parameters: [{name: a, default: {1: .nan}, min: .inf, precision: 1.5, options: [{value: {}}, null, 5]}]\n",
		"output_schema: {a: {1: x}, 2: .nan, text: 1, properties: {json: {}}}\nmodel_properties: {1: {2: .inf}}\n",
		"parameter_rules: [{use_template: temperature}, {use_template: x, options: [1, yes, ~]}]\n",
		"pricing: {input: 1e99999999, unit: -.5e3, output: '0.10', currency: 1}\n",
		"<<: {path: a}\nmethod: &m get\nfeatures: [*m, *m, 1]\n", bomb() + "output_schema: *l8\n", doubling(40) + "<<: *a40\n",
		"# difygen:name A\nparameters:\n- name: a # difygen:name B\n  options: [{value: 1 # difygen:ignore option-value\n}]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range model.Kinds() {
			item, findings := model.LoadItem("i.yaml", data, kind)
			checkFindings(t, data, &findings, item != nil)
			if item == nil {
				continue
			}
			checkJSON(t, item.HostForm(), item.WireForm())
			if _, err := model.InspectItem(item); err != nil {
				t.Error(err)
			}
		}
		_, findings := model.LoadOrder("i.yaml", data)
		checkFindings(t, data, &findings, true)
	})
}

// FuzzLoadManifest loads data as a manifest.
func FuzzLoadManifest(f *testing.F) {
	f.Add([]byte(acceptableFiles["manifest"]))
	for _, seed := range []string{
		"", "null", "[]", "plugins: &a {<<: [*a, *a]}\n", "plugins: {tools: [a, ~, 5, '', [b]], models: x}\n", "created_at: 99999-01-01\n",
		"resource: {memory: -1, permission: {storage: {size: 1}, model: {llm: yes}}}\nmeta: {arch: [a, ~], runner: ~}\n",
		"created_at: 2026-01-31\nverified: true\ntags: [1, search, ~]\nrepo: '%zz'\nprivacy: 1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, findings := model.LoadManifest("manifest.yaml", data)
		loaded := !findings.HasErrors()
		if loaded {
			findings.Merge(m.Check())
			checkJSON(t, m.HostForm(), m.WireForm())
		}
		checkFindings(t, data, &findings, loaded)
	})
}

// checkJSON checks that encoding/json takes values.
func checkJSON(t *testing.T, values ...any) {
	t.Helper()
	if _, err := json.Marshal(values); err != nil {
		t.Error(err)
	}
}

// checkFindings checks that what could not be loaded has an error, and that every diagnostic
// is on one line and has a position in the file.
func checkFindings(t *testing.T, data []byte, findings *model.Findings, loaded bool) {
	t.Helper()
	if !loaded && !findings.HasErrors() {
		t.Error("nothing is loaded, and no error")
	}
	lines := 2
	if bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\xff\xfe")) {
		lines += len(data) / 2 // UTF-16: each character could end a line
	}
	for _, end := range []string{"\n", "\r", "\u2028", "\u2029", "\u0085"} {
		lines += strings.Count(string(data), end)
	}
	for _, d := range findings.Settle() {
		if d.Pos.Line < 1 || d.Pos.Line > lines || d.Pos.Column < 1 || strings.ContainsAny(d.String(), "\r\n\x1b") {
			t.Errorf("bad diagnostic %q in %d lines", d, lines)
		}
	}
}

// checkLoad loads data as a kind of provider. Whatever it is, Load must return a provider
// or errors, each on one line and with a position in the file.
func checkLoad(t *testing.T, data []byte, kind model.Kind) {
	t.Helper()
	p, findings, err := model.Load("p.yaml", data, kind)
	if err != nil {
		t.Fatal(err)
	}
	checkFindings(t, data, &findings, p != nil)
	if p != nil {
		checkJSON(t, p.HostForm(), p.WireForm())
		if _, err := model.Inspect([]*model.Provider{p}); err != nil {
			t.Error(err)
		}
	}
}
