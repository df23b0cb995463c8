package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"
)

var errorResponse = &analysis.Analyzer{
	Name: "errorresponse",
	Doc: `find responses that show errors to whoever calls an endpoint or sends a webhook

Anyone on the internet can call an endpoint, or send a webhook to a trigger. The text of an error says where
the plugin connects to, and often what the service answered, which can have a key in it. Secrets are redacted
in errors and logs, but a response is what the code sends. So let the method return the error: the caller gets
the status 500 without its text, and the log has it.

Bad:

	http.Error(w, err.Error(), http.StatusInternalServerError)
	return nil

Good:

	return err

	slog.ErrorContext(r.Context(), "The service failed.", "error", err)
	http.Error(w, "the service failed", http.StatusBadGateway)

This is reported of errors that other packages return, such as those of a client, in responses of the
status 500 and more, or of no status. Not reported are errors of the package's own, those of parsing what
the caller has sent, and other statuses, which tell the caller what to do better.`,
	URL:      page + "#errorresponse",
	Run:      runErrorResponse,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

// parsers are packages whose errors are about a text that was parsed, and those of a context.
var parsers = []string{"context", "errors", "net/mail", "net/url", "strconv", "time", "mime", "mime/multipart"}

func runErrorResponse(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for call := range instructions[ssa.CallInstruction](s) {
		for _, arg := range s.arguments(call) {
			how := respondsWith(call.Common(), arg.index)
			if how == "" || !s.showsError(arg.value) || !isFailure(call) {
				continue
			}
			s.report(pass, arg.pos, fmt.Sprintf("%s shows the text of an error to whoever calls; return the error, or log it", how), s.returnInstead(call)...)
		}
	}
	return nil, nil
}

// isFailure reports whether the status of the response that a call writes is certainly one of a failure
// of the plugin, or none that its function sets.
func isFailure(call ssa.CallInstruction) bool {
	if (called(call.Common()) == function{"net/http", "", "Error"}) {
		status, ok := number(call.Common().Args[2])
		return ok && status >= 500
	}
	failure := true
	for _, b := range call.Parent().Blocks {
		for _, i := range b.Instrs {
			c, ok := i.(*ssa.Call)
			if !ok || (called(c.Common()) != function{"net/http", "ResponseWriter", "WriteHeader"}) {
				continue
			}
			status, ok := number(c.Call.Args[0])
			if b.Dominates(call.Block()) && ok {
				return status >= 500
			}
			failure = false
		}
	}
	return failure
}

// showsError reports whether a value has the text of an error that another package returned.
func (s *source) showsError(v ssa.Value) bool {
	shows := false
	t := trace{source: s, passes: keepsText}
	t.found = func(v ssa.Value) bool {
		if call, ok := v.(*ssa.Call); ok {
			if of := errorOf(call); of != nil {
				shows = shows || s.isForeign(of)
				return true
			}
		}
		if isErrorType(v.Type()) {
			shows = shows || s.isForeign(v)
			return true
		}
		return false
	}
	t.from(v)
	return shows
}

// errorOf returns the error whose text a call returns; nil if it is another call.
func errorOf(call *ssa.Call) ssa.Value {
	common := call.Common()
	switch {
	case called(common).name != "Error" || !isText(call.Type()):
		return nil
	case common.IsInvoke():
		return common.Value
	case common.Signature().Recv() != nil && len(common.Args) == 1:
		return common.Args[0]
	}
	return nil
}

// isForeign reports whether an error is certainly one that another package returned, or wraps one.
func (s *source) isForeign(err ssa.Value) bool {
	foreign := false
	t := trace{source: s}
	t.passes = func(f function, _ int) bool {
		return f == function{"fmt", "", "Errorf"} || f == function{"errors", "", "Join"}
	}
	t.found = func(v ssa.Value) bool {
		switch v.(type) {
		case *ssa.Call, *ssa.Extract:
			return !isErrorType(v.Type()) // another value that the text of the error has
		}
		return false
	}
	t.unknown = func(v ssa.Value) {
		call, ok := v.(*ssa.Call)
		if !ok {
			return
		}
		f := called(call.Common())
		foreign = foreign || f.pkg != s.pass.Pkg.Path() && f.pkg != "" && !strings.HasPrefix(f.pkg, "encoding/") && !slices.Contains(parsers, f.pkg)
	}
	t.from(err)
	return foreign
}

// isErrorType reports whether a type is that of errors.
func isErrorType(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// returnInstead returns a fix for http.Error(w, err.Error(), 500) before a return of nil: return err.
func (s *source) returnInstead(call ssa.CallInstruction) []analysis.SuggestedFix {
	at := s.callAt(call)
	if at == nil || (called(call.Common()) != function{"net/http", "", "Error"}) {
		return nil
	}
	text, ok := ast.Unparen(at.Args[1]).(*ast.CallExpr)
	status, _ := number(call.Common().Args[2])
	results := call.Parent().Signature.Results()
	if !ok || len(text.Args) > 0 || status != 500 || !isError(results) {
		return nil
	}
	method, ok := text.Fun.(*ast.SelectorExpr)
	next, _ := s.after(at).(*ast.ReturnStmt)
	if !ok || method.Sel.Name != "Error" || next == nil || len(next.Results) != 1 || s.text(next.Results[0]) != "nil" {
		return nil
	}
	edit := analysis.TextEdit{Pos: at.Pos(), End: next.End(), NewText: []byte("return " + s.text(method.X))}
	return []analysis.SuggestedFix{fix("Return the error", edit)}
}

// after returns the statement after the one that is an expression; nil if there is none.
func (s *source) after(x ast.Expr) ast.Stmt {
	path, _ := astutil.PathEnclosingInterval(s.file(x.Pos()), x.Pos(), x.End())
	i := slices.IndexFunc(path, func(n ast.Node) bool { _, ok := n.(*ast.ExprStmt); return ok })
	if i < 0 || i+1 == len(path) {
		return nil
	}
	var list []ast.Stmt
	switch in := path[i+1].(type) {
	case *ast.BlockStmt:
		list = in.List
	case *ast.CaseClause:
		list = in.Body
	}
	at := slices.IndexFunc(list, func(stmt ast.Stmt) bool { return stmt == path[i] })
	if at < 0 || at+1 >= len(list) {
		return nil
	}
	return list[at+1]
}
