package pipeline_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/testmodule"
	"github.com/difygen/difygen/model"
)

// TestWholeCorpus generates every real plugin as a whole, with a stand-in for each icon and for
// each method that its author would add, and compares what it declares with what the host
// extracts from its folder. It checks the code, and sends random parameters to every tool,
// data source, strategy, event and language model, and webhooks with random variables to every event.
func TestWholeCorpus(t *testing.T) {
	t.Parallel()
	plugins := corpus.Declarations(t)
	module := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(root, module); err != nil {
		t.Fatal(err)
	}
	tools, models, triggers := make([][]boundTool, len(plugins)), make([][]boundModels, len(plugins)), make([][]boundTrigger, len(plugins))
	var datasources atomic.Int64
	t.Run("plugins", func(t *testing.T) {
		for i, c := range plugins {
			t.Run(c.Plugin, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(module, filepath.FromSlash(c.Plugin))
				if err := os.CopyFS(dir, os.DirFS(filepath.Join(corpus.Dir(t), filepath.FromSlash(c.Plugin)))); err != nil {
					t.Fatal(err)
				}
				loaded := addIcons(t, dir)
				generateWhole(t, dir)
				checkDeclaration(t, dir, c)
				importPath := path.Join("example.com/plugin", c.Plugin)
				datasources.Add(checkDatasources(t, dir, loaded))
				tools[i], models[i] = toolsOf(t, importPath, dir, loaded), modelsOf(t, importPath, dir, loaded, c)
				triggers[i] = triggersOf(importPath, loaded)
			})
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	all, allModels := slices.Concat(tools...), slices.Concat(models...)
	t.Logf("%d plugins, %d tools, data sources, strategies and events with parameters, %d data sources, %d providers of models", len(plugins), len(all), datasources.Load(), len(allModels))
	if datasources.Load() == 0 {
		t.Error("no data source is bound to a method")
	}
	writeParameterProgram(t, module, all)
	writeModelProgram(t, module, allModels)
	checkModule(t, module)
	vetModule(t, root, module)
	callStrategy(t, module)
	sendParameters(t, module, all)
	sendModels(t, module, allModels)
	sendEvents(t, module, slices.Concat(triggers...))
	callTrigger(t, module)
}

// runWhole runs the pipeline in the folder of a plugin.
func runWhole(t *testing.T, dir string) *pipeline.Result {
	t.Helper()
	result, err := pipeline.Run(pipeline.Config{Dir: dir})
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, d := range result.Diagnostics {
		if d.Severity == model.SeverityError || slices.Contains([]model.Rule{model.RuleEndpointPath, model.RuleUnsetOutput, model.RuleOutputType}, d.Rule) { // no real plugin means these
			t.Fatalf("%s: %v", dir, d)
		}
	}
	return result
}

// generateWhole generates a plugin in its folder, and adds stand-ins for the methods that its
// types lack. A later run finds the same and has nothing to do.
func generateWhole(t *testing.T, dir string) {
	t.Helper()
	first := runWhole(t, dir)
	apply(t, dir, first.Changes)
	again := runWhole(t, dir)
	if diff := cmp.Diff(first.Missing, again.Missing); diff != "" {
		t.Errorf("%s: two runs say that other methods are missing:\n%s", dir, diff)
	}
	if len(again.Missing) > 0 {
		addMethods(t, dir, again.Missing)
		again = runWhole(t, dir)
	}
	if len(again.Changes)+len(again.Missing)+len(again.Kept) > 0 {
		t.Errorf("%s: a later run changes %v, lacks %v and keeps %v", dir, again.Changes, again.Missing, again.Kept)
	}
	if diff := cmp.Diff(lines(first.Diagnostics), lines(again.Diagnostics)); diff != "" {
		t.Errorf("%s: two runs differ:\n%s", dir, diff)
	}
}

func lines(diags model.Diagnostics) []string {
	list := make([]string, len(diags))
	for i, d := range diags {
		list[i] = d.String()
	}
	return list
}

// addMethods adds the methods that types lack, each to the package of its type, and embeds the
// OAuth flow that a function needs.
func addMethods(t *testing.T, dir string, missing []pipeline.Missing) {
	t.Helper()
	imports := []string{
		"context", "net/http", "golang.org/x/oauth2",
		"github.com/difygen/difygen/runtime", "github.com/difygen/difygen/runtime/authcode",
	}
	methods := make(map[string]string)
	for _, m := range missing {
		if len(m.Fields) > 0 { // the stub has the others
			file := filepath.Join(dir, m.File)
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			embedded := strings.Replace(string(src), "type "+m.Type+" struct {\n", "type "+m.Type+" struct {\n\t"+m.Fields[0]+"\n\n", 1)
			embedded = strings.Replace(embedded, "import (\n", "import (\n\t\"github.com/difygen/difygen/runtime/authcode\"\n", 1)
			if !strings.Contains(embedded, "import (") {
				embedded = strings.Replace(embedded, "import \"net/http\"", "import (\n\t\"net/http\"\n\t\"github.com/difygen/difygen/runtime/authcode\"\n)", 1)
			}
			write(t, filepath.Dir(file), filepath.Base(file), embedded)
		}
		methods[path.Dir(filepath.ToSlash(m.File))] += m.Code + "\n"
	}
	for at, code := range methods {
		var src strings.Builder
		fmt.Fprintf(&src, "package %s\n\n", packageIn(t, filepath.Join(dir, at)))
		for _, p := range imports {
			if strings.Contains(code, path.Base(p)+".") {
				fmt.Fprintf(&src, "import %q\n", p)
			}
		}
		write(t, filepath.Join(dir, at), "standin.go", src.String()+"\n"+code)
	}
}

// packageIn is the name of the package in a folder.
func packageIn(t *testing.T, dir string) string {
	t.Helper()
	for _, file := range goFiles(t, dir, "*.go") {
		return file.Name.Name
	}
	t.Fatalf("%s: no Go files", dir)
	return ""
}

// addIcons loads the plugin in a folder and adds a file for each icon that it names.
func addIcons(tb testing.TB, dir string) *plugin.Plugin {
	tb.Helper()
	loaded, diags, err := plugin.Load(os.DirFS(dir))
	if err != nil || loaded == nil {
		tb.Fatal(dir, err, diags)
	}
	for _, icon := range loaded.Icons() {
		file := filepath.Join(dir, "_assets", filepath.FromSlash(icon.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			tb.Fatal(err)
		}
		write(tb, filepath.Dir(file), filepath.Base(file), "icon")
	}
	return loaded
}

// checkDeclaration compares what the generated code of a plugin declares with what the host
// extracts from the plugin's folder.
func checkDeclaration(t *testing.T, dir string, c corpus.Declaration) {
	t.Helper()
	want := onWire(c.Declaration)
	got := declared(t, dir)
	for key, provider := range got {
		if host, ok := want[key].(map[string]any); ok {
			dropFilled(provider.(map[string]any), host, c.Declaration)
		}
	}
	if diff := cmp.Diff(corpus.Normal(t, want), corpus.Normal(t, got)); diff != "" {
		t.Errorf("%s (-host +generated):\n%s", c.Plugin, diff)
	}
}

// onWire returns what the host extracts without what a plugin that registers must not say:
// that it is verified, and fields without a name.
func onWire(declaration map[string]any) map[string]any {
	var named func(v any) any
	named = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key, x := range v {
				v[key] = named(x)
			}
		case []any:
			list := make([]any, 0, len(v))
			for _, x := range v {
				if field, ok := x.(map[string]any); !ok || field["name"] != "" {
					list = append(list, named(x))
				}
			}
			return list
		}
		return v
	}
	out := named(declaration).(map[string]any)
	delete(out, "verified")
	return out
}

// dropFilled drops from a provider, as the host has it, what the host took from the manifest
// because the provider lacks it.
func dropFilled(provider, host, manifest map[string]any) {
	for _, key := range []string{"description", "tags"} {
		for _, at := range []struct{ provider, host map[string]any }{
			{provider, host}, {child(provider, "identity"), child(host, "identity")},
		} {
			if lacks(at.provider[key]) && cmp.Equal(at.host[key], manifest[key]) {
				delete(at.host, key)
				delete(at.provider, key)
			}
		}
	}
}

func child(m map[string]any, key string) map[string]any {
	c, _ := m[key].(map[string]any)
	return c
}

// lacks reports whether a text or list is empty.
func lacks(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return v["en_US"] == "" || len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// sameEverywhere returns the environment in which the go command reuses what it built in another
// folder, or for a package of a plugin.
func sameEverywhere() []string {
	return append(os.Environ(), "GOFLAGS=-trimpath", "CGO_ENABLED=0")
}

// checkModule compiles the packages of a module and checks them. The go command links none of
// the plugins for its list, which go build does.
func checkModule(t *testing.T, module string) {
	t.Helper()
	checks := [][]string{{"go", "list", "-export", "./..."}, {"go", "vet", "./..."}}
	if staticcheck := os.Getenv("DIFYGEN_STATICCHECK"); staticcheck != "" {
		checks = append(checks, []string{staticcheck, "./..."})
	} else {
		t.Log("SKIPPED: staticcheck; set DIFYGEN_STATICCHECK to its path")
	}
	for _, args := range checks {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = module, sameEverywhere()
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%.3000s", args, err, output)
		}
	}
}

// vetModule runs difygen-vet on a module. It must find every stub, and nothing else.
func vetModule(t *testing.T, root, module string) {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "difygen-vet")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", tool, "./cmd/difygen-vet")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	vet := exec.CommandContext(t.Context(), "go", "vet", "-vettool="+tool, "./...") //nolint:gosec // a command that was just built
	vet.Dir, vet.Env = module, sameEverywhere()
	output, _ := vet.CombinedOutput() // fails, since it finds stubs
	stubs := 0
	for line := range strings.Lines(string(output)) {
		switch {
		case strings.Contains(line, "is not implemented yet"):
			stubs++
		case !strings.HasPrefix(line, "#"):
			t.Errorf("difygen-vet: %s", line)
		}
	}
	t.Logf("difygen-vet: %d stubs", stubs)
	if stubs == 0 {
		t.Error("difygen-vet finds no stubs")
	}
}
