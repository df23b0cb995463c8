package generate_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/generate"
	_ "github.com/difygen/difygen/internal/golden"
)

// TestCorpusBuilds generates code for every real plugin, as a user in its
// folder would, and builds and vets all of it, stubs included.
func TestCorpusBuilds(t *testing.T) {
	t.Parallel()
	manifests, err := filepath.Glob(filepath.Join(corpus.Dir(t), "plugins", "*", "*", "manifest.yaml"))
	if err != nil || len(manifests) == 0 {
		t.Fatal("no plugins", err)
	}
	module := newModule(t)
	packages := 0
	for _, manifest := range manifests {
		plugin := filepath.Dir(manifest)
		out := filepath.Join(module, filepath.Base(filepath.Dir(plugin)), filepath.Base(plugin))
		if err := os.MkdirAll(out, 0o755); err != nil {
			t.Fatal(err)
		}
		cfg := generate.Config{Dir: plugin, Out: out}
		result, err := generate.Run(cfg)
		if err != nil {
			t.Fatalf("%s: %v", plugin, err)
		}
		for _, d := range result.Diagnostics {
			if d.Severity == "error" {
				t.Errorf("%s: %v", plugin, d)
			}
		}
		if err := commit.Apply(result.Changes); err != nil {
			t.Fatal(err)
		}
		for _, c := range result.Changes {
			if strings.HasSuffix(c.Name, "_dify.go") {
				packages++
				writeDouble(t, c.Path)
			}
		}
		again, err := generate.Run(cfg)
		if err != nil || len(again.Changes) > 0 {
			t.Errorf("%s: a second run changes %v, %v", plugin, again.Changes, err)
		}
	}
	t.Logf("%d plugins, %d of them with credentials", len(manifests), packages)
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = module
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%.3000s", args[0], err, output)
		}
	}
}

// newModule makes a module of its own that uses this one.
func newModule(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod := fmt.Sprintf("module corpus\n\ngo 1.25.0\n\nrequire github.com/difygen/difygen v0.0.0\n\nreplace github.com/difygen/difygen => %s\n", root)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeDouble gives the provider of a generated file the methods of its OAuthFlow
// and SubscriptionConstructor, as an author would have to.
func writeDouble(t *testing.T, generated string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, generated, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var methods bytes.Buffer
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		prefix, isFlow := strings.CutSuffix(spec.Name.Name, "OAuthFlow")
		prefix, isConstructor := strings.CutSuffix(prefix, "SubscriptionConstructor")
		if !isFlow && !isConstructor {
			return true
		}
		provider := prefix + "Provider"
		for _, m := range spec.Type.(*ast.InterfaceType).Methods.List {
			fmt.Fprintf(&methods, "func (*%s) %s", provider, m.Names[0].Name)
			var signature bytes.Buffer
			if err := printer.Fprint(&signature, fset, m.Type); err != nil {
				t.Fatal(err)
			}
			methods.WriteString(strings.TrimPrefix(signature.String(), "func") + " { panic(\"double\") }\n")
		}
		return false
	})
	if methods.Len() == 0 {
		return
	}
	src := fmt.Sprintf("package %s\n\nimport (\n\"context\"\n\"net/http\"\n\n\"github.com/difygen/difygen/runtime\"\n)\n\nvar (\n_ context.Context\n_ *http.Request\n_ runtime.Secret\n)\n\n%s", file.Name.Name, methods.String())
	if err := os.WriteFile(filepath.Join(filepath.Dir(generated), "double.go"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
}
