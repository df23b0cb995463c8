package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

var oauthFlow = &analysis.Analyzer{
	Name: "oauthflow",
	Doc: `find plugins whose provider has no OAuth flow

A provider that embeds *authcode.Flow has the methods of OAuthFlow even if the flow is nil, so that the
compiler has nothing to say. Tests that make the provider in another way pass, and the first user who
connects gets an error.

Bad:

	serve.Main(newPlugin(&github.Provider{}))

Good, with the function that sets the flow:

	serve.Main(newPlugin(github.New(nil)))`,
	URL:      page + "#oauthflow",
	Run:      runOAuthFlow,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

// flowPath is the package of the flow.
const flowPath = runtimePath + "/authcode"

func runOAuthFlow(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	plugin := pluginType(pass.Pkg)
	if plugin == nil {
		return nil, nil
	}
	inspector.New(s.files).Preorder([]ast.Node{new(ast.CallExpr)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		if t := pass.TypesInfo.TypeOf(call); t == nil || !types.Identical(t, plugin) {
			return
		}
		for _, arg := range call.Args {
			if flow := lackingFlow(pass, arg); flow != "" {
				s.report(pass, arg, fmt.Sprintf("the field %s is nil, so nobody can connect with OAuth; pass what the function returns that sets it", flow))
			}
		}
	})
	return nil, nil
}

// pluginType returns the type of a whole plugin, *serve.Plugin; nil in a package that does not
// depend on package serve.
func pluginType(pkg *types.Package) types.Type {
	for _, p := range dependencies(pkg) {
		if p.Path() != servePath {
			continue
		}
		if obj := p.Scope().Lookup("Plugin"); obj != nil {
			return types.NewPointer(obj.Type())
		}
	}
	return nil
}

// lackingFlow returns the name of the field for the OAuth flow that the literal of a struct does not
// set; "" if an expression is something else.
func lackingFlow(pass *analysis.Pass, x ast.Expr) string {
	address, ok := ast.Unparen(x).(*ast.UnaryExpr)
	if !ok {
		return ""
	}
	lit, ok := ast.Unparen(address.X).(*ast.CompositeLit)
	if !ok {
		return ""
	}
	fields, ok := pass.TypesInfo.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for f := range fields.Fields() {
		if p, ok := types.Unalias(f.Type()).(*types.Pointer); ok && f.Embedded() && isType(p.Elem(), flowPath, "Flow") && !sets(lit, f.Name()) {
			return f.Name()
		}
	}
	return ""
}

// sets reports whether the literal of a struct sets a field.
func sets(lit *ast.CompositeLit, field string) bool {
	for _, x := range lit.Elts {
		pair, ok := x.(*ast.KeyValueExpr)
		if !ok {
			return true // without keys, it sets all
		}
		if id, ok := pair.Key.(*ast.Ident); ok && id.Name == field {
			return true
		}
	}
	return false
}
