package pipeline_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// declared reads the declaration in the generated code of a plugin, with providers under their
// keys in it.
func declared(t *testing.T, dir string) map[string]any {
	t.Helper()
	var manifest map[string]any
	providers := make(map[string]any)
	ast.Inspect(goFiles(t, dir, gen.PluginFile)[0], func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		fields := keyedTexts(literal)
		if fields["Manifest"] != "" {
			manifest = decodeJSON(t, fields["Manifest"])
		}
		if typ, ok := strings.CutSuffix(fields["Type"], "_declaration"); ok {
			providers[typ] = decodeJSON(t, fields["Data"])
		}
		return true
	})
	maps.Copy(manifest, providers)
	return manifest
}

func decodeJSON(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// keyedTexts are the fields of a literal that are texts.
func keyedTexts(literal *ast.CompositeLit) map[string]string {
	fields := make(map[string]string)
	for _, element := range literal.Elts {
		if key, value := keyed(element); key != "" {
			fields[key] = constant(value)
		}
	}
	return fields
}

// keyed returns the name and the value of a field in a literal; "" for other elements.
func keyed(element ast.Expr) (string, ast.Expr) {
	if pair, ok := element.(*ast.KeyValueExpr); ok {
		if key, ok := pair.Key.(*ast.Ident); ok {
			return key.Name, pair.Value
		}
	}
	return "", nil
}

// constant is the value of a text; "" for any other expression.
func constant(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		return constant(x.X) + constant(x.Y)
	case *ast.ParenExpr:
		return constant(x.X)
	case *ast.BasicLit:
		text, _ := strconv.Unquote(x.Value)
		return text
	}
	return ""
}

// boundTool is a tool, data source, strategy or event with the function that its generated code decodes parameters with.
type boundTool struct {
	pkg    string // import path
	decode string
	label  string
	fields []model.Field
}

func (b boundTool) id() string { return b.pkg + "." + b.decode }

// toolsOf finds, in the generated code of a plugin, what each of its tools, data sources, strategies
// and events is bound to.
func toolsOf(t *testing.T, importPath, dir string, loaded *plugin.Plugin) []boundTool {
	t.Helper()
	var list []boundTool
	for _, d := range loaded.Providers {
		if !takesParameters(d.Provider) {
			continue
		}
		folder := path.Dir(d.Path)
		bound := make(map[string]string)
		for _, file := range goFiles(t, filepath.Join(dir, folder), "*_dify.go") {
			maps.Copy(bound, decoders(file))
		}
		for i, item := range d.Items {
			if slices.ContainsFunc(d.Items[i+1:], func(later plugin.Item) bool { return later.Name == item.Name }) {
				continue
			}
			if bound[item.Name] == "" {
				t.Errorf("%s: nothing is bound to %s %s", dir, item.Kind.Item(), item.Name)
				continue
			}
			list = append(list, boundTool{path.Join(importPath, folder), bound[item.Name], item.Label.Best(), item.Parameters.Effective()})
		}
	}
	return list
}

// decoders finds the functions that decode parameters in the adapters of a file, by the names
// of tools, data sources, strategies and events.
func decoders(file *ast.File) map[string]string {
	bound := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		if _, args := datasourceBinding(n); len(args) == 4 {
			bound[constant(args[0])] = args[2].(*ast.Ident).Name
		}
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		name := keyedTexts(literal)["Name"]
		for _, element := range literal.Elts {
			if key, value := keyed(element); key == "Invoke" {
				args := value.(*ast.CallExpr).Args // the last one is the function that runs it
				bound[name] = args[len(args)-2].(*ast.Ident).Name
			}
		}
		return true
	})
	return bound
}

// goFiles parses the files in a folder whose names match a pattern.
func goFiles(t *testing.T, dir, pattern string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	files := make([]*ast.File, len(names))
	for i, name := range names {
		if files[i], err = parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
	}
	return files
}
