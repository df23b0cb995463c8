package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var hookPath = &analysis.Analyzer{
	Name: "hookpath",
	Doc: `find redirects that lead out of the endpoints

Dify serves the endpoints of a plugin below an address of its own, /e/ with the ID of the hook, and
leaves that out of the path which the plugin sees. http.Redirect makes every address without a host one
of the whole site, and so does a browser with a path that starts with a slash. Then it asks Dify itself
for that page, which is not there.

Bad:

	http.Redirect(w, r, "/items/7", http.StatusSeeOther)

Good:

	http.Redirect(w, r, call.URL("/items/7"), http.StatusSeeOther)

This is reported of http.Redirect, http.RedirectHandler and the header Location, if the address starts
with a constant text that decides it.`,
	URL:      page + "#hookpath",
	Run:      runHookPath,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runHookPath(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for call := range instructions[ssa.CallInstruction](s) {
		common := call.Common()
		f := called(common)
		var to ssa.Value
		index, absolute := 0, true
		switch {
		case f == function{"net/http", "", "Redirect"}:
			index, to = 2, common.Args[2]
		case f == function{"net/http", "", "RedirectHandler"}:
			to = common.Args[0]
		case setsHeader(common):
			if name, ok := textOf(common.Args[1]); ok && strings.EqualFold(name, "Location") {
				index, to, absolute = 1, common.Args[2], false
			}
		}
		if at := s.callAt(call); to != nil && at != nil && leavesHook(startOf(to), absolute) {
			s.report(pass, at.Args[index], fmt.Sprintf("%s leads out of the endpoints, whose addresses start with that of the hook; use URL of the call", f), s.hookInstead(at.Args[index])...)
		}
	}
	return nil, nil
}

// startOf returns the constant text that a text starts with; "" if it starts with another.
func startOf(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.BinOp:
		return startOf(v.X)
	case *ssa.Call:
		if f := called(v.Common()); f.pkg == "fmt" && f.name == "Sprintf" {
			format, _ := textOf(v.Call.Args[0])
			start, _, _ := strings.Cut(format, "%")
			return start
		}
	}
	text, _ := textOf(v)
	return text
}

// leavesHook reports whether an address that starts so is certainly one of the whole site. If absolute, those
// that are relative become one.
func leavesHook(start string, absolute bool) bool {
	switch {
	case strings.HasPrefix(start, "//"), strings.HasPrefix(start, "/e/"):
		return false
	case strings.HasPrefix(start, "/"):
		return true
	}
	slash := strings.IndexAny(start, "/?#")
	return absolute && slash >= 0 && !strings.Contains(start[:slash], ":")
}

// hookInstead returns a fix for a path that starts with a slash: URL of the call that is at hand.
func (s *source) hookInstead(path ast.Expr) []analysis.SuggestedFix {
	call, text := "", s.text(path)
	for v := range s.variables(path.Pos()) {
		obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, s.pass.Pkg, "URL")
		if fn, ok := obj.(*types.Func); ok && call == "" && (nameOf(fn) == function{runtimePath, "EndpointCall", "URL"}) {
			call = v.Name()
		}
	}
	if call == "" || !slices.ContainsFunc([]string{`"/`, "`/", `fmt.Sprintf("/`}, func(start string) bool { return strings.HasPrefix(text, start) }) {
		return nil
	}
	return []analysis.SuggestedFix{fix("Use URL of the call", replace(path, call+".URL("+text+")"))}
}
