package golangci_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/difygen/difygen/internal/analyzers"

	_ "github.com/difygen/difygen/golangci"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conf    any
		without int
		err     string
	}{
		"none":     {nil, 0, ""},
		"empty":    {map[string]any{}, 0, ""},
		"disabled": {map[string]any{"disable": []any{"stdout", "notimplemented"}}, 2, ""},
		"unknown":  {map[string]any{"disable": []any{"stdin"}}, 0, `the settings of difygen: there is no analyzer "stdin" to disable`},
		"another":  {map[string]any{"enable": []any{"stdout"}}, 0, `the settings of difygen: decoding settings: json: unknown field "enable"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			build, err := register.GetPlugin("difygen")
			if err != nil {
				t.Fatal(err)
			}
			plugin, err := build(test.conf)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all, err := plugin.BuildAnalyzers()
			if err != nil || len(all) != len(analyzers.All())-test.without || plugin.GetLoadMode() != register.LoadModeTypesInfo {
				t.Errorf("%d analyzers, %v, mode %s", len(all), err, plugin.GetLoadMode())
			}
		})
	}
}
