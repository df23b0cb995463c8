package analyzers

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// readPaths adds the structs that a function fills with the values in the path of a request.
func (g *Generated) readPaths(pass *analysis.Pass, fn *ast.FuncDecl) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		made, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var fields []Field
		for _, element := range made.Elts {
			if f, ok := pathField(pass, element); ok {
				fields = append(fields, f)
			}
		}
		if name := typeName(pass.TypesInfo.TypeOf(made)); name != nil && len(fields) > 0 {
			g.Paths = append(g.Paths, Section{Type: name.Name(), Fields: fields})
		}
		return true
	})
}

// pathField returns the field that an element such as ID: values.Int("id") sets.
func pathField(pass *analysis.Pass, element ast.Expr) (f Field, ok bool) {
	kv, ok := element.(*ast.KeyValueExpr)
	if !ok {
		return f, false
	}
	name, named := kv.Key.(*ast.Ident)
	call, read := kv.Value.(*ast.CallExpr)
	if !named || !read {
		return f, false
	}
	if from := calledBy(pass.TypesInfo, call); from.pkg != runtimePath || from.receiver != "PathValues" {
		return f, false
	}
	key := firstText(pass, call)
	return Field{Key: key, Name: name.Name}, key != ""
}

// pathAt returns the values in the path of the request whose call is at hand at a node, an expression for
// them, and its type.
func (s *source) pathAt(x ast.Node) (path Section, expr string, t types.Type) {
	for v := range s.variables(x.Pos()) {
		obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, s.pass.Pkg, "Path")
		if field, ok := obj.(*types.Var); ok {
			if path, ok := s.paths[typeName(field.Type())]; ok {
				return path, v.Name() + ".Path", field.Type()
			}
		}
	}
	return Section{}, "", nil
}
