package plugin_test

import (
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// TestCorpusDeclarations declares every real plugin. The host would refuse none, and the
// declarations have the fields that it decodes from the YAML.
func TestCorpusDeclarations(t *testing.T) {
	t.Parallel()
	root := os.DirFS(corpus.Dir(t))
	decoded := make(map[string]corpus.Case)
	for _, c := range corpus.Cases(t, "tool", "model", "datasource", "trigger", "endpoint") {
		decoded[c.File] = c
	}
	manifests, err := fs.Glob(root, "plugins/*/*/"+plugin.ManifestName)
	if err != nil || len(manifests) == 0 {
		t.Fatal("no plugins", err)
	}
	for _, m := range manifests {
		dir := path.Dir(m)
		sub, err := fs.Sub(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		loaded, diags, err := plugin.Load(sub)
		if err != nil || loaded == nil {
			t.Errorf("%s: %v, %v", dir, err, diags)
			continue
		}
		for _, p := range loaded.Providers {
			checkFields(t, decoded[path.Join(dir, p.File)], p)
		}
	}
}

// sectionPaths are the keys that lead to the sections in a declaration.
var sectionPaths = map[string][]string{
	"credentials": {"credentials_schema"}, "oauth_client": {"oauth_schema", "client_schema"},
	"oauth_credentials":    {"oauth_schema", "credentials_schema"},
	"provider_credentials": {"provider_credential_schema", "credential_form_schemas"},
	"model_credentials":    {"model_credential_schema", "credential_form_schemas"},
	"subscription":         {"subscription_schema"}, "settings": {"settings"},
	"parameters": {"subscription_constructor", "parameters"},
}

func checkFields(t *testing.T, want corpus.Case, p plugin.Declared) {
	t.Helper()
	for section, fields := range want.Decoded {
		keys := sectionPaths[section]
		if p.Kind == model.KindTrigger && keys[0] != "subscription_schema" && keys[0] != "subscription_constructor" {
			keys = append([]string{"subscription_constructor"}, keys...)
		}
		var v any = p.WireForm()
		for _, key := range keys {
			m, _ := v.(map[string]any)
			v = m[key]
		}
		list, _ := v.([]any)
		type field struct {
			Name, Type string
			Required   bool
		}
		var declared, decoded []field
		for _, item := range list {
			m, _ := item.(map[string]any)
			name, _ := m["name"].(string)
			if variable, ok := m["variable"].(string); ok {
				name = variable
			}
			typ, _ := m["type"].(string)
			required, _ := m["required"].(bool)
			declared = append(declared, field{name, typ, required})
		}
		for _, f := range fields {
			decoded = append(decoded, field{f.Name, f.Type, f.Required})
		}
		if diff := cmp.Diff(decoded, declared); diff != "" {
			t.Errorf("%s: %s (-host +declared):\n%s", p.File, section, diff)
		}
	}
}

// TestHostForms compares every real plugin with what the host extracts from its folder.
func TestHostForms(t *testing.T) {
	t.Parallel()
	root := os.DirFS(corpus.Dir(t))
	for _, c := range corpus.Declarations(t) {
		sub, err := fs.Sub(root, c.Plugin)
		if err != nil {
			t.Fatal(err)
		}
		loaded, diags, err := plugin.Inspect(sub, func(file string) string { return file })
		if err != nil || diags.HasErrors() {
			t.Errorf("%s: %v, %v", c.Plugin, err, diags)
			continue
		}
		if diff := cmp.Diff(corpus.Normal(t, c.Declaration), corpus.Normal(t, loaded.HostForm())); diff != "" {
			t.Errorf("%s (-host +difygen):\n%s", c.Plugin, diff)
		}
	}
}
