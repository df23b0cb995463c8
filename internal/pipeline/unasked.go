package pipeline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/difygen/difygen/gen"
)

// authorMethod is a method of a type of the author.
type authorMethod struct {
	receiver, name string
	line           int
	types          []string // the exported names of types of the package in its signature
}

// newAuthorMethod returns a method that the author declares.
func newAuthorMethod(d *ast.FuncDecl, line int) authorMethod {
	m := authorMethod{receiver: receiver(d.Recv.List[0].Type), name: d.Name.Name, line: line}
	for _, fields := range []*ast.FieldList{d.Type.Params, d.Type.Results} {
		if fields == nil {
			continue
		}
		for _, field := range fields.List {
			ast.Inspect(field.Type, m.add)
		}
	}
	for n := range ast.Preorder(d.Recv.List[0].Type) { // a parameter of the type
		if id, ok := n.(*ast.Ident); ok {
			m.types = slices.DeleteFunc(m.types, func(name string) bool { return name == id.Name })
		}
	}
	return m
}

// add adds the names in an expression for a type. It leaves out what has names of other packages, of
// members and of parameters.
func (m *authorMethod) add(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr, *ast.StructType, *ast.InterfaceType, *ast.FuncType:
		return false
	case *ast.Ident:
		if n.IsExported() {
			m.types = append(m.types, n.Name)
		}
	}
	return true
}

// unaskedOf returns a note for each method of the author's types that no interface asks for, and that
// does not compile because its signature has a type that nothing declares, such as that of the calls of
// an item that was renamed. files are those to be written.
func (s *stubber) unaskedOf(requirements []gen.Requirement, files []File) []string {
	asked := s.askedOf(requirements)
	generated := sync.OnceValue(func() []string { return typesIn(files) })
	unknown := func(typ string) bool { return s.declares(typ) == "" && !slices.Contains(generated(), typ) }
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(s.GoFolder.files)) {
		for _, m := range s.GoFolder.files[name].signatures {
			methods, known := asked[s.resolve(m.receiver)]
			if !known || slices.Contains(methods, m.name) {
				continue
			}
			if i := slices.IndexFunc(m.types, unknown); i >= 0 {
				remove := strings.Join(append([]string{"remove it"}, s.optionsOf(m, methods)...), " and ")
				notes = append(notes, fmt.Sprintf("%s:%d: nothing asks for the method %s of %s, and no code has its type %s; move what it does to a method that is asked for, and %s",
					s.show(name), m.line, m.name, m.receiver, m.types[i], remove))
			}
		}
	}
	return notes
}

// askedOf are the methods that interfaces ask for, by the author's type.
func (s *stubber) askedOf(requirements []gen.Requirement) map[string][]string {
	asked := make(map[string][]string)
	for _, b := range s.code.Bound() {
		asked[s.resolve(b.Type)] = nil
	}
	for _, r := range requirements {
		typ := s.resolve(r.Type)
		for _, m := range r.Methods {
			asked[typ] = append(asked[typ], m.Name)
		}
	}
	return asked
}

// optionsOf are the methods for the choices of parameters of the item that had a method. They compile without it,
// and are not among those that are asked for.
func (s *stubber) optionsOf(m authorMethod, asked []string) []string {
	var names []string
	for _, file := range s.GoFolder.files {
		for _, other := range file.signatures {
			isOf := strings.HasPrefix(other.name, m.name) && strings.HasSuffix(other.name, "Options") && s.resolve(other.receiver) == s.resolve(m.receiver)
			if isOf && !slices.Contains(asked, other.name) {
				names = append(names, other.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// genericOf returns a note for each type that calls of methods have, and that the author declares with type
// parameters, for which the generated code has no types.
func (s *stubber) genericOf(requirements []gen.Requirement) []string {
	var notes []string
	for _, r := range requirements {
		for _, t := range r.Types {
			name := s.declares(t.Name)
			if line := s.GoFolder.files[name].generic[t.Name]; line > 0 {
				notes = append(notes, fmt.Sprintf("%s:%d: type %s must not have type parameters; declare it without them, as type %s = Other[int], for example",
					s.show(name), line, t.Name, t.Name))
			}
		}
	}
	return notes
}

// typesIn returns the types that files of Go declare.
func typesIn(files []File) []string {
	types := []string{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".go") {
			continue
		}
		parsed, _ := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.SkipObjectResolution)
		if parsed == nil {
			continue
		}
		for _, decl := range parsed.Decls {
			if d, ok := decl.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						types = append(types, t.Name.Name)
					}
				}
			}
		}
	}
	return types
}
