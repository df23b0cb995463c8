package model_test

import (
	"testing"

	"github.com/difygen/difygen/model"
)

func TestPluginID(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"{author: a-1, name: b_2}":         "a-1/b_2",
		"{author: &x a, name: *x}":         "a/a",
		"{name: b}":                        "",
		"{author: a}":                      "",
		"{author: a/b, name: c}":           "",
		"{author: Jane Doe, name: c}":      "",
		"{author: [a], name: c}":           "",
		"{author: a, name: c, plugins: 1}": "",
		"[":                                "",
		"":                                 "",
	} {
		m, _ := model.LoadManifest("manifest.yaml", []byte(data))
		if got := m.PluginID(); got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}
