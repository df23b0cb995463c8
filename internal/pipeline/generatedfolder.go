package pipeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/gen"
)

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
