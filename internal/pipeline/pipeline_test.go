package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
)

const key = `identity: {author: a, name: key, label: {en_US: Key}, description: {en_US: D}, icon: i.svg}
credentials_for_provider:
  api_key: {type: secret-input, required: true, label: {en_US: API key}}
`

func write(tb testing.TB, dir, name, content string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// apply makes changes in a folder.
func apply(tb testing.TB, dir string, changes []commit.Change) {
	tb.Helper()
	folder, err := commit.Open(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	defer folder.Close()
	if err := folder.Apply(tb.Context(), changes); err != nil {
		tb.Fatal(err)
	}
}

// TestErrorsChangeNothing checks that nothing changes if one of two providers is wrong.
func TestErrorsChangeNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "good.yaml", key)
	write(t, dir, "bad.yaml", "credentials_for_provider: [a]\n")
	result, err := pipeline.Run(pipeline.Config{Dir: dir, Files: []string{"good.yaml", "bad.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Diagnostics.HasErrors() || len(result.Changes) > 0 {
		t.Errorf("got %v and %d changes", result.Diagnostics, len(result.Changes))
	}
}

// TestErrorsOfOtherProviders names one file of a plugin with providers of two kinds. If
// another provider cannot be read or loaded, its names are not known, so that is reported
// and nothing changes.
func TestErrorsOfOtherProviders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ trigger, want string }{
		"missing":    {"", "manifest.yaml:1:41: error: provider file trigger.yaml: file does not exist"},
		"not loaded": {"identity: [", "trigger.yaml:1:11: error: not YAML: the [ opened here is not closed"},
		"a warning":  {"identity: {author: a, name: key, icon: i.svg, description: {en_US: D}, unknown: 1}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "manifest.yaml", "plugins: {tools: [key.yaml], triggers: [trigger.yaml]}\n")
			write(t, dir, "key.yaml", key)
			if test.trigger != "" {
				write(t, dir, "trigger.yaml", test.trigger)
			}
			result, err := pipeline.Run(pipeline.Config{Dir: dir, Files: []string{"key.yaml"}})
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(result.Diagnostics) > 0 || len(result.Changes) == 0 {
					t.Errorf("got %v and %d changes", result.Diagnostics, len(result.Changes))
				}
				return
			}
			if len(result.Diagnostics) != 1 || !strings.HasPrefix(result.Diagnostics[0].String(), test.want) || len(result.Changes) > 0 {
				t.Errorf("got %v and %d changes, want %s", result.Diagnostics, len(result.Changes), test.want)
			}
		})
	}
}

// TestSameBytesEverywhere generates one plugin in two folders, once from its manifest and
// once from the named file.
func TestSameBytesEverywhere(t *testing.T) {
	t.Parallel()
	var outputs []map[string]string
	for _, cfg := range []pipeline.Config{{}, {Files: []string{"provider/key.yaml"}}} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "provider"), 0o750); err != nil {
			t.Fatal(err)
		}
		write(t, dir, "manifest.yaml", "plugins: {tools: [./provider/key.yaml]}\n")
		write(t, dir, "provider/key.yaml", key)
		cfg.Dir, cfg.Package = dir, "p"
		result, err := pipeline.Run(cfg)
		if err != nil {
			t.Fatal(err)
		}
		files := make(map[string]string)
		for _, c := range result.Changes {
			files[c.Name] = string(c.New)
		}
		outputs = append(outputs, files)
	}
	if len(outputs[0]) != 2 {
		t.Errorf("got %d files, want 2", len(outputs[0]))
	}
	if diff := cmp.Diff(outputs[0], outputs[1]); diff != "" {
		t.Errorf("outputs differ:\n%s", diff)
	}
}

// TestGeneratedCheckoutWithCRLF checks that files with converted line endings are up to
// date.
func TestGeneratedCheckoutWithCRLF(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "key.yaml", key)
	cfg := pipeline.Config{Dir: dir, Files: []string{"key.yaml"}}
	result, err := pipeline.Run(cfg)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, dir, result.Changes)
	for _, c := range result.Changes {
		write(t, dir, c.Name, strings.ReplaceAll(string(c.New), "\n", "\r\n"))
	}
	again, err := pipeline.Run(cfg)
	if err != nil || len(again.Changes) > 0 {
		t.Errorf("got %v, %v", again.Changes, err)
	}
}
