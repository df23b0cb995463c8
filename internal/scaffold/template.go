package scaffold

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"golang.org/x/tools/txtar"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/schema"
	"github.com/difygen/difygen/model"
)

// templates has an archive of files for each kind, and one of those that all have.
//
//go:embed templates/*.txtar
var templates embed.FS

// The names of files in templates that stand for those of stubs.
const (
	providerFile = "provider/PROVIDER.go"
	itemFile     = "provider/ITEM.go"
)

// kind is what is particular to new plugins of a kind.
type kind struct {
	kind model.Kind
	word string // for it, of authors; empty if they say the kind
	key  string // of its providers in the manifest
	tag  string // by which Dify's marketplace sorts it
	does string // the description, with the label of the service
	todo string // what its author changes first
}

// kinds has a row for each kind of plugin that can be made.
var kinds = []kind{
	{
		kind: model.KindTool, key: "tools", tag: "search", does: "Search the documents of %s.",
		todo: "tools/search.yaml, and its method Search: what your plugin can do",
	},
	{
		kind: model.KindModel, key: "models", tag: "other", does: "Use the models of %s.",
		todo: "serviceURL, in the code of the provider: where the service is; models/llm/small.yaml: its models",
	},
	{
		kind: model.KindDatasource, key: "datasources", tag: "rag", does: "Read the documents of %s into knowledge bases.",
		todo: "datasources/docs.yaml, and its methods DocsPages and DocsPageContent: what the service has to read",
	},
	{
		kind: model.KindTrigger, key: "triggers", tag: "trigger", does: "Start workflows when something happens in %s.",
		todo: "events/created.yaml, and its method Created: what can happen; signature, in dispatch.go: how the service signs webhooks",
	},
	{
		kind: model.KindAgentStrategy, word: "agent", key: "agent_strategies", tag: "agent", does: "Let agents work in the way of %s.",
		todo: "strategies/function_calling.yaml, and its method FunctionCalling: how agents work",
	},
	{
		kind: model.KindEndpoint, key: "endpoints", tag: "utilities", does: "Let other systems send requests to %s.",
		todo: "endpoints/hello.yaml, and the method Hello: what your plugin can do",
	},
}

// called is what authors call the kind.
func (k kind) called() string { return cmp.Or(k.word, string(k.kind)) }

// Words returns what authors call the kinds of plugin that can be made, the default first. A Config takes
// these words and the kinds.
func Words() []string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = k.called()
	}
	return list
}

// values are what templates are filled with.
type values struct {
	names

	Kind        model.Kind
	Key         string
	Tag         string
	Description string
	Created     string
	Module      string // the import path of the plugin's folder
	Package     string // the package beside the provider file
	Alias       string // its name in tests
	ItemFolder  string // of the YAML of what it declares
	ItemSchema  string // the name of its schema
}

// fill returns the files of a new plugin without the generated ones.
func (k kind) fill(v values) (*txtar.Archive, error) {
	all := new(txtar.Archive)
	for _, name := range []string{"common", string(k.kind)} {
		files, err := fill(name, v)
		if err != nil {
			return nil, err
		}
		all.Files = append(all.Files, files...)
	}
	return all, nil
}

// fill returns the files of a template.
func fill(name string, v values) ([]txtar.File, error) {
	src, err := templates.ReadFile("templates/" + name + ".txtar")
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Funcs(template.FuncMap{"text": yamlText}).Parse(string(src))
	if err != nil {
		return nil, err
	}
	v.Alias = unused(v.Package, string(src))
	var filled bytes.Buffer
	if err := t.Execute(&filled, v); err != nil {
		return nil, err
	}
	files := txtar.Parse(filled.Bytes()).Files
	for i := range files {
		f := &files[i]
		if !isGo(*f) {
			continue
		}
		if f.Data, err = format.Source(f.Data); err != nil { // names have changed what is aligned
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return files, nil
}

// notText are words that YAML does not take for text, in lower case.
var notText = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}

// yamlText returns a name or a label as YAML takes it for text.
func yamlText(s string) string {
	starts := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	if strings.IndexFunc(s, starts) == 0 && !slices.Contains(notText, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}

// unused returns a name for a package that the code does not use for something else.
func unused(pkg, code string) string {
	words := strings.FieldsFunc(code, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for _, word := range words {
		if word == pkg {
			return pkg + "plugin"
		}
	}
	return pkg
}

// isGo reports whether a file of a template holds Go code.
func isGo(f txtar.File) bool { return strings.HasSuffix(f.Name, ".go") }

// complete generates the code for the YAML of a filled template, and returns all files of the
// plugin. The template's code replaces the stubs.
func complete(filled *txtar.Archive, importPath string) ([]file, error) {
	var yaml txtar.Archive
	var files []file
	code := make(map[string][]byte)
	for _, f := range filled.Files {
		if isGo(f) {
			code[f.Name] = f.Data
			continue
		}
		yaml.Files = append(yaml.Files, f)
		files = append(files, file{f.Name, f.Data})
	}
	fsys, err := txtar.FS(&yaml)
	if err != nil {
		return nil, err
	}
	generated, diags, err := pipeline.GeneratePlugin(fsys, importPath)
	if err != nil {
		return nil, err
	}
	if len(diags) > 0 {
		return nil, fmt.Errorf("a template has mistakes: %s", diags[0])
	}
	for _, f := range generated {
		if of := stands(f); f.Stub && code[of] != nil {
			f.Data = code[of]
			delete(code, of)
		}
		if f.Name == gen.MainFile {
			f.Data = withSchemas(f.Data)
		}
		files = append(files, file{f.Name, f.Data})
	}
	for _, f := range filled.Files {
		if _, left := code[f.Name]; left {
			files = append(files, file{f.Name, f.Data})
		}
	}
	return files, nil
}

// stands returns the name of the file in a template that stands for a generated one.
func stands(f pipeline.File) string {
	switch {
	case f.Name == gen.MainFile:
		return gen.MainFile
	case bytes.Contains(f.Data, []byte("\ntype Provider ")):
		return providerFile
	}
	return itemFile
}

// schemas is the folder of the plugin with the schemas of its YAML.
const schemas = ".schema"

// schemaFiles returns the files in it, for a plugin with providers of some kinds.
func schemaFiles(kinds ...model.Kind) []file {
	var files []file
	for _, f := range schema.Files(kinds...) {
		files = append(files, file{schemas + "/" + f.Name, f.Data})
	}
	return files
}

// schemaDirective keeps the schemas up to date.
const schemaDirective = "//go:generate go tool difygen schema -o " + schemas

// withSchemas adds that directive to a main package.
func withSchemas(src []byte) []byte {
	const generate = "//go:generate go tool difygen\n"
	return bytes.Replace(src, []byte(generate), []byte(generate+schemaDirective+"\n"), 1)
}
