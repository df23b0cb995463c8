package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var credentialCheck = &analysis.Analyzer{
	Name: "credentialcheck",
	Doc: `find checks of credentials that cannot fail or ignore their context

When a user saves credentials, Dify calls ValidateCredentials (ValidateProviderCredentials,
ValidateModelCredentials) and stores what it accepts. A check that returns nil on all paths accepts a
wrong key, and the user learns of it when a workflow fails. One that ignores its context either does
not ask the service at all, or goes on when the call has ended: at its deadline, or when the user is
gone.

Bad:

	func (p *Provider) ValidateCredentials(_ context.Context, creds Credentials) error {
		return p.get(context.Background(), creds, "/user", nil)
	}

Good:

	func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
		return p.get(ctx, creds, "/user", nil)
	}

Call the cheapest method of the service that needs the key. A service that has none is the one reason
to ignore the context.`,
	URL:      page + "#credentialcheck",
	Run:      runCredentialCheck,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

var checkNames = []string{"ValidateCredentials", "ValidateProviderCredentials", "ValidateModelCredentials"}

func runCredentialCheck(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for _, fn := range s.functions {
		decl, ok := fn.Syntax().(*ast.FuncDecl)
		if !ok || !s.isCheck(fn) {
			continue
		}
		ctx := fn.Params[1]
		switch {
		case neverFails(fn, 0):
			s.report(pass, decl.Name, decl.Name.Name+" cannot fail, so Dify stores any credentials")
		case len(*ctx.Referrers()) == 0 && len(returns(fn)) > 0 && !isStub(fn):
			s.reportContext(pass, fn, decl)
		}
	}
	return nil, nil
}

// isCheck reports whether a function is the method that checks the credentials of a section.
func (s *source) isCheck(fn *ssa.Function) bool {
	sig := fn.Signature
	if sig.Recv() == nil || !slices.Contains(checkNames, fn.Name()) || sig.Params().Len() < 2 || !isError(sig.Results()) {
		return false
	}
	_, typed := s.section(sig.Params().At(sig.Params().Len() - 1).Type())
	return typed && isContext(sig.Params().At(0).Type()) && len(fn.Params) > 1
}

// isError reports whether a function returns an error, and nothing else.
func isError(results *types.Tuple) bool {
	return results.Len() == 1 && isErrorType(results.At(0).Type())
}

// isStub reports whether a function is as difygen wrote it, which another analyzer reports.
func isStub(fn *ssa.Function) bool {
	for _, results := range returns(fn) {
		load, ok := results[len(results)-1].(*ssa.UnOp)
		if !ok {
			return false
		}
		g, ok := load.X.(*ssa.Global)
		if !ok || g.Pkg.Pkg.Path() != runtimePath || g.Name() != "ErrNotImplemented" {
			return false
		}
	}
	return true
}

// neverFails reports whether a function returns, and returns nil only.
func neverFails(fn *ssa.Function, depth int) bool {
	all := returns(fn)
	for _, results := range all {
		if len(results) == 0 || !isNil(results[len(results)-1], depth) {
			return false
		}
	}
	return len(all) > 0
}

// isNil reports whether an error is certainly nil.
func isNil(v ssa.Value, depth int) bool {
	if depth > maxCalls {
		return false
	}
	switch v := v.(type) {
	case *ssa.Const:
		return v.IsNil()
	case *ssa.Phi:
		return !slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return e != v && !isNil(e, depth+1) })
	case *ssa.Call:
		callee := v.Common().StaticCallee()
		return callee != nil && len(callee.Blocks) > 0 && neverFails(callee, depth+1)
	case *ssa.UnOp:
		a, ok := v.X.(*ssa.Alloc) // a result with a name
		if !ok {
			return false
		}
		for _, r := range *a.Referrers() {
			switch r := r.(type) {
			case *ssa.Store:
				if !isNil(r.Val, depth+1) {
					return false
				}
			case *ssa.UnOp, *ssa.DebugRef:
			default:
				return false
			}
		}
		return true
	}
	return false
}

// reportContext reports a check that does not use its context, at what it uses instead, if it
// does.
func (s *source) reportContext(pass *analysis.Pass, fn *ssa.Function, decl *ast.FuncDecl) {
	param := decl.Type.Params.List[0]
	found := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || !s.isBackground(call) {
			return true
		}
		found = true
		var fixes []analysis.SuggestedFix
		if len(param.Names) > 0 && param.Names[0].Name != "_" {
			fixes = append(fixes, fix("Use the context of the call", replace(call, param.Names[0].Name)))
		}
		s.report(pass, call, fmt.Sprintf("%s ignores its context for %s, so it goes on when the call has ended", fn.Name(), s.text(call)), fixes...)
		return true
	})
	if !found {
		s.report(pass, param, fn.Name()+" ignores its context, so it does not ask the service, or goes on when the call has ended")
	}
}

// isBackground reports whether a call is context.Background() or context.TODO().
func (s *source) isBackground(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := s.pass.TypesInfo.Uses[selector.Sel].(*types.Func)
	return ok && isBackground(nameOf(fn))
}

func isBackground(f function) bool {
	return f.pkg == "context" && (f.name == "Background" || f.name == "TODO")
}
