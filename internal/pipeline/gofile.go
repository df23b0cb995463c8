package pipeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/difygen/difygen/gen"
)

// goFile is what matters of a file. Of one that the go command leaves out, it is zero.
type goFile struct {
	pkg     string
	types   []string            // that it declares; of generated files, none
	methods map[string][]string // of those and other types; of generated files, none
	// signatures are those of the methods, unless a type in them can be of an import without a name.
	signatures []authorMethod
	generic    map[string]int    // the lines of types that have type parameters
	embeds     map[string]bool   // the types that embed one whose methods are unknown
	aliases    map[string]string // the names of types of the package that have another name
	funcs      []string          // that are not methods
	src        []byte            // of generated files
	header     *gen.Header       // nil if the file has none
	// generated: difygen generated it. The author can have copied the header of another one.
	generated bool
}

// parseGo reads a Go file, which need not be valid Go.
func parseGo(name string, src []byte) goFile {
	mode := parser.SkipObjectResolution | parser.ParseComments
	var f goFile
	if header, ok := gen.ParseHeader(src); ok {
		f.header, f.generated = &header, header.Names(name)
	}
	if f.generated {
		mode |= parser.PackageClauseOnly
		f.src = src
	}
	files := token.NewFileSet()
	file, _ := parser.ParseFile(files, name, src, mode)
	if file == nil || file.Name == nil || file.Name.Name == gen.Ignored || ignored(file) {
		return f
	}
	if file.Name.Name != "_" {
		f.pkg = file.Name.Name
	}
	f.methods, f.embeds, f.aliases, f.generic = make(map[string][]string), make(map[string]bool), make(map[string]string), make(map[string]int)
	imported := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Name != nil && i.Name.Name == "." })
	for _, decl := range file.Decls {
		f.declare(decl, file.Imports, files)
		if d, ok := decl.(*ast.FuncDecl); ok && isMethod(d) && !imported {
			f.signatures = append(f.signatures, newAuthorMethod(d, files.Position(d.Pos()).Line))
		}
	}
	return f
}

// declare adds what a declaration of the author says.
func (f *goFile) declare(decl ast.Decl, imports []*ast.ImportSpec, files *token.FileSet) {
	switch d := decl.(type) {
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.Name != nil {
				f.types = append(f.types, t.Name.Name)
				f.embeds[t.Name.Name] = f.embedded(t, imports)
				if t.TypeParams != nil {
					f.generic[t.Name.Name] = files.Position(t.Pos()).Line
				}
				if other, ok := ast.Unparen(t.Type).(*ast.Ident); ok && t.Assign.IsValid() {
					f.aliases[t.Name.Name] = other.Name
				}
			}
		}
	case *ast.FuncDecl:
		switch {
		case d.Name == nil:
		case d.Recv == nil:
			f.funcs = append(f.funcs, d.Name.Name)
		case isMethod(d):
			typ := receiver(d.Recv.List[0].Type)
			f.methods[typ] = append(f.methods[typ], d.Name.Name)
		}
	}
}

// isMethod reports whether a function is a method with a receiver.
func isMethod(d *ast.FuncDecl) bool { return d.Name != nil && d.Recv != nil && len(d.Recv.List) == 1 }

// receiver returns the name of the type of a receiver.
func receiver(typ ast.Expr) string {
	switch t := typ.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.ParenExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// ignored reports whether a file has the customary constraint of files that are run by
// themselves.
func ignored(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			return false
		}
		for _, c := range group.List {
			if c.Text == "//go:build ignore" || c.Text == "//go:build tools" {
				return true
			}
		}
	}
	return false
}
