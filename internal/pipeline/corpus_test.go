package pipeline_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/testmodule"
	"github.com/difygen/difygen/model"
)

// TestCorpus generates the code and the stubs of every real plugin, as a user in its folder
// would, builds and checks them, and sends values through them.
func TestCorpus(t *testing.T) {
	t.Parallel()
	manifests, err := filepath.Glob(filepath.Join(corpus.Dir(t), "plugins", "*", "*", "manifest.yaml"))
	if err != nil || len(manifests) == 0 {
		t.Fatal("no plugins", err)
	}
	module := newModule(t)
	var sections []decodable
	for _, manifest := range manifests {
		plugin := filepath.Dir(manifest)
		pkg := path.Join(filepath.Base(filepath.Dir(plugin)), filepath.Base(plugin))
		sections = append(sections, generate(t, pipeline.Config{Dir: plugin}, module, pkg)...)
	}
	writeProgram(t, module, sections)
	t.Logf("%d plugins", len(manifests))
	checks := [][]string{{"go", "build", "./..."}, {"go", "vet", "./..."}}
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
	roundTrips(t, module, sections)
}

// generate generates what cfg names into a package of a module, adds stand-in methods for
// those that an author would write, and returns the sections.
func generate(t *testing.T, cfg pipeline.Config, module, pkg string) []decodable {
	t.Helper()
	cfg.Out = filepath.Join(module, filepath.FromSlash(pkg))
	if err := os.MkdirAll(cfg.Out, 0o750); err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(cfg)
	if err != nil {
		t.Fatalf("%s: %v", cfg.Dir, err)
	}
	for _, d := range result.Diagnostics {
		if d.Severity == model.SeverityError {
			t.Errorf("%s: %v", cfg.Dir, d)
		}
	}
	apply(t, cfg.Out, result.Changes)
	var name string
	for _, c := range result.Changes {
		if strings.HasSuffix(c.Name, "_dify.go") {
			name = writeMethods(t, c.Path)
		}
	}
	again, err := pipeline.Run(cfg)
	if err != nil || len(again.Changes) > 0 {
		t.Errorf("%s: a second run changes %v, %v", cfg.Dir, again.Changes, err)
	}
	if name == "" {
		return nil
	}
	var sources []gen.Source
	for _, p := range result.Providers {
		sources = append(sources, gen.Source{Provider: p, ID: filepath.ToSlash(p.File), Plugin: cfg.Dir})
	}
	return decodables(t, path.Join("corpus", pkg), name, sources)
}

// newModule returns the folder of a new module that uses this one.
func newModule(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Watch(root); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod := fmt.Sprintf("module corpus\n\ngo 1.25.0\n\nrequire github.com/difygen/difygen v0.0.0\n\nreplace github.com/difygen/difygen => %s\n", root)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeMethods writes stand-in methods for those of OAuthFlow and SubscriptionConstructor,
// which an author would have to write. It returns the package of the generated file.
func writeMethods(t *testing.T, generated string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, generated, nil, parser.SkipObjectResolution|parser.ParseComments)
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
			methods.WriteString(strings.TrimPrefix(signature.String(), "func") + " { panic(\"stand-in\") }\n")
		}
		return false
	})
	if methods.Len() == 0 {
		return file.Name.Name
	}
	src := fmt.Sprintf("package %s\n\nimport (\n\"context\"\n\"net/http\"\n\n\"github.com/difygen/difygen/runtime\"\n)\n\nvar (\n_ context.Context\n_ *http.Request\n_ runtime.Secret\n)\n\n%s", file.Name.Name, methods.String())
	if err := os.WriteFile(filepath.Join(filepath.Dir(generated), "standin.go"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return file.Name.Name
}
