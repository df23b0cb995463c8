package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

var credentialSwitch = &analysis.Analyzer{
	Name: "credentialswitch",
	Doc: `find type switches over credentials that lack a kind of them

A call has one of the kinds of credentials that the YAML declares, as AnyCredentials. A type switch that
lacks one and has no default sends a request without a token, silently, when a user connects in the
way that was added to the YAML later.

Bad:

	switch creds := call.Credentials.(type) {
	case Credentials:
		token = creds.AccessToken
	}

Good:

	switch creds := call.Credentials.(type) {
	case Credentials:
		token = creds.AccessToken
	case OAuthCredentials:
		token = creds.AccessToken
	}

A default takes all others.`,
	URL:      page + "#credentialswitch",
	Run:      runCredentialSwitch,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runCredentialSwitch(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	inspector.New(s.files).Preorder([]ast.Node{new(ast.TypeSwitchStmt)}, func(n ast.Node) {
		sw := n.(*ast.TypeSwitchStmt)
		x := switched(sw)
		named, ok := types.Unalias(pass.TypesInfo.TypeOf(x)).(*types.Named)
		if !ok {
			return
		}
		if lacking := s.lackingKinds(sw, named); len(lacking) > 0 {
			s.report(pass, x, fmt.Sprintf("the switch over %s has no default and lacks %s", named.Obj().Name(), strings.Join(lacking, ", ")))
		}
	})
	return nil, nil
}

// switched returns the expression whose type a switch is about.
func switched(sw *ast.TypeSwitchStmt) ast.Expr {
	var x ast.Expr
	switch stmt := sw.Assign.(type) {
	case *ast.AssignStmt:
		x = stmt.Rhs[0]
	case *ast.ExprStmt:
		x = stmt.X
	}
	return ast.Unparen(x).(*ast.TypeAssertExpr).X
}

// lackingKinds returns the kinds of credentials that a switch over a generated interface lacks.
func (s *source) lackingKinds(sw *ast.TypeSwitchStmt, named *types.Named) []string {
	kinds := s.kindsOf(named)
	for _, stmt := range sw.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			return nil // a default
		}
		for _, x := range clause.List {
			given := s.pass.TypesInfo.TypeOf(x)
			kinds = slices.DeleteFunc(kinds, func(kind *types.TypeName) bool {
				// An interface in a case takes each kind that has its methods.
				i, ok := given.Underlying().(*types.Interface)
				return types.Identical(kind.Type(), given) || ok && types.Implements(kind.Type(), i)
			})
		}
	}
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name()
	}
	return names
}

// kindsOf returns the sections that an interface stands for, which difygen generated; none for
// another one.
func (s *source) kindsOf(named *types.Named) []*types.TypeName {
	i, ok := named.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	mark := "is" + named.Obj().Name()
	if obj, _, _ := types.LookupFieldOrMethod(named, false, named.Obj().Pkg(), mark); obj == nil {
		return nil
	}
	var kinds []*types.TypeName
	for section := range s.sections {
		if section.Pkg() == named.Obj().Pkg() && types.Implements(section.Type(), i) {
			kinds = append(kinds, section)
		}
	}
	slices.SortFunc(kinds, func(a, b *types.TypeName) int { return int(a.Pos() - b.Pos()) })
	return kinds
}
