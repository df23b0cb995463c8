package gen

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func contentOf(t *testing.T, f File) []byte {
	t.Helper()
	src, err := f.Content()
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// packages imports what generated code imports, once and as the go command compiled it: from
// source, each package would take a run of the go command.
var packages = sync.OnceValues(func() (types.Importer, error) {
	list, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", runtimePath+"/...").Output()
	if err != nil {
		return nil, err
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }), nil
})

// checking is held while packages are used: their importer is not safe for concurrent use, and reads what it has
// imported as late as it is needed.
var checking sync.Mutex

// checkTypes compiles the files of a provider, which may only lack the methods
// that an author has to write.
func checkTypes(t *testing.T, files []File) {
	t.Helper()
	sources := make([][]byte, len(files))
	for i, f := range files {
		sources[i] = contentOf(t, f)
	}
	checkSources(t, sources)
}

// checkSources is checkTypes for the text of files.
func checkSources(t *testing.T, sources [][]byte) {
	t.Helper()
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, src := range sources {
		file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	imports, err := packages()
	if err != nil {
		t.Fatal("compile what generated code imports: ", err)
	}
	config := types.Config{Importer: imports, Error: func(err error) {
		if !strings.Contains(err.Error(), "missing method OAuth") && !strings.Contains(err.Error(), "missing method CreateSubscription") {
			t.Errorf("does not compile: %v\n%s", err, sources[0])
		}
	}}
	checking.Lock()
	defer checking.Unlock()
	_, _ = config.Check("p", fset, parsed, nil) // every error goes to Error
}

// meaningful are comments that mean something to a tool: some only without a space.
var meaningful = regexp.MustCompile(`(?m)^[ \t]*//([a-z0-9]+:[a-z0-9]|line |export |extern |[ \t]*(\+build|#nosec|nolint\b|revive:|go:|(?i:deprecated):|BUG\())|^/\*|^// Code generated .* DO NOT EDIT\.$`)

// checkFile compares the declarations of a generated file with want.
func checkFile(t *testing.T, f File, want []string) {
	t.Helper()
	src := contentOf(t, f)
	file, err := parser.ParseFile(token.NewFileSet(), f.Name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	if diff := cmp.Diff(want, declarations(file)); diff != "" {
		t.Errorf("declarations (-plan +file):\n%s\n%s", diff, src)
	}
	for _, spec := range file.Imports {
		switch spec.Path.Value {
		case `"context"`, `"net/http"`, `"time"`, `"github.com/difygen/difygen/runtime"`, `"github.com/difygen/difygen/runtime/invoke"`, `"slices"`,
			`"github.com/difygen/difygen/runtime/llm"`, `"github.com/difygen/difygen/runtime/embedding"`, `"github.com/difygen/difygen/runtime/rerank"`,
			`"github.com/difygen/difygen/runtime/speech"`, `"github.com/difygen/difygen/runtime/datasource"`, `"github.com/difygen/difygen/runtime/moderation"`,
			`"github.com/difygen/difygen/runtime/trigger"`, `"github.com/difygen/difygen/runtime/agent"`:
		default:
			t.Errorf("imports %s", spec.Path.Value)
		}
	}
	formatted, err := format.Source(src)
	if err != nil || !bytes.Equal(formatted, src) {
		t.Errorf("not as gofmt wants it: %v\n%s", err, cmp.Diff(string(src), string(formatted)))
	}
	code := src
	if !f.Stub {
		header, rest, _ := bytes.Cut(code, []byte("\n"))
		if h, ok := ParseHeader(src); !ok || !h.Names(f.Name) {
			t.Errorf("header %q", header)
		}
		code = rest
	}
	if found := meaningful.Find(code); found != nil {
		t.Errorf("a comment means something to a tool: %q", found)
	}
}

// wantDeclarations lists what the generated file of a provider must declare: the names
// that the scope assigned, except those of the file and of the author's type, and the
// methods of its types.
func wantDeclarations(sc *scope, p *plan) []string {
	var names []string
	for d := range sc.owners {
		if d.source == p.source && !strings.HasSuffix(d.name, "_dify.go") && d.name != p.names.provider && d.name != p.names.newProvider {
			names = append(names, d.name)
		}
	}
	n := p.names
	for _, e := range itemsOf[*event](p) {
		names = slices.DeleteFunc(names, func(name string) bool { return name == e.payload })
		names = append(names, n.dispatcher+"."+e.method)
	}
	outputs := make([]*results, 0, len(p.items))
	for _, t := range itemsOf[*tool](p) {
		outputs = append(outputs, &t.output)
	}
	for _, s := range itemsOf[*strategy](p) {
		outputs = append(outputs, &s.output)
	}
	for _, d := range itemsOf[*datasource](p) {
		for _, a := range d.actions {
			if a.output != nil {
				outputs = append(outputs, a.output)
			}
		}
	}
	for _, r := range outputs {
		for _, s := range r.setters {
			names = append(names, r.typ+"."+s.name)
			if s.stream != "" {
				names = append(names, r.typ+"."+s.stream)
			}
		}
	}
	all := p.allSections()
	if p.models != nil && p.models.parameters != nil {
		all = append(all, p.models.parameters)
	}
	for _, s := range all {
		if !s.isCall {
			names = append(names, s.typ+".Values")
		}
		if s.isConverted {
			names = append(names, s.typ+"."+toCallCredentials)
		}
		if s.isValidated {
			names = append(names, s.typ+".Validate")
		}
		if n.anyCredentials != "" && s.credentialTypes != nil {
			names = append(names, s.typ+"."+n.isAnyCredentials)
		}
		for _, e := range s.enums() {
			names = append(names, e.typ+".Valid")
			if e.isBool {
				names = append(names, e.typ+".Bool")
			}
		}
	}
	if n.decodeSubscription != "" {
		names = append(names, n.subscription+".Wire", n.subscription+".Validate")
	}
	slices.Sort(names)
	return names
}

// declarations lists what a file declares, sorted; a method as TYPE.METHOD.
func declarations(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
				continue
			}
			typ := d.Recv.List[0].Type
			if star, ok := typ.(*ast.StarExpr); ok {
				typ = star.X
			}
			names = append(names, typ.(*ast.Ident).Name+"."+d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.Name != "_" {
							names = append(names, n.Name)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
