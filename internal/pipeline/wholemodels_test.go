package pipeline_test

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// boundModels is a provider of models with the function that makes its adapter.
type boundModels struct {
	pkg, typ, new string // the import path, the author's type, and the function
	provider      *model.Provider
	items         []*model.Item
	entities      []map[string]any // the models as the host extracts them, one for each item
}

// modelsOf finds the providers of models in the generated code of a plugin, compares the models in
// it with those that the host extracts from the plugin's folder, and lets their language models say
// what they are called with.
func modelsOf(t *testing.T, importPath, dir string, loaded *plugin.Plugin, c corpus.Declaration) []boundModels {
	t.Helper()
	var list []boundModels
	for _, d := range loaded.Providers {
		if d.Kind != model.KindModel {
			continue
		}
		folder := path.Dir(d.Path)
		b := boundModels{pkg: path.Join(importPath, folder), provider: d.Provider, items: d.Distinct(), entities: entities(c)}
		for _, file := range goFiles(t, filepath.Join(dir, folder), "*_dify.go") {
			if typ, name := modelConstructor(file); name != "" {
				b.typ, b.new = typ, name
				checkDeclaredModels(t, dir, file, b.entities)
			}
		}
		if b.new == "" {
			t.Errorf("%s: no code for the models of %s", dir, d.Path)
			continue
		}
		answerCalls(t, filepath.Join(dir, folder), b.typ)
		list = append(list, b)
	}
	return list
}

// entities are the models in a declaration. Of those that share their type and name, the last
// one counts.
func entities(c corpus.Declaration) []map[string]any {
	provider, _ := c.Declaration["model"].(map[string]any)
	models, _ := provider["models"].([]any)
	var list []map[string]any
	for _, m := range models {
		entity := m.(map[string]any)
		i := slices.IndexFunc(list, func(other map[string]any) bool {
			return other["model"] == entity["model"] && other["model_type"] == entity["model_type"]
		})
		if i >= 0 {
			list[i] = entity
		} else {
			list = append(list, entity)
		}
	}
	return list
}

// modelConstructor is the function in a file that makes the adapter of a provider of models, with
// the author's type.
func modelConstructor(file *ast.File) (typ, name string) {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Type.Results == nil {
			continue
		}
		if result, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr); ok && result.Sel.Name == "ModelProvider" {
			return f.Type.Params.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name, f.Name.Name
		}
	}
	return "", ""
}

// checkDeclaredModels compares the models in generated code with those that the host extracts.
func checkDeclaredModels(t *testing.T, dir string, file *ast.File, want []map[string]any) {
	t.Helper()
	var got []map[string]any
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasSuffix(strings.ToLower(spec.Names[0].Name), "declaredmodels") {
			return true
		}
		for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
			got = append(got, decodeJSON(t, constant(element)))
		}
		return false
	})
	if diff := cmp.Diff(corpus.Normal(t, want), corpus.Normal(t, got)); diff != "" {
		t.Errorf("%s: models (-host +generated):\n%s", dir, diff)
	}
}

// answerCode is the body of a method LLM that says what it is called with.
const answerCode = `package %[1]s

import (
	"encoding/json"

	"github.com/difygen/difygen/runtime/llm"
)

func answerCall(call *LLMCall, out *llm.Output) error {
	data, err := json.Marshal(map[string]any{
		"parameters": call.Parameters.Values(), "extra": call.Parameters.Extra.Values(), "credentials": call.Credentials.Values(), "known": call.Schema != nil,
	})
	if err != nil {
		return err
	}
	return out.Text(string(data))
}
`

// answerCalls lets the method LLM of a stub say what it is called with.
func answerCalls(t *testing.T, dir, typ string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	header := "func (p *" + typ + ") LLM(ctx context.Context, call *LLMCall, out *llm.Output) error {\n\treturn "
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if changed := strings.Replace(string(src), header+"runtime.ErrNotImplemented", header+"answerCall(call, out)", 1); changed != string(src) {
			write(t, dir, filepath.Base(name), changed)
			write(t, dir, "answer.go", fmt.Sprintf(answerCode, packageIn(t, dir)))
		}
	}
}

// modelProgram sends each request to the adapter that it names.
const modelProgram = `package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	"github.com/difygen/difygen/runtime"
%s)

type answer struct {
	Error   string ` + "`json:\"error\"`" + `
	Type    string ` + "`json:\"type\"`" + `
	Result  any    ` + "`json:\"result\"`" + `
	Results []any  ` + "`json:\"results\"`" + `
}

func serve(p runtime.ModelProvider, data map[string]any) (a answer) {
	for _, route := range p.Routes() {
		serves := route.Action == data["action"]
		for _, key := range route.Keys {
			serves = serves && (key.Field == "provider" || data[key.Field] == key.Value)
		}
		if !serves {
			continue
		}
		var err error
		a.Result, err = route.Serve(context.Background(), &runtime.Request{Data: data, Stream: func(result any) error {
			a.Results = append(a.Results, result)
			return nil
		}})
		if err != nil {
			a.Error, a.Type = err.Error(), string(route.ErrorType)
			if e := (*runtime.Error)(nil); errors.As(err, &e) {
				a.Type = string(e.Type)
			}
		}
		return a
	}
	return answer{Error: "no route"}
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var req struct {
			ID   string         ` + "`json:\"id\"`" + `
			Data map[string]any ` + "`json:\"data\"`" + `
		}
		if err := in.Decode(&req); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(serve(providers[req.ID], req.Data)); err != nil {
			log.Fatal(err)
		}
	}
}

var providers = map[string]runtime.ModelProvider{
%s}
`

// writeModelProgram adds the program to a module with the generated packages of models.
func writeModelProgram(t *testing.T, module string, models []boundModels) {
	t.Helper()
	var imports, table strings.Builder
	for i, b := range models {
		fmt.Fprintf(&imports, "\tp%d %q\n", i, b.pkg)
		fmt.Fprintf(&table, "\t%q: p%d.%s(&p%d.%s{}),\n", b.pkg, i, b.new, i, b.typ)
	}
	dir := filepath.Join(module, "models")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "main.go", fmt.Sprintf(modelProgram, imports.String(), table.String()))
}
