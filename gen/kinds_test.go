package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/difygen/difygen/model"
)

// TestKinds checks that there is code for every kind of provider.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range model.Kinds() {
		if _, ok := kinds[k]; !ok {
			t.Errorf("no code for the kind %s", k)
		}
	}
}

// TestFieldTypes checks that every type of field that package model has a constant for
// has its shapes.
func TestFieldTypes(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../model/fieldtype.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "FieldType" {
			return true
		}
		for i, name := range spec.Names {
			value, err := strconv.Unquote(spec.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := fieldTypes[model.FieldType(value)]; !ok {
				t.Errorf("no row for %s", name.Name)
			}
			found++
		}
		return true
	})
	if found != len(fieldTypes) {
		t.Errorf("%d constants, but %d rows", found, len(fieldTypes))
	}
}
