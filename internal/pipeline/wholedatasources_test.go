package pipeline_test

import (
	"go/ast"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// datasourceBindings are the functions that bind the methods of a data source, by the type of its provider.
var datasourceBindings = map[string][]string{
	model.DatasourceWebsiteCrawl:   {"BindCrawl"},
	model.DatasourceOnlineDocument: {"BindPages", "BindPageContent"},
	model.DatasourceOnlineDrive:    {"BindBrowse", "BindDownload"},
}

// checkDatasources checks that the generated code of a plugin answers whatever Dify can ask of its data
// sources. It returns how many there are.
func checkDatasources(t *testing.T, dir string, loaded *plugin.Plugin) int64 {
	t.Helper()
	var count int64
	for _, d := range loaded.Providers {
		if d.Kind != model.KindDatasource {
			continue
		}
		var want, got []string
		for _, item := range d.Items {
			count++
			for _, bind := range datasourceBindings[d.DatasourceType] {
				want = append(want, bind+" "+item.Name)
			}
		}
		for _, file := range goFiles(t, filepath.Join(dir, path.Dir(d.Path)), "*_dify.go") {
			ast.Inspect(file, func(n ast.Node) bool {
				if bind, args := datasourceBinding(n); bind != "" {
					got = append(got, bind+" "+constant(args[0]))
				}
				return true
			})
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s: bound (-want +got):\n%s", dir, diff)
		}
	}
	return count
}

// datasourceBinding returns the function and the arguments of a call that binds a method of a data source;
// "" for any other node.
func datasourceBinding(n ast.Node) (bind string, args []ast.Expr) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", nil
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", nil
	}
	if pkg, ok := f.X.(*ast.Ident); !ok || pkg.Name != "datasource" || !strings.HasPrefix(f.Sel.Name, "Bind") {
		return "", nil
	}
	return f.Sel.Name, call.Args
}

// takesParameters reports whether the items of a provider are called with parameters of their own.
func takesParameters(p *model.Provider) bool {
	switch p.Kind {
	case model.KindTool, model.KindAgentStrategy, model.KindTrigger:
		return true
	case model.KindDatasource:
		return p.DatasourceType != model.DatasourceOnlineDrive
	}
	return false
}
