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

var optionSwitch = &analysis.Analyzer{
	Name: "optionswitch",
	Doc: `find switches over a select that lack an option

A select has a string type with a constant for each option in the YAML. A switch over it that lacks an
option and has no default does nothing for it, silently, as it does for the option that is added to
the YAML next year.

Bad:

	switch creds.Deployment {
	case DeploymentCloud:
		base = "https://api.github.com"
	}

Good:

	switch creds.Deployment {
	case DeploymentCloud:
		base = "https://api.github.com"
	case DeploymentServer:
		base = creds.ServerURL
	}

A case without statements says that an option needs nothing. A default takes all others.`,
	URL:      page + "#optionswitch",
	Run:      runOptionSwitch,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runOptionSwitch(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	inspector.New(s.files).Preorder([]ast.Node{new(ast.SwitchStmt)}, func(n ast.Node) {
		sw := n.(*ast.SwitchStmt)
		if sw.Tag == nil {
			return
		}
		t := pass.TypesInfo.TypeOf(sw.Tag)
		named, ok := types.Unalias(t).(*types.Named)
		if !ok {
			return
		}
		if sel, ok := s.selects[named.Obj()]; ok {
			s.checkSwitch(pass, sw, named.Obj(), sel)
		}
	})
	return nil, nil
}

// checkSwitch reports the options that a switch lacks.
func (s *source) checkSwitch(pass *analysis.Pass, sw *ast.SwitchStmt, t *types.TypeName, sel Select) {
	var given []string
	for _, stmt := range sw.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			return // a default
		}
		for _, x := range clause.List {
			value, ok := constantText(pass.TypesInfo, x)
			if !ok {
				return // it may be any
			}
			given = append(given, value)
		}
	}
	var lacking, cases []string
	qualifier := ""
	if t.Pkg() != pass.Pkg {
		if qualifier = s.importName(sw.Pos(), t.Pkg().Path()); qualifier != "" {
			qualifier += "."
		}
	}
	for _, o := range sel.Options {
		if !slices.Contains(given, o.Value) {
			lacking = append(lacking, fmt.Sprintf("%q", o.Value))
			cases = append(cases, qualifier+o.Const)
		}
	}
	if len(lacking) == 0 {
		return
	}
	var fixes []analysis.SuggestedFix
	if qualifier != "" || t.Pkg() == pass.Pkg {
		indent := strings.Repeat("\t", s.indentation(sw))
		fixes = append(fixes, fix("Add a case", insert(sw.Body.Rbrace, "case "+strings.Join(cases, ", ")+":\n"+indent)))
	}
	s.report(pass, sw.Tag, fmt.Sprintf("the switch over %s has no default and lacks %s", t.Name(), strings.Join(lacking, ", ")), fixes...)
}

// indentation returns by how many tabs gofmt indents the line of a statement.
func (s *source) indentation(n ast.Node) int {
	p := s.pass.Fset.Position(n.Pos())
	return max(p.Column-1, 0)
}
