package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"strings"
	"testing"
)

// TestNoRegexpAtInit checks that the packages of this module that the command links compile
// no regular expression before main, which would slow down every run.
func TestNoRegexpAtInit(t *testing.T) {
	t.Parallel()
	const files = `{{if and .Module .Module.Main}}{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", files, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(out))
	if len(names) < 10 {
		t.Fatalf("go list lists only %d files", len(names))
	}
	fset := token.NewFileSet()
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range regexpsAtInit(file) {
			t.Errorf("%s: %s runs at start-up: compile it when it is first used, with sync.OnceValue", fset.Position(call.Pos()), call.Sel.Name)
		}
	}
}

func TestRegexpsAtInit(t *testing.T) {
	t.Parallel()
	const src = `package p

import "regexp"

var a = regexp.MustCompile("1")

var b, _ = regexp.Compile("2")

var c = func() *regexp.Regexp { return regexp.MustCompile("3") }()

var d = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("no") })

var e = map[string]*regexp.Regexp{"": regexp.MustCompilePOSIX("4")}

func init() { regexp.MustCompile("5") }

func (t) init() { regexp.MustCompile("no") }

func f() { regexp.MustCompile("no") }
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(regexpsAtInit(file)); got != 5 {
		t.Errorf("found %d, want 5", got)
	}
}

// regexpsAtInit returns the calls that compile regular expressions in the variables and the
// init functions of a file. Those in a function that is not called there do not count.
func regexpsAtInit(file *ast.File) []*ast.SelectorExpr {
	var found []*ast.SelectorExpr
	inspect := func(n ast.Node) {
		called := make(map[*ast.FuncLit]bool)
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.FuncLit); ok {
					called[f] = true
				}
			case *ast.FuncLit:
				return called[n]
			case *ast.SelectorExpr:
				pkg, ok := n.X.(*ast.Ident)
				if ok && pkg.Name == "regexp" && strings.Contains(n.Sel.Name, "Compile") {
					found = append(found, n)
				}
			}
			return true
		})
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			inspect(decl)
		case *ast.FuncDecl:
			if decl.Name.Name == "init" && decl.Recv == nil {
				inspect(decl)
			}
		}
	}
	return found
}
