package pipeline

import (
	"go/ast"
	"path"
	"slices"
	"strconv"

	"github.com/difygen/difygen/gen"
)

// base is a generic type to embed, which has methods that the compiler asks for.
type base struct {
	path, typ string
	// pointer: only a pointer to it makes a provider with its methods. Without a pointer, both do.
	pointer bool
	methods []string
}

var bases = []base{
	{gen.FlowPath, gen.FlowType, true, []string{gen.AuthorizationMethod, gen.ExchangeMethod, gen.RefreshMethod}},
	{gen.ModelBasePath, gen.ModelBaseType, false, gen.ModelBaseMethods()},
}

// embedded reports whether a type can have methods of another one that is unknown: it is a struct
// that embeds one, or an alias or a definition by name. Those of bases become the type's.
func (f *goFile) embedded(t *ast.TypeSpec, imports []*ast.ImportSpec) bool {
	s, ok := t.Type.(*ast.StructType)
	if !ok || s.Fields == nil {
		return !ok
	}
	others := false
	for _, field := range s.Fields.List {
		if len(field.Names) > 0 {
			continue
		}
		at := slices.IndexFunc(bases, func(b base) bool { return b.is(field.Type, imports) })
		if at < 0 {
			others = true
			continue
		}
		f.methods[t.Name.Name] = append(f.methods[t.Name.Name], bases[at].methods...)
	}
	return others
}

// is reports whether an embedded type is the base.
func (b base) is(typ ast.Expr, imports []*ast.ImportSpec) bool {
	if pointer, ok := typ.(*ast.StarExpr); ok {
		typ = pointer.X
	} else if b.pointer {
		return false
	}
	generic, ok := typ.(*ast.IndexListExpr)
	if !ok {
		return false
	}
	selector, ok := generic.X.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != b.typ {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	return ok && slices.ContainsFunc(imports, func(spec *ast.ImportSpec) bool {
		name := path.Base(b.path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		return spec.Path.Value == strconv.Quote(b.path) && pkg.Name == name
	})
}
