package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// adopt makes the Go side of the plugin in a folder. If its YAML has errors, there are no
// changes.
func (cfg Config) adopt(entries []fs.DirEntry, mod goModule) (*Result, error) {
	var errs []error
	for _, given := range []struct{ what, value string }{{"NAME", cfg.Name}, {"-kind", cfg.Kind}, {"-author", cfg.Author}} {
		if given.value != "" {
			errs = append(errs, fmt.Errorf("%s %s: is for a new plugin, but %s says what this one is; leave it out", given.what, text.Name(given.value), plugin.ManifestName))
		}
	}
	if mod.Path == "" {
		name := cfg.pluginName()
		mod.Path = defaultModule(name)
		if err := pipeline.CheckImport(mod.Path); err != nil || name == "" {
			errs = append(errs, fmt.Errorf("the name of the plugin, %s, gives no module; choose one with -module", text.Name(name)))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	run := pipeline.Config{Dir: cfg.Dir, Tested: true}
	if mod.isNew {
		run.Module = mod.Path
	}
	made, err := pipeline.Run(run)
	if err != nil {
		return nil, err
	}
	r := &Result{Sources: made.Sources, Diagnostics: made.Diagnostics}
	if made.Diagnostics.HasErrors() {
		return r, nil
	}
	outdated := r.addCode(made.Changes)
	files, err := cfg.besides(mod, made.Plugin)
	if err != nil {
		return nil, err
	}
	if err := r.add(cfg, entries, files); err != nil {
		return nil, err
	}
	r.Report.Summary = fmt.Sprintf("Made the Go side of the plugin %s, in %d files", text.Name(made.Plugin.Name), len(r.Changes))
	if len(r.Changes) == 0 {
		r.Report.Summary = fmt.Sprintf("The plugin %s has its Go side already, so nothing was written", text.Name(made.Plugin.Name))
	}
	if outdated {
		r.Report.Todo = append(r.Report.Todo, "the generated code does not fit the YAML, and was left alone: run go generate ./...")
	}
	if mod.isNew && cfg.Module == "" {
		r.Report.Todo = append(r.Report.Todo, moduleTodo(mod.Path))
	}
	if !hasChange(r.Changes, gen.MainFile) && hasChange(r.Changes, filepath.Join(schemas, "manifest.json")) {
		r.Report.Todo = append(r.Report.Todo, "main.go, or where the directive for difygen is: add "+schemaDirective)
	}
	p := port{plugin: made.Plugin, sources: made.Sources}
	p.methods(made)
	p.unasked()
	p.python(entries)
	r.Report.Todo = append(r.Report.Todo, p.todo...)
	r.Report.keptTodo()
	r.Report.Steps = cfg.steps(mod, p.packageCommand())
	return r, nil
}

// pluginName is the name of the plugin in the folder as its manifest says it or, if that does
// not, that of the folder.
func (cfg Config) pluginName() string {
	data, err := regular.ReadFile(filepath.Join(cfg.Dir, plugin.ManifestName), regular.MaxSize)
	if err == nil { // if not, it is reported later
		manifest, _ := model.LoadManifest(plugin.ManifestName, data)
		if name := validName(manifest.Name); name != "" {
			return name
		}
	}
	return validName(filepath.Base(cfg.Dir))
}

// addCode adds the changes that write new files, and reports whether there are others.
func (r *Result) addCode(changes []commit.Change) (others bool) {
	for _, c := range changes {
		if c.Old != nil || c.New == nil {
			others = true
			continue
		}
		if c.Name == gen.MainFile {
			c.New = withSchemas(c.New)
		}
		r.Changes = append(r.Changes, c)
	}
	return others
}

func hasChange(changes []commit.Change, name string) bool {
	return slices.ContainsFunc(changes, func(c commit.Change) bool { return c.Name == name })
}

// common are the files of the common template that a plugin gets that has its YAML.
var common = []string{".env.example", ".gitignore", ".vscode/extensions.json"}

// besides are the files beside the code.
func (cfg Config) besides(mod goModule, p *plugin.Plugin) ([]file, error) {
	files := schemaFiles(p.Kinds()...)
	filled, err := fill("common", values{})
	if err != nil {
		return nil, err
	}
	for _, f := range filled {
		if slices.Contains(common, f.Name) {
			files = append(files, file{f.Name, f.Data})
		}
	}
	settings, err := editorSettings(cfg.Dir, p)
	if err != nil {
		return nil, err
	}
	files = append(files, file{".vscode/settings.json", settings})
	if !mod.isNew {
		return files, nil
	}
	data, err := mod.goMod(cfg.Version)
	return append(files, file{"go.mod", data}), err
}

// port finds what remains to be written of a plugin.
type port struct {
	plugin     *plugin.Plugin
	sources    map[string][]byte // YAML files, by the names that users see
	todo       []string
	incomplete bool
}

func (p *port) add(format string, args ...any) { p.todo = append(p.todo, fmt.Sprintf(format, args...)) }

// methods lists the methods that are not written yet.
func (p *port) methods(made *pipeline.Result) {
	for _, s := range made.Stubs {
		if len(s.Methods) == 0 {
			continue
		}
		source := s.Source
		if s.Item != "" {
			source = s.Item
		}
		p.add("%s: %s%s", filepath.ToSlash(s.File), strings.Join(s.Methods, ", "), p.now(source))
		if p.kindOf(source) == model.KindModel {
			p.add("%s: if the service speaks OpenAI's API, embed openai.Base of runtime/openai, and remove the methods that call models", filepath.ToSlash(s.File))
		}
	}
	for i, m := range made.Missing {
		same := func(other pipeline.Missing) bool { return other.File == m.File && other.Interface == m.Interface }
		if slices.ContainsFunc(made.Missing[:i], same) {
			continue
		}
		var names, at []string
		for _, other := range made.Missing[i:] {
			if same(other) {
				names = append(names, other.Name)
			}
		}
		if strings.HasSuffix(m.Interface, "SubscriptionConstructor") {
			at = []string{"subscription_constructor"}
		}
		p.add("%s: %s (%s), without which it does not compile; go tool difygen prints what to paste%s",
			filepath.ToSlash(m.File), strings.Join(names, ", "), m.Interface, p.now(m.Source, at...))
	}
}

// kindOf returns the kind of the provider in a file; "" if there is none.
func (p *port) kindOf(file string) model.Kind {
	i := slices.IndexFunc(p.plugin.Providers, func(d plugin.Declared) bool { return path.Clean(d.Path) == path.Clean(file) })
	if i < 0 {
		return ""
	}
	return p.plugin.Providers[i].Kind
}

// unasked lists what has no code, since Dify asks nothing of it.
func (p *port) unasked() {
	for _, d := range p.plugin.Providers {
		if len(d.Items) == 0 || gen.RunsItems(gen.Source{Provider: d.Provider, Items: d.Distinct()}) {
			continue
		}
		p.incomplete = true
		var python []string
		for _, item := range d.Items {
			python = append(python, p.pythonOf(item.Path)...)
		}
		if len(python) == 0 {
			python = p.pythonOf(d.Path)
		}
		slices.Sort(python)
		what := d.Kind.Item()
		if len(d.Items) > 1 {
			what += "s"
		}
		p.add("without code: the %d %s of %s, of which Dify asks nothing, as the warnings say%s", len(d.Items), what, text.Name(d.Path), today(slices.Compact(python)))
	}
}

// pythonFiles are files that only a plugin in Python needs.
var pythonFiles = []string{"main.py", "requirements.txt", "pyproject.toml", "uv.lock", ".python-version", "_position.yaml"}

// python lists the files that go with the last of the Python code.
func (p *port) python(entries []fs.DirEntry) {
	var names []string
	for _, name := range pythonFiles {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name }) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		p.add("%s: remove with the last Python code; difygen package adds a main.py that starts the Go program", strings.Join(names, ", "))
		p.add("%s: raise version, so that the plugin in Go is an update of that in Python", plugin.ManifestName)
	}
}

// packageCommand packages the plugin, also without the code that nothing asks for.
func (p *port) packageCommand() string {
	if p.incomplete {
		return packageCommand + " -allow-incomplete"
	}
	return packageCommand
}

// now says in which Python files that is today which a YAML file declares.
func (p *port) now(yaml string, at ...string) string { return today(p.pythonOf(yaml, at...)) }

// today says that something is in files today.
func today(python []string) string {
	const shown = 3
	if len(python) == 0 {
		return ""
	}
	list := strings.Join(python[:min(len(python), shown)], ", ")
	if more := len(python) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return "; today in " + list
}

// pythonOf returns the Python files that a YAML file names.
func (p *port) pythonOf(yaml string, at ...string) []string {
	return pythonSources(p.sources[filepath.FromSlash(path.Clean(yaml))], at...)
}
