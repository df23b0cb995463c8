package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

var notImplemented = &analysis.Analyzer{
	Name: "notimplemented",
	Doc: `find methods that are not implemented yet

The stubs that difygen writes return runtime.ErrNotImplemented, so that the plugin compiles at once.
Dify shows such a tool, model, data source, endpoint, event or strategy, and every call of it fails.

Bad:

	func (p *Provider) ListIssues(ctx context.Context, call *ListIssuesCall, out *ListIssuesOutput) error {
		return runtime.ErrNotImplemented
	}

Good is a method that does what the YAML promises. If it never will, remove it from the YAML; if it
depends on the call, return an error that tells the user why. Code that tests for ErrNotImplemented
with errors.Is is not reported.`,
	URL:      page + "#notimplemented",
	Run:      runNotImplemented,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runNotImplemented(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	in := inspector.New(s.files)
	in.WithStack([]ast.Node{new(ast.Ident)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		v, ok := pass.TypesInfo.Uses[n.(*ast.Ident)].(*types.Var)
		if !push || !ok || v.Pkg() == nil || v.Pkg().Path() != runtimePath || v.Name() != "ErrNotImplemented" {
			return true
		}
		method := ""
		for _, at := range stack {
			switch at := at.(type) {
			case *ast.FuncDecl:
				method = at.Name.Name
			case *ast.CallExpr:
				if fn := calledBy(pass.TypesInfo, at); fn.pkg == "errors" && fn.name == "Is" {
					return true
				}
			case *ast.BinaryExpr:
				if at.Op == token.EQL || at.Op == token.NEQ {
					return true
				}
			}
		}
		if method != "" {
			s.report(pass, stack[len(stack)-2], method+" is not implemented yet: calls of it fail")
		}
		return true
	})
	return nil, nil
}

// calledBy returns the name of the function that a call names.
func calledBy(info *types.Info, call *ast.CallExpr) function {
	fun := ast.Unparen(call.Fun)
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return function{}
	}
	switch obj := info.Uses[id].(type) {
	case *types.Func:
		return nameOf(obj)
	case *types.Builtin:
		return function{name: obj.Name()}
	}
	return function{}
}
