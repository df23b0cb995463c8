package gen_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

const cases = "../testdata/golden"

// TestGolden generates every case and compares the files and diagnostics. Other
// files of a case are written by hand.
func TestGolden(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(cases + "/*/provider.yaml")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, diags := generate(t, dir, name)
			golden.Check(t, filepath.Join(dir, "diagnostics.txt"), []byte(join(diags)))
			if len(files) == 0 {
				golden.Check(t, filepath.Join(dir, "provider_dify.go"), nil)
				golden.Check(t, filepath.Join(dir, "provider.go"), nil)
			}
			own := declaredByHand(t, dir, files)
			for _, f := range files {
				src := content(t, f.Without(func(typ string) bool { return own[typ] }))
				if own[f.Type] || f.Type == "" && slices.ContainsFunc(f.Methods, func(name string) bool { return own["."+name] }) {
					src = nil
				}
				golden.Check(t, filepath.Join(dir, f.Name), src)
			}
		})
	}
}

// declaredByHand are the names of the types, and of the methods with a dot before them, in the files of a
// case that are written by hand. A type of the author, or an item, with such a type or method needs no stub.
func declaredByHand(t *testing.T, dir string, generated []gen.File) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if slices.ContainsFunc(generated, func(f gen.File) bool { return f.Name == filepath.Base(file) }) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					names["."+n.Name.Name] = true
				}
				return false
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			}
			return true
		})
	}
	return names
}

// generate generates files from the provider's YAML in a folder. If a manifest stands beside
// it, that is a whole plugin.
func generate(t *testing.T, dir, pkg string) ([]gen.File, model.Diagnostics) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "provider.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, findings, err := model.Load("provider.yaml", data, model.DetectKind(data))
	if err != nil {
		t.Fatal(err)
	}
	if p == nil || findings.HasErrors() {
		return nil, findings.Settle()
	}
	p.Name = cmp.Or(p.Name, pkg) // an endpoint provider would be called like the file, as in every case
	source, opts := gen.Source{Provider: p, ID: "provider.yaml"}, gen.Options{Package: pkg}
	if data, err := os.ReadFile(filepath.Join(dir, "manifest.yaml")); err == nil {
		manifest, more := model.LoadManifest("manifest.yaml", data)
		findings.Merge(more)
		opts.Whole, opts.Permitted, source.PluginID = true, manifest.Permissions(), "example/"+pkg
		contents, more := plugin.LoadItems(p, plugin.ItemFiles{FS: os.DirFS(dir), Show: func(file string) string { return file }})
		findings.Merge(more)
		source.Items = contents.Distinct()
	}
	code, more, err := gen.NewPackage([]gen.Source{source}, opts)
	if err != nil {
		t.Fatal(err)
	}
	findings.Add(more...)
	return code.Files(), findings.Settle(model.StepNames)
}

func content(t *testing.T, f gen.File) []byte {
	t.Helper()
	src, err := f.Content()
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func join(diags model.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// TestGoldenVets builds and vets the generated packages, stubs included.
func TestGoldenVets(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "vet", "./...")
	cmd.Dir = cases
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, output)
	}
}
