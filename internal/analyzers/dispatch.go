package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/ssa"
)

var dispatch = &analysis.Analyzer{
	Name: "dispatch",
	Doc: `find events that Dispatch never names, and ErrIgnore that it returns

An event of a trigger happens if Dispatch calls its method of the Dispatcher. One that no code names is
still offered to users, but a workflow that waits for it never starts. And runtime.ErrIgnore is for the
methods of events: Dispatch fails with it as with any other error, so that the sender gets the status
500, and sends the webhook again.

Bad:

	func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
		if r.Header.Get("X-Event") != "push" {
			return runtime.ErrIgnore
		}
		return to.Push(PushPayload{}) // and no code calls to.Tag
	}

Good:

	func (p *Provider) Dispatch(w http.ResponseWriter, r *http.Request, call *DispatchCall, to *Dispatcher) error {
		switch r.Header.Get("X-Event") {
		case "push":
			return to.Push(PushPayload{})
		case "tag":
			return to.Tag(PushPayload{})
		}
		return nil
	}

An event is not reported if some code of the package uses its method, also as a value, nor if the package
names events by text, or passes the Dispatcher on to code that is not known: that of another package, of an
interface or of a function value.`,
	URL:      page + "#dispatch",
	Run:      runDispatch,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runDispatch(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for _, file := range s.files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Body == nil || fn.Name.Name != "Dispatch" {
				continue
			}
			obj, ok := pass.TypesInfo.Defs[fn.Name].(*types.Func)
			if !ok {
				continue
			}
			if to := dispatcherOf(obj.Signature()); to != nil {
				s.checkIgnored(pass, fn)
				s.checkEvents(pass, fn, to)
			}
		}
	}
	return nil, nil
}

// dispatcherOf returns the type of the dispatcher that a method Dispatch gets; nil if it gets none.
func dispatcherOf(sig *types.Signature) *types.Named {
	last := sig.Params().Len() - 1
	if last < 0 {
		return nil
	}
	p, ok := types.Unalias(sig.Params().At(last).Type()).(*types.Pointer)
	if !ok || !embeds(p, triggerPath, "Dispatcher") {
		return nil
	}
	named, _ := types.Unalias(p.Elem()).(*types.Named)
	return named
}

// checkIgnored reports returns of runtime.ErrIgnore, wrapped or not.
func (s *source) checkIgnored(pass *analysis.Pass, fn *ast.FuncDecl) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for _, result := range n.Results {
				if s.names(pass, result, "ErrIgnore") {
					s.report(pass, result, "Dispatch fails with runtime.ErrIgnore, so that the sender gets the status 500; to ignore a webhook, name no event and return nil")
				}
			}
		}
		return true
	})
}

// names reports whether code contains an error of package runtime, but in a function literal or a comparison.
func (*source) names(pass *analysis.Pass, in ast.Node, name string) bool {
	found := false
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.BinaryExpr:
			return false
		case *ast.CallExpr:
			return calledBy(pass.TypesInfo, n) != function{"errors", "", "Is"}
		case *ast.Ident:
			v, ok := pass.TypesInfo.Uses[n].(*types.Var)
			found = found || ok && v.Pkg() != nil && v.Pkg().Path() == runtimePath && v.Name() == name
		}
		return true
	})
	return found
}

// checkEvents reports events whose methods of the dispatcher nothing calls. A stub is for notimplemented.
func (s *source) checkEvents(pass *analysis.Pass, fn *ast.FuncDecl, to *types.Named) {
	if s.names(pass, fn.Body, "ErrNotImplemented") || s.namesByText(pass) || s.passesOn(to) {
		return
	}
	for method := range to.Methods() {
		if !s.isUsed(pass, method) {
			s.report(pass, fn.Name, fmt.Sprintf("no code calls %s of the Dispatcher, so that the event never happens", method.Name()))
		}
	}
}

// namesByText reports whether the author's code names events with the method that has the event as a text.
func (s *source) namesByText(pass *analysis.Pass) bool {
	found := false
	inspector.New(s.files).Preorder([]ast.Node{new(ast.Ident)}, func(n ast.Node) {
		fn, ok := pass.TypesInfo.Uses[n.(*ast.Ident)].(*types.Func)
		found = found || ok && nameOf(fn) == function{triggerPath, "Dispatcher", "Dispatch"}
	})
	return found
}

// passesOn reports whether the author's code passes a dispatcher on to code that is not the author's, or not known.
func (s *source) passesOn(to *types.Named) bool {
	obj := to.Obj()
	is := func(t types.Type) bool {
		return isType(t, obj.Pkg().Path(), obj.Name()) || embeds(t, obj.Pkg().Path(), obj.Name()) || isType(t, triggerPath, "Dispatcher")
	}
	for i := range instructions[*ssa.MakeInterface](s) {
		if is(i.X.Type()) {
			return true
		}
	}
	for call := range instructions[ssa.CallInstruction](s) {
		for i, arg := range call.Common().Args {
			if is(arg.Type()) && !s.knows(call.Common(), i) {
				return true
			}
		}
	}
	return false
}

// knows reports whether what a call does with its argument of that index is in the author's code of this package. So is
// a method of the argument.
func (s *source) knows(call *ssa.CallCommon, index int) bool {
	if _, ok := call.Value.(*ssa.Builtin); ok {
		return true
	}
	callee := call.StaticCallee()
	switch {
	case callee == nil:
		return false
	case index == 0 && callee.Signature.Recv() != nil:
		return true
	}
	return callee.TypeParams() == nil && callee.Pkg != nil && callee.Pkg.Pkg == s.pass.Pkg
}
