package difytest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// TestStale checks that the test of a plugin fails whose YAML has changed.
func TestStale(t *testing.T) {
	sum := sha256.Sum256([]byte("name: x\n"))
	d := serve.Declaration{Author: "a", Name: "n", Version: "0.0.1", Manifest: "{}", Sources: map[string]string{
		"manifest.yaml": hex.EncodeToString(sum[:]), "tools/forecast.yaml": hex.EncodeToString(sum[:]),
	}}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"unchanged", map[string]string{"manifest.yaml": "name: x\n", "tools/forecast.yaml": "name: x\r\n"}, nil},
		{"not a plugin's folder", map[string]string{"tools/forecast.yaml": "name: y\n"}, nil},
		{
			"changed", map[string]string{"manifest.yaml": "name: x\n", "tools/forecast.yaml": "name: y\n"},
			[]string{"tools/forecast.yaml has changed since the code was generated: run go generate"},
		},
		{
			"both", map[string]string{"manifest.yaml": "name: y\n"},
			[]string{"manifest.yaml, tools/forecast.yaml have changed since the code was generated: run go generate"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			for name, data := range test.files {
				path := filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				difytest.Start(tb, serve.NewPlugin(d, nil))
			})
			if diff := cmp.Diff(test.want, errs); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
		})
	}
}
