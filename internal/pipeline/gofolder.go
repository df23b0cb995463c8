package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
)

// maxAliases is how many aliases of aliases are followed. They can form a circle.
const maxAliases = 10

// GoFolder is what the Go files of a folder say.
type GoFolder struct{ files map[string]goFile }

// goFile is what matters of a file. Of one that the go command leaves out, it is zero.
type goFile struct {
	pkg     string
	types   []string            // that it declares; of generated files, none
	methods map[string][]string // of those and other types; of generated files, none
	embeds  map[string]bool     // the types that embed another one
	aliases map[string]string   // the names of types of the package that have another name
	funcs   []string            // that are no methods
	src     []byte              // of generated files
	header  *gen.Header         // nil if the file has none
	// generated: difygen generated it. The author can have copied the header of another one.
	generated bool
}

// NewGoFolder reads the Go files among the files of a folder, by name, which need not be
// valid Go. Tests count by their names alone.
func NewGoFolder(files map[string][]byte) GoFolder {
	folder := GoFolder{make(map[string]goFile, len(files))}
	for name, src := range files {
		folder.files[name] = goFile{}
		if isCode(name) {
			folder.files[name] = parseGo(name, src)
		}
	}
	return folder
}

// readGoFolder reads the Go files of a folder, which need not exist.
func readGoFolder(fsys fs.FS, at string) (GoFolder, error) {
	entries, err := fs.ReadDir(fsys, at)
	if errors.Is(err, fs.ErrNotExist) {
		return NewGoFolder(nil), nil
	}
	if err != nil {
		return GoFolder{}, fmt.Errorf("%s: %w", at, plugin.Reason(err))
	}
	return readEntries(entries, func(name string) ([]byte, error) {
		data, err := regular.Read(fsys, path.Join(at, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(at, name), plugin.Reason(err))
		}
		return data, nil
	})
}

// readEntries reads the Go files among the entries of a folder.
func readEntries(entries []fs.DirEntry, read func(name string) ([]byte, error)) (GoFolder, error) {
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		files[e.Name()] = nil
		if e.IsDir() || !isCode(e.Name()) {
			continue
		}
		data, err := read(e.Name())
		if err != nil {
			return GoFolder{}, err
		}
		files[e.Name()] = data
	}
	return NewGoFolder(files), nil
}

// isCode reports whether a file of that name belongs to a package, and is not a test. The
// go command ignores names that start with _ or a dot.
func isCode(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '_' && name[0] != '.'
}

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
	file, _ := parser.ParseFile(token.NewFileSet(), name, src, mode)
	if file == nil || file.Name == nil || file.Name.Name == gen.Ignored || ignored(file) {
		return f
	}
	if file.Name.Name != "_" {
		f.pkg = file.Name.Name
	}
	f.methods, f.embeds, f.aliases = make(map[string][]string), make(map[string]bool), make(map[string]string)
	for _, decl := range file.Decls {
		f.declare(decl, file.Imports)
	}
	return f
}

// declare adds what a declaration of the author says.
func (f *goFile) declare(decl ast.Decl, imports []*ast.ImportSpec) {
	switch d := decl.(type) {
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.Name != nil {
				f.types = append(f.types, t.Name.Name)
				f.embeds[t.Name.Name] = f.embedded(t, imports)
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
		case len(d.Recv.List) == 1:
			typ := receiver(d.Recv.List[0].Type)
			f.methods[typ] = append(f.methods[typ], d.Name.Name)
		}
	}
}

// embedded reports whether a type has the methods of another one: it is a struct that embeds
// one, or an alias or a definition by name. The methods of an embedded OAuth flow are known, so
// they become the type's.
func (f *goFile) embedded(t *ast.TypeSpec, imports []*ast.ImportSpec) bool {
	s, ok := t.Type.(*ast.StructType)
	if !ok || s.Fields == nil {
		return !ok
	}
	others := false
	for _, field := range s.Fields.List {
		switch {
		case len(field.Names) > 0:
		case isFlow(field.Type, imports):
			f.methods[t.Name.Name] = append(f.methods[t.Name.Name], gen.AuthorizationMethod, gen.ExchangeMethod, gen.RefreshMethod)
		default:
			others = true
		}
	}
	return others
}

