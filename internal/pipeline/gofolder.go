package pipeline

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/difygen/difygen/gen"
)

// GoFolder is what the Go files of a folder say.
type GoFolder struct{ files map[string]goFile }

// goFile is what matters of a file. Of one that the go command leaves out, it is zero.
type goFile struct {
	pkg    string
	types  []string    // that it declares; of generated files, none
	header *gen.Header // nil if the file has none
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
	}
	file, _ := parser.ParseFile(token.NewFileSet(), name, src, mode)
	if file == nil || file.Name == nil || file.Name.Name == gen.Ignored || ignored(file) {
		return f
	}
	if file.Name.Name != "_" {
		f.pkg = file.Name.Name
	}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name != nil {
					f.types = append(f.types, t.Name.Name)
				}
			}
		}
	}
	return f
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

// freeName returns the name of a stub, changed if another file has it: a file that is
// there is never replaced.
func freeName(stub string, taken []string) string {
	name := stub
	for n := 1; slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }); n++ {
		suffix := "_provider"
		if n > 1 {
			suffix += strconv.Itoa(n)
		}
		name = strings.TrimSuffix(stub, ".go") + suffix + ".go"
	}
	return name
}
