package plugin_test

import (
	"encoding/json"
	"testing"

	"github.com/difygen/difygen/internal/plugin"
)

// FuzzLoad loads any files. Load must report an error, or return what JSON can encode.
func FuzzLoad(f *testing.F) {
	for i, kind := range []string{"tools", "models", "endpoints", "agent_strategies", "datasources", "triggers"} {
		f.Add(manifest, tool, "identity: {name: a}\n", byte(i))
		f.Add("a: &a [*a]\n", "x: &x {<<: *x, "+kind+": [*x]}", "? {a: b}\n: .nan\n", byte(i))
	}
	f.Add(manifest, "provider: p\nmodels: {llm: {predefined: ['tools/*.yaml'], position: tools/a.yaml}}", "[a, b, {c: d}]", byte(1))
	f.Fuzz(func(t *testing.T, manifest, provider, item string, kind byte) {
		keys := []string{"tools", "models", "endpoints", "agent_strategies", "datasources", "triggers"}
		manifest += "\nplugins: {" + keys[int(kind)%len(keys)] + ": [p.yaml]}\n"
		loaded, diags, err := plugin.Load(files("manifest.yaml", manifest, "p.yaml", provider, "tools/a.yaml", item, "tools/b.yaml", item))
		if err != nil {
			t.Fatal(err)
		}
		if loaded == nil {
			if !diags.HasErrors() {
				t.Error("no plugin, and no error")
			}
			return
		}
		forms := []any{loaded.HostForm(), loaded.WireForm()}
		for _, p := range loaded.Providers {
			forms = append(forms, p.WireForm())
		}
		if _, err := json.Marshal(forms); err != nil {
			t.Error(err)
		}
		loaded.Icons()
	})
}
