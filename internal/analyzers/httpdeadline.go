package analyzers

import (
	"fmt"
	"go/ast"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var httpDeadline = &analysis.Analyzer{
	Name: "httpdeadline",
	Doc: `find HTTP requests without the context of the call, or without a deadline

The context that a method gets has the deadline of the call, 300 seconds unless the plugin sets
another, and is canceled when the host is gone. For an endpoint, and in Dispatch of a trigger, it is
r.Context(). A request without it goes on when nobody waits for the response any more, and if its client
has no timeout either, it can wait forever. Calls that have ended without their code add up, until the
plugin ends and the host starts it anew.

Bad:

	resp, err := http.Get(url)
	req, err := http.NewRequest(http.MethodGet, url, nil)

Good:

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, url, nil)

The functions Do, DoJSON and DoJSONHeader of package runtime set a deadline of 30 seconds besides, and in
calls of models that of the call, so a request that is given to them is not reported, and neither is one
of a client with a Timeout, nor one that is given to other functions outside the package. A context
without a deadline, such as context.Background(), is reported if the client certainly has no Timeout.`,
	URL:      page + "#httpdeadline",
	Run:      runHTTPDeadline,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

var shortcuts = []string{"Get", "Head", "Post", "PostForm"}

func runHTTPDeadline(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for call := range instructions[ssa.CallInstruction](s) {
		f := called(call.Common())
		at := s.callAt(call)
		if f.pkg != "net/http" || at == nil {
			continue
		}
		switch {
		case f.receiver == "" && slices.Contains(shortcuts, f.name):
			s.report(pass, at, fmt.Sprintf("http.%s has neither the context of the call nor a deadline; use http.NewRequestWithContext", f.name))
		case f.receiver == "Client" && slices.Contains(shortcuts, f.name) && s.timeout(call.Common().Args[0]) != withTimeout:
			s.report(pass, at, fmt.Sprintf("http.Client.%s lacks the context of the call; use http.NewRequestWithContext", f.name))
		}
		if made, ok := call.(*ssa.Call); ok && f.receiver == "" {
			s.checkRequest(pass, made, f.name, at)
		}
	}
	return nil, nil
}

// checkRequest reports a call that makes a request without a deadline.
func (s *source) checkRequest(pass *analysis.Pass, call *ssa.Call, name string, at *ast.CallExpr) {
	switch {
	case name == "NewRequest" && s.sentUnbounded(call):
		s.report(pass, at, "http.NewRequest lacks the context of the call; use http.NewRequestWithContext", s.withContext(at)...)
	case name == "NewRequestWithContext" && s.isEndless(call.Call.Args[0]) && s.sentWithoutTimeout(call):
		s.report(pass, at.Args[0], "neither this context nor the client has a deadline; use the context of the call", s.ownContext(at.Args[0])...)
	}
}

// timeouts say whether a client has a Timeout.
type timeouts int

const (
	unknownTimeout timeouts = iota
	withTimeout
	withoutTimeout
)

// timeout says whether a client has a Timeout.
func (s *source) timeout(client ssa.Value) timeouts {
	switch c := client.(type) {
	case *ssa.Alloc:
		return timeoutOf(c)
	case *ssa.UnOp:
		g, ok := c.X.(*ssa.Global)
		if !ok {
			return unknownTimeout
		}
		if g.Pkg.Pkg.Path() == "net/http" && g.Name() == "DefaultClient" {
			return withoutTimeout
		}
		return s.timeoutOfGlobal(g)
	}
	return unknownTimeout
}

// timeoutOfGlobal says whether the client that a variable of the package holds has a Timeout.
func (s *source) timeoutOfGlobal(g *ssa.Global) timeouts {
	all := unknownTimeout
	for store := range instructions[*ssa.Store](s) {
		if store.Addr != g {
			continue
		}
		made, ok := store.Val.(*ssa.Alloc)
		if !ok {
			return unknownTimeout
		}
		if t := timeoutOf(made); all == unknownTimeout || all == t {
			all = t
		} else {
			return unknownTimeout
		}
	}
	return all
}

// timeoutOf says whether a client that is made here has a Timeout.
func timeoutOf(client *ssa.Alloc) timeouts {
	if !isType(client.Type(), "net/http", "Client") {
		return unknownTimeout
	}
	for _, r := range *client.Referrers() {
		switch r := r.(type) {
		case *ssa.FieldAddr:
			if fieldName(r) == "Timeout" {
				return withTimeout
			}
		case *ssa.Store:
			if r.Addr == client { // a copy of a literal
				return timeoutOfCopy(r.Val)
			}
		case ssa.CallInstruction:
			if called(r.Common()).receiver != "Client" {
				return unknownTimeout
			}
		case *ssa.UnOp, *ssa.DebugRef:
		default:
			return unknownTimeout
		}
	}
	return withoutTimeout
}

// timeoutOfCopy says whether a client, as a value, has a Timeout.
func timeoutOfCopy(v ssa.Value) timeouts {
	if load, ok := v.(*ssa.UnOp); ok {
		if literal, ok := load.X.(*ssa.Alloc); ok {
			return timeoutOf(literal)
		}
	}
	return unknownTimeout
}

// sentWithoutTimeout reports whether a request is sent by a client without a Timeout.
func (s *source) sentWithoutTimeout(call *ssa.Call) bool {
	for use := range uses(call) {
		if (called(use.Common()) == function{"net/http", "Client", "Do"}) && s.timeout(use.Common().Args[0]) == withoutTimeout {
			return true
		}
	}
	return false
}

// uses are the calls that have the first result of a call as an argument.
func uses(call *ssa.Call) func(yield func(ssa.CallInstruction) bool) {
	return func(yield func(ssa.CallInstruction) bool) {
		for _, r := range *call.Referrers() {
			result, ok := r.(*ssa.Extract)
			if !ok || result.Index != 0 {
				continue
			}
			for _, r := range *result.Referrers() {
				if use, ok := r.(ssa.CallInstruction); ok && !yield(use) {
					return
				}
			}
		}
	}
}

// isEndless reports whether a context is certainly context.Background() or context.TODO(), or has
// the same deadline: none.
func (s *source) isEndless(ctx ssa.Value) bool {
	endless, sure := false, true
	t := trace{source: s, unknown: func(ssa.Value) { sure = false }}
	t.passes = func(f function, _ int) bool {
		return f.pkg == "context" && slices.Contains([]string{"WithValue", "WithCancel", "WithoutCancel"}, f.name)
	}
	t.found = func(v ssa.Value) bool {
		if !isContext(v.Type()) {
			_, ok := v.(*ssa.Extract)
			return !ok // of WithValue's arguments, only the context counts
		}
		call, ok := v.(*ssa.Call)
		if ok && isBackground(called(call.Common())) {
			endless = true
			return true
		}
		return false
	}
	t.from(ctx)
	return endless && sure
}

// withContext returns a fix that makes http.NewRequest http.NewRequestWithContext, if there is a
// context.
func (s *source) withContext(call *ast.CallExpr) []analysis.SuggestedFix {
	f, ok := call.Fun.(*ast.SelectorExpr)
	ctx := s.contextAt(call.Pos())
	if !ok || ctx == "" {
		return nil
	}
	return []analysis.SuggestedFix{fix("Use http.NewRequestWithContext", replace(f.Sel, "NewRequestWithContext"), insert(call.Lparen+1, ctx+", "))}
}

// ownContext returns a fix that uses the context of the call instead of an expression.
func (s *source) ownContext(x ast.Expr) []analysis.SuggestedFix {
	call, ok := x.(*ast.CallExpr)
	ctx := s.contextAt(x.Pos())
	if !ok || !s.isBackground(call) || ctx == "" {
		return nil
	}
	return []analysis.SuggestedFix{fix("Use the context of the call", replace(x, ctx))}
}
