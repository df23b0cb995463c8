package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

var stdout = &analysis.Analyzer{
	Name: "stdout",
	Doc: `find what plugins print to standard output

An installed plugin talks to Dify over its standard output. serve.Main keeps that for itself, and
sends what your code prints to standard error, where it stands in the log of the plugin: without the
name of the request, and with its secrets, which only the records of package slog are redacted of.
What is printed before Main, as in an init function, and under serve.Run, gets between the lines of the
protocol.

Bad:

	fmt.Println("got", len(issues), "issues")
	log.SetOutput(os.Stdout)

Good:

	slog.InfoContext(ctx, "got issues", "count", len(issues))

Programs in the same module that do not import package serve may print. The functions print and
println, which write to standard error, are not reported.`,
	URL:      page + "#stdout",
	Run:      runStdout,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runStdout(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	if pass.Pkg.Name() == "main" && !s.serves {
		return nil, nil
	}
	inspector.New(s.files).WithStack([]ast.Node{new(ast.CallExpr), new(ast.SelectorExpr)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f := calledBy(s.pass.TypesInfo, n); push && f.pkg == "fmt" && strings.HasPrefix(f.name, "Print") {
				s.report(pass, n, "fmt."+f.name+" prints to standard output, which belongs to Dify's protocol; log with package slog", s.printToStderr(n)...)
			}
		case *ast.SelectorExpr:
			if push && s.isStdout(n.Sel) && takes(stack) {
				s.report(pass, n, "standard output belongs to Dify's protocol; use os.Stderr", fix("Use os.Stderr", replace(n.Sel, "Stderr")))
			}
		}
		return true
	})
	return nil, nil
}

func (s *source) isStdout(id *ast.Ident) bool {
	v, ok := s.pass.TypesInfo.Uses[id].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "os" && v.Name() == "Stdout"
}

// takes reports whether the last node of a stack, os.Stdout, is something to write to here. It is
// not if it is set, compared, or asked for its descriptor.
func takes(stack []ast.Node) bool {
	last := stack[len(stack)-1]
	switch parent := stack[len(stack)-2].(type) {
	case *ast.AssignStmt:
		for _, x := range parent.Lhs {
			if x == last {
				return false
			}
		}
	case *ast.BinaryExpr:
		return parent.Op != token.EQL && parent.Op != token.NEQ
	case *ast.SelectorExpr:
		return strings.HasPrefix(parent.Sel.Name, "Write") || parent.Sel.Name == "ReadFrom"
	}
	return true
}

// printToStderr returns a fix that makes fmt.Print fmt.Fprint, if the file imports os.
func (s *source) printToStderr(call *ast.CallExpr) []analysis.SuggestedFix {
	os := s.importName(call.Pos(), "os")
	f, ok := call.Fun.(*ast.SelectorExpr)
	if os == "" || !ok {
		return nil
	}
	first := os + ".Stderr"
	if len(call.Args) > 0 {
		first += ", "
	}
	return []analysis.SuggestedFix{fix("Print to standard error", replace(f.Sel, "Fp"+f.Sel.Name[1:]), insert(call.Lparen+1, first))}
}
