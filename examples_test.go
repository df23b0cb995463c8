package difygen_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestExampleImports checks that an example's program contains nothing that reads YAML or
// generates code.
func TestExampleImports(t *testing.T) {
	t.Parallel()
	mains := 0
	for _, p := range listPackages(t, "./examples/...") {
		if p.name != "main" {
			continue
		}
		mains++
		if !slices.Contains(p.deps, module+"/serve") {
			t.Errorf("%s does not depend on package serve, but on %q", p.path, p.deps)
		}
		for _, d := range p.deps {
			switch strings.TrimPrefix(d, module+"/") {
			case module, "model", "gen", "internal/yamldoc", "internal/plugin", "internal/pipeline", "internal/pack", "internal/commit":
				t.Errorf("%s depends on %s", p.path, d)
			}
			if strings.Contains(d, "yaml") || strings.HasPrefix(d, "github.com/dave/jennifer") {
				t.Errorf("%s depends on %s", p.path, d)
			}
		}
	}
	if mains < 7 {
		t.Errorf("only %d examples have a program", mains)
	}
}

// TestProviderImports checks that the packages of providers know only package runtime and
// its packages for authors: not what runs them, and nothing that another module cannot import.
func TestProviderImports(t *testing.T) {
	t.Parallel()
	providers := 0
	for _, p := range listPackages(t, "./examples/...", "./testdata/golden/...") {
		if p.name == "main" || !slices.Contains(p.imports, module+"/runtime") {
			continue
		}
		providers++
		if slices.Contains(p.deps, module+"/serve") {
			t.Errorf("%s depends on package serve", p.path)
		}
		for _, i := range p.imports {
			if strings.HasPrefix(i, module+"/internal/") {
				t.Errorf("%s imports %s", p.path, i)
			}
		}
	}
	if providers < 10 {
		t.Errorf("only %d packages of providers were found", providers)
	}
}

// listed is what the go command says about a package.
type listed struct {
	name, path    string
	imports, deps []string
}

func listPackages(t *testing.T, patterns ...string) []listed {
	t.Helper()
	const format = `{{.Name}};{{.ImportPath}};{{join .Imports " "}};{{join .Deps " "}}`
	args := append([]string{"list", "-f", format}, patterns...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), ";")
		list = append(list, listed{f[0], f[1], strings.Fields(f[2]), strings.Fields(f[3])})
	}
	return list
}
