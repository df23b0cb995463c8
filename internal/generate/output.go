package generate

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
)

// output is the folder that the Go files go to, with what its package holds.
type output struct {
	base      string            // display paths start here
	dir       string            // absolute
	pkg       string            // name of the package
	types     map[string]string // types that the author declares, and their files
	generated map[string][]byte // files with our header, and what they hold
	files     []string
}

func openOutput(cfg Config) (*output, error) {
	dir := cfg.Out
	if dir == "" {
		dir = "."
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(cfg.Dir, dir)
	}
	shown := display(cfg.Dir, dir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("output folder %s does not exist: create it first", shown)
	}
	if err != nil {
		return nil, fmt.Errorf("output folder %s: %w", shown, plugin.Reason(err))
	}
	out := &output{base: cfg.Dir, dir: dir, types: make(map[string]string), generated: make(map[string][]byte)}
	packages := make(map[string]bool)
	for _, e := range entries {
		name := e.Name()
		out.files = append(out.files, name)
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		pkg, err := out.scan(name)
		if out.generated[name] != nil && cfg.Package != "" {
			pkg = "" // it follows the flag
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", display(cfg.Dir, filepath.Join(dir, name)), plugin.Reason(err))
		}
		if pkg != "" {
			packages[pkg] = true
		}
	}
	out.pkg, err = packageName(cfg, dir, packages)
	return out, err
}

// scan notes what a Go file holds, and returns its package unless the go command
// leaves the file out. The file need not be valid Go.
func (out *output) scan(name string) (pkg string, err error) {
	src, err := os.ReadFile(filepath.Join(out.dir, name))
	if err != nil {
		return "", err
	}
	mode := parser.SkipObjectResolution | parser.ParseComments
	if _, ok := gen.GeneratedFrom(src); ok {
		out.generated[name] = src
		mode |= parser.PackageClauseOnly // none of its types is the author's
	}
	file, _ := parser.ParseFile(token.NewFileSet(), name, src, mode)
	if file == nil || file.Name == nil || ignored(file) {
		return "", nil
	}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name != nil {
					out.types[t.Name.Name] = name
				}
			}
		}
	}
	if file.Name.Name == "_" {
		return "", nil
	}
	return file.Name.Name, nil
}

// ignored reports whether a file has the customary constraint of files that are
// run by themselves.
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

func (out *output) exists(name string) bool {
	return slices.ContainsFunc(out.files, func(f string) bool { return strings.EqualFold(f, name) })
}

// packageName decides the package of the generated files: as told, else that of
// the go:generate directive, else as the folder's files say or the folder is called.
func packageName(cfg Config, dir string, packages map[string]bool) (string, error) {
	switch {
	case cfg.Package != "" && len(packages) > 0 && !packages[cfg.Package]:
		return "", fmt.Errorf("-package %s does not fit folder %s, which holds package %s", text.Name(cfg.Package),
			display(cfg.Dir, dir), strings.Join(slices.Sorted(maps.Keys(packages)), ", "))
	case cfg.Package != "":
		return cfg.Package, nil
	case cfg.GoPackage != "" && dir == cfg.Dir:
		return cfg.GoPackage, nil
	case len(packages) == 1:
		for name := range packages {
			return name, nil
		}
	case len(packages) > 1:
		return "", fmt.Errorf("folder %s holds several packages: say which with -package", display(cfg.Dir, dir))
	}
	name := strings.Map(func(c rune) rune {
		if c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			return unicode.ToLower(c)
		}
		return -1
	}, filepath.Base(dir))
	if name = strings.TrimLeftFunc(name, unicode.IsDigit); !token.IsIdentifier(name) {
		return "provider", nil
	}
	return name, nil
}