// isFlow reports whether a type is a pointer to an OAuth flow.
func isFlow(typ ast.Expr, imports []*ast.ImportSpec) bool {
	pointer, ok := typ.(*ast.StarExpr)
	if !ok {
		return false
	}
	generic, ok := pointer.X.(*ast.IndexListExpr)
	if !ok {
		return false
	}
	selector, ok := generic.X.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != gen.FlowType {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	return ok && slices.ContainsFunc(imports, func(spec *ast.ImportSpec) bool {
		name := path.Base(gen.FlowPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		return spec.Path.Value == strconv.Quote(gen.FlowPath) && pkg.Name == name
	})
}

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

// names are the names of all files.
func (f GoFolder) names() []string { return slices.Collect(maps.Keys(f.files)) }

// declares returns the name of the author's file that declares a type, "" if none does.
func (f GoFolder) declares(typ string) string {
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if slices.Contains(f.files[name].types, typ) {
			return name
		}
	}
	return ""
}

// resolve returns the type of the author that an alias stands for, or else typ.
func (f GoFolder) resolve(typ string) string {
	for range maxAliases {
		other := ""
		for _, file := range f.files {
			other = cmp.Or(other, file.aliases[typ])
		}
		if other == "" || f.declares(other) == "" {
			break
		}
		typ = other
	}
	return typ
}

// hasMethod reports whether an author's file declares a method.
func (f GoFolder) hasMethod(typ, name string) bool {
	typ = f.resolve(typ)
	for _, file := range f.files {
		for receiver, methods := range file.methods {
			if slices.Contains(methods, name) && f.resolve(receiver) == typ {
				return true
			}
		}
	}
	return false
}

// embeds reports whether a type of the author can have methods of another one.
func (f GoFolder) embeds(typ string) bool {
	typ = f.resolve(typ)
	for _, file := range f.files {
		if file.embeds[typ] {
			return true
		}
	}
	return false
}

// hasFunc reports whether an author's file declares a function.
func (f GoFolder) hasFunc(name string) bool {
	for _, file := range f.files {
		if slices.Contains(file.funcs, name) {
			return true
		}
	}
	return false
}

// demanded returns the methods of the interfaces in the file that was generated from a source
// before.
func (f GoFolder) demanded(source string) []string {
	var names []string
	for name, file := range f.files {
		if !file.generated || file.header.Source != source {
			continue
		}
		parsed, _ := parser.ParseFile(token.NewFileSet(), name, file.src, parser.SkipObjectResolution)
		if parsed == nil {
			continue
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if t, ok := n.(*ast.InterfaceType); ok && t.Methods != nil {
				for _, m := range t.Methods.List {
					for _, id := range m.Names {
						names = append(names, id.Name)
					}
				}
			}
			return true
		})
	}
	return names
}

// formerType returns the author's type for which code was generated before from one of some
// sources, and "" if there is none.
func (f GoFolder) formerType(isSource func(string) bool) string {
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		file := f.files[name]
		if !file.generated || !file.header.Whole || !isSource(file.header.Source) || file.header.Source == gen.PluginSource {
			continue
		}
		parsed, _ := parser.ParseFile(token.NewFileSet(), name, file.src, parser.SkipObjectResolution)
		if parsed == nil {
			continue
		}
		for _, decl := range parsed.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && strings.HasPrefix(d.Name.Name, "New") && len(d.Type.Params.List) == 1 {
				if typ, ok := d.Type.Params.List[0].Type.(*ast.StarExpr); ok {
					return receiver(typ)
				}
			}
		}
	}
	return ""
}

// listedSources returns the paths of the YAML files that the generated file of a plugin lists.
func (f GoFolder) listedSources() []string {
	var paths []string
	parsed, _ := parser.ParseFile(token.NewFileSet(), gen.PluginFile, f.files[gen.PluginFile].src, parser.SkipObjectResolution)
	if parsed == nil {
		return nil
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.BasicLit); ok && key.Kind == token.STRING {
				if path, err := strconv.Unquote(key.Value); err == nil {
					paths = append(paths, path)
				}
			}
		}
		return true
	})
	return paths
}

// packages returns the names of the packages of the files, sorted; with authorsOnly, not
// those of generated files.
func (f GoFolder) packages(authorsOnly bool) []string {
	var names []string
	for _, file := range f.files {
		if file.pkg != "" && (!file.generated || !authorsOnly) {
			names = append(names, file.pkg)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// packageOf returns the package of the files. Without any, it makes a name from base, a
// folder or the last element of an import path.
func (f GoFolder) packageOf(base string) (string, error) {
	switch names := f.packages(false); len(names) {
	case 0:
		return packageName(base), nil
	case 1:
		return names[0], nil
	default:
		return "", fmt.Errorf("there are several packages: %s", strings.Join(names, ", "))
	}
}

// packageName turns base into the name of a package.
func packageName(base string) string {
	name := strings.Map(func(c rune) rune {
		if c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			return unicode.ToLower(c)
		}
		return -1
	}, base)
	if name = strings.TrimLeftFunc(name, unicode.IsDigit); !token.IsIdentifier(name) || name == gen.Ignored {
		return "provider"
	}
	return name
}

// freeName returns the name of a stub, with a suffix if another file has it: a file that is
// there is never replaced.
func freeName(stub, suffix string, taken []string) string {
	name := stub
	for n := 1; slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }); n++ {
		name = strings.TrimSuffix(stub, ".go") + suffix
		if n > 1 {
			name += strconv.Itoa(n)
		}
		name += ".go"
	}
	return name
}
