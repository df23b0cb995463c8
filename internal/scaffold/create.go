package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// newPlugin makes a plugin in an empty folder.
func (cfg Config) newPlugin(entries []fs.DirEntry, mod goModule) (*Result, error) {
	k, errKind := cfg.chooseKind()
	n, errNames := cfg.chooseNames()
	if mod.Path == "" {
		mod.Path = defaultModule(n.Name)
	}
	at, err := filepath.Rel(mod.Dir, cfg.Dir)
	if err != nil {
		return nil, err
	}
	importPath := path.Join(mod.Path, filepath.ToSlash(at))
	errPath := pipeline.CheckImport(importPath)
	switch {
	case errNames != nil || cfg.Module != "": // that is reported already
		errPath = nil
	case errPath != nil:
		errPath = fmt.Errorf("the module: %w; choose another one with -module", errPath)
	}
	if err := errors.Join(checkEmpty(cfg, entries), errKind, errNames, errPath); err != nil {
		return nil, err
	}
	v := values{
		names: n, Kind: k.kind, Key: k.key, Tag: k.tag, Description: fmt.Sprintf(k.does, n.Label),
		Created: cfg.Created.UTC().Format(time.DateOnly) + "T00:00:00Z", Module: importPath,
		Package:    gen.PackageName(&model.Provider{Name: n.File}, "provider/"+n.File+".yaml"),
		ItemFolder: k.kind.Items(), ItemSchema: strings.ReplaceAll(k.kind.Item(), " ", ""),
	}
	filled, err := k.fill(v)
	if err != nil {
		return nil, err
	}
	files, err := complete(filled, importPath)
	if err != nil {
		return nil, err
	}
	inRepository := cfg.isInRepository()
	if inRepository {
		files = slices.DeleteFunc(files, func(f file) bool { return f.name == workflow })
	}
	files = append(files, schemaFiles(k.kind)...)
	if mod.isNew {
		data, err := mod.goMod(cfg.Version)
		if err != nil {
			return nil, err
		}
		files = append(files, file{"go.mod", data})
	}
	r := new(Result)
	if err := r.add(cfg, entries, files); err != nil {
		return nil, err
	}
	r.Report.Summary = fmt.Sprintf("Made the plugin %s, of kind %s, in %d files", n.Name, k.called(), len(r.Changes))
	r.Report.Steps = cfg.steps(mod, packageCommand)
	if cfg.Author == "" {
		r.Report.Todo = append(r.Report.Todo, "the author "+model.PlaceholderAuthor+", in manifest.yaml and the other YAML: your name on Dify")
	}
	if mod.isNew && cfg.Module == "" {
		r.Report.Todo = append(r.Report.Todo, moduleTodo(mod.Path))
	}
	r.Report.Todo = append(r.Report.Todo, k.todo)
	if mod.isNew && mod.replace != "" {
		r.Report.Todo = append(r.Report.Todo, "the replacement of difygen in go.mod, which other machines and CI do not have")
	}
	if inRepository {
		r.Report.Todo = append(r.Report.Todo, "CI: the plugin is inside of a repository, so no workflow was written; let yours run go tool difygen -check ./... and go test ./...")
	}
	r.Report.keptTodo()
	return r, nil
}

// chooseKind finds the row of the kind.
func (cfg Config) chooseKind() (kind, error) {
	wanted := cmp.Or(cfg.Kind, kinds[0].called())
	i := slices.IndexFunc(kinds, func(k kind) bool { return wanted == k.called() || wanted == string(k.kind) })
	if i >= 0 {
		return kinds[i], nil
	}
	words := Words()
	err := fmt.Errorf("-kind %s: init makes plugins of kind %s", text.Name(wanted), strings.Join(words, ", "))
	if meant := text.Nearest(wanted, words); meant != "" {
		err = fmt.Errorf("%w; did you mean %s?", err, meant)
	}
	return kind{}, err
}

// packageCommand packages a plugin.
const packageCommand = "go tool difygen package"

// steps are the commands to type next, the last of which is pack.
func (cfg Config) steps(mod goModule, pack string) []Step {
	var commands []string
	if cfg.Shown != "" {
		commands = append(commands, "cd "+ShellWord(cfg.Shown))
	}
	if len(mod.lacking) > 0 {
		commands = append(commands, mod.getTools(cfg.Version))
	}
	return []Step{
		{"To build and test it", append(commands, "go mod tidy", "go test ./...")},
		{"After a change of the YAML", []string{"go generate ./..."}},
		{"To try it on Dify, copy .env.example to .env, enter the address and the key that Dify's Plugins page shows behind the bug icon, and start it", []string{"go run ."}},
		{"To package it for Dify", []string{pack}},
	}
}

// moduleTodo says what to do about a module with a made-up path.
func moduleTodo(name string) string {
	return "the module " + name + ", in go.mod and the imports of main.go and main_test.go: where your code will be, such as github.com/you/" + path.Base(name)
}

// workflow is what GitHub runs, if it is in the root of a repository.
const workflow = ".github/workflows/ci.yml"

// isInRepository reports whether the folder is below the root of a Git repository.
func (cfg Config) isInRepository() bool {
	for at := cfg.Dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at != cfg.Dir
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

// keptTodo says what files that were there need.
func (r *Report) keptTodo() {
	for _, name := range r.Kept {
		switch name {
		case ".gitignore":
			r.Todo = append(r.Todo, name+": ignore .env, which holds a key, and *.difypkg")
		case ".vscode/settings.json":
			r.Todo = append(r.Todo, name+`: set "yaml.yamlVersion": "1.1", the YAML that Dify reads`)
		}
	}
}
