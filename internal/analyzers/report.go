package analyzers

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"iter"

	"golang.org/x/tools/go/analysis"
)

// page is where the documentation of the analyzers is.
const page = "https://github.com/difygen/difygen/blob/main/docs/vet.md"

// report reports what is wrong at a node of an author's file, with fixes.
func (s *source) report(pass *analysis.Pass, at ast.Node, message string, fixes ...analysis.SuggestedFix) {
	if at == nil || s.file(at.Pos()) == nil {
		return
	}
	pass.Report(analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Message: message, SuggestedFixes: fixes})
}

// fix returns a fix that makes the edits.
func fix(message string, edits ...analysis.TextEdit) analysis.SuggestedFix {
	return analysis.SuggestedFix{Message: message, TextEdits: edits}
}

// insert returns an edit that inserts a text.
func insert(at token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: at, End: at, NewText: []byte(text)}
}

// replace returns an edit that replaces a node by a text.
func replace(n ast.Node, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}
}

// text returns the Go source of a node.
func (s *source) text(n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, s.pass.Fset, n); err != nil {
		return ""
	}
	return b.String()
}

// importName returns the name by which the file at a position refers to a package. It is "" if
// it does not, or if the name means something else there.
func (s *source) importName(pos token.Pos, path string) string {
	file := s.file(pos)
	if file == nil {
		return ""
	}
	scope := s.pass.Pkg.Scope().Innermost(pos)
	for _, spec := range file.Imports {
		name := s.pass.TypesInfo.PkgNameOf(spec)
		if name == nil || name.Imported().Path() != path || name.Name() == "_" || name.Name() == "." || scope == nil {
			continue
		}
		if _, found := scope.LookupParent(name.Name(), pos); found == name {
			return name.Name()
		}
	}
	return ""
}

// contextAt returns an expression for the context of the call that the code at a position
// belongs to; "" if there is none.
func (s *source) contextAt(pos token.Pos) string {
	request := ""
	for v := range s.variables(pos) {
		switch {
		case isContext(v.Type()):
			return v.Name()
		case isType(v.Type(), "net/http", "Request") && v.Kind() == types.ParamVar:
			request = v.Name() + ".Context()"
		}
	}
	return request
}

// variables are the local variables that code at a position can use, inner ones first.
func (s *source) variables(pos token.Pos) iter.Seq[*types.Var] {
	return func(yield func(*types.Var) bool) {
		scope := s.pass.Pkg.Scope().Innermost(pos)
		if s.file(pos) == nil || scope == nil {
			return
		}
		for at := scope; at != nil && at != s.pass.Pkg.Scope(); at = at.Parent() {
			for _, name := range at.Names() {
				v, ok := at.Lookup(name).(*types.Var)
				if !ok || name == "_" || v.Pos() >= pos {
					continue
				}
				if _, found := scope.LookupParent(name, pos); found == v && !yield(v) {
					return
				}
			}
		}
	}
}
