// Package generate is the pipeline behind the command: it finds a plugin's
// provider files, reads them, and decides which files must change. It writes
// nothing; the caller applies the changes or shows them.
package generate

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// GCPercent is the setting of the garbage collector (debug.SetGCPercent) that suits
// a process that generates and ends: less collecting, some tens of megabytes more.
const GCPercent = 400

// Config says what to generate.
type Config struct {
	Dir       string     // absolute; paths are relative to it
	Files     []string   // provider files; none for all that the manifest lists
	Out       string     // folder for the Go files; empty for Dir
	Package   string     // empty for GoPackage or what the folder holds
	GoPackage string     // the package whose go:generate directive runs, if any
	Kind      model.Kind // of Files; empty to find out
	Prefix    *string
	Type      string
}

// Result is what a run found and what it would change.
type Result struct {
	Providers   []*model.Provider
	Sources     map[string][]byte // by the name in diagnostics
	Diagnostics model.Diagnostics
	Changes     []commit.Change
	// Notes say what needed no change.
	Notes []string

	findings model.Findings
}

// Load reads the providers that cfg names and reports on them.
func Load(cfg Config) (*Result, error) {
	_, r, err := load(cfg)
	if err != nil {
		return nil, err
	}
	r.Diagnostics = r.findings.Settle()
	return r, nil
}

// Run reads the providers that cfg names and finds what must change for the
// output folder to fit them. There are no changes if any diagnostic is an error.
// Its error is one of usage or of reading and writing files.
func Run(cfg Config) (*Result, error) {
	if len(cfg.Files) != 1 && cfg.Type != "" {
		return nil, errors.New("-type needs exactly one provider file")
	}
	sources, r, err := load(cfg)
	if err != nil {
		return nil, err
	}
	out, err := openOutput(cfg)
	if err != nil {
		return nil, err
	}
	pkg, err := r.plan(cfg, out, sources)
	if err != nil {
		return nil, err
	}
	r.Diagnostics = r.findings.Settle(model.CheckNames)
	if r.Diagnostics.HasErrors() {
		return r, nil
	}
	return r, r.compare(cfg, out, pkg.Files())
}

// load reads the sources; those that cannot be loaded have a nil provider.
func load(cfg Config) ([]loaded, *Result, error) {
	sources, findings, err := cfg.sources()
	if err != nil {
		return nil, nil, err
	}
	r := &Result{findings: findings, Sources: make(map[string][]byte, len(sources))}
	list, err := loadSources(sources)
	if err != nil {
		return nil, nil, err
	}
	for i := range list {
		l := &list[i]
		r.Sources[l.source.Name] = l.source.Data
		r.findings.Merge(l.findings)
		if l.provider != nil {
			r.Providers = append(r.Providers, l.provider)
		}
	}
	return list, r, nil
}

func loadSources(sources []Source) ([]loaded, error) {
	list := make([]loaded, len(sources))
	return list, each(len(sources), func(i int) (err error) {
		l := &list[i]
		l.source = sources[i]
		l.provider, l.findings, err = model.Load(l.source.Name, l.source.Data, l.source.Kind)
		return err
	})
}

// loaded is a source and what became of it.
type loaded struct {
	source   Source
	provider *model.Provider
	findings model.Findings
}

func (cfg Config) sources() ([]Source, model.Findings, error) {
	if cfg.Kind != "" && !cfg.Kind.Valid() {
		return nil, model.Findings{}, fmt.Errorf("unknown kind %s: -kind is one of %s", text.Name(string(cfg.Kind)), kinds())
	}
	if len(cfg.Files) == 0 {
		if cfg.Kind != "" {
			return nil, model.Findings{}, errors.New("-kind says what the named files are: name a provider's YAML file")
		}
		p, findings, err := findPlugin(cfg.Dir, cfg.Dir)
		if err != nil {
			return nil, model.Findings{}, err
		}
		if p == nil {
			return nil, model.Findings{}, fmt.Errorf("no %s here or in a parent folder: run difygen in a plugin, or name a provider's YAML file", plugin.ManifestName)
		}
		if findings.HasErrors() {
			return nil, findings, nil
		}
		sources, more, err := p.sources(cfg.Dir)
		findings.Merge(more)
		return sources, findings, err
	}
	var sources []Source
	var errs []error
	seen := make(map[string]bool)
	for _, name := range cfg.Files {
		if path := filepath.Clean(name); seen[path] {
			continue
		} else {
			seen[path] = true
		}
		s, err := fileSource(cfg.Dir, name, cfg.Kind)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources = append(sources, s)
	}
	return sources, model.Findings{}, errors.Join(errs...)
}

func kinds() string {
	var names []string
	for _, k := range model.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// plan decides the names and files of all providers.
func (r *Result) plan(cfg Config, out *output, list []loaded) (*gen.Package, error) {
	sources, err := r.neighbors(list, cfg)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.provider != nil {
			sources = append(sources, l.named())
		}
	}
	pkg, diags, err := gen.NewPackage(sources, gen.Options{Package: out.pkg, Prefix: cfg.Prefix, Type: cfg.Type})
	if err != nil {
		return nil, err
	}
	r.findings.Add(diags...)
	for _, s := range pkg.Empty() {
		r.Notes = append(r.Notes, s.Provider.File+": nothing to generate: no credentials and no OAuth")
	}
	return pkg, nil
}

// named is the source as package gen takes it.
func (l *loaded) named() gen.Source {
	s := gen.Source{Provider: l.provider, ID: l.source.ID}
	if l.source.plugin != nil {
		s.Plugin = l.source.plugin.dir
	}
	return s
}

// neighbors are the providers of the plugins that named files belong to, which take
// their names in the manifest's order. They are read for that alone; what is wrong
// with them is reported, as the names could be other ones.
func (r *Result) neighbors(list []loaded, cfg Config) ([]gen.Source, error) {
	if len(cfg.Files) == 0 {
		return nil, nil
	}
	var sources []gen.Source
	seen := make(map[string]bool)
	for _, l := range list {
		p := l.source.plugin
		if p == nil || seen[p.dir] {
			continue
		}
		seen[p.dir] = true
		all, err := r.loadPlugin(p, cfg.Dir)
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			if l.provider != nil {
				s := l.named()
				s.NameOnly = true
				sources = append(sources, s)
			}
		}
	}
	return sources, nil
}

// loadPlugin reads all providers of a plugin, if they can share names: those of one
// kind must have different ones anyhow.
func (r *Result) loadPlugin(p *pluginFolder, base string) ([]loaded, error) {
	if kind := p.manifest.Providers[0].Kind; !slices.ContainsFunc(p.manifest.Providers, func(f model.ProviderFile) bool { return f.Kind != kind }) {
		return nil, nil
	}
	sources, findings, err := p.sources(base)
	if err != nil {
		return nil, err
	}
	list, err := loadSources(sources)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.provider == nil {
			r.Sources[l.source.Name] = l.source.Data
			findings.Merge(l.findings)
		}
	}
	for _, d := range findings.Settle() {
		if d.Severity == model.SeverityError {
			r.findings.Add(d)
		}
	}
	return list, nil
}

// compare finds what must change in the output folder.
func (r *Result) compare(cfg Config, out *output, files []gen.File) error {
	code := make([][]byte, len(files))
	err := each(len(files), func(i int) (err error) {
		if !files[i].Stub {
			code[i], err = files[i].Content()
		}
		return err
	})
	if err != nil {
		return err
	}
	wanted := make(map[string]bool)
	for i, f := range files {
		if f.Stub {
			err = r.addStub(out, f)
		} else {
			wanted[f.Name] = true
			out.files = append(out.files, f.Name)
			err = r.addFile(out, f.Name, code[i])
		}
		if err != nil {
			return err
		}
	}
	if len(cfg.Files) > 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(out.generated)) {
		if !wanted[name] {
			if err := r.addFile(out, name, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// addFile adds the change that gives a file its content, nil for none.
func (r *Result) addFile(out *output, name string, content []byte) error {
	shown := display(out.base, filepath.Join(out.dir, name))
	change, needed, err := commit.Compare(filepath.Join(out.dir, name), shown, content)
	if err != nil {
		return fmt.Errorf("%s: %w", shown, plugin.Reason(err))
	}
	switch {
	case needed && change.Old != nil && out.generated[name] == nil:
		return fmt.Errorf("%s: is not a file of difygen (no \"// Code generated by difygen from …\" line); move it away or generate elsewhere with -o", shown)
	case needed:
		r.Changes = append(r.Changes, change)
	default:
		r.Notes = append(r.Notes, shown+": up to date")
	}
	return nil
}

// addStub adds the author's file unless the package has the type already. A file
// that is there is never replaced: the stub takes the next free name.
func (r *Result) addStub(out *output, f gen.File) error {
	if file := out.types[f.Type]; file != "" {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: has type %s, no stub needed", display(out.base, filepath.Join(out.dir, file)), f.Type))
		return nil
	}
	name := f.Name
	for n := 1; out.exists(name); n++ {
		suffix := "_provider"
		if n > 1 {
			suffix += strconv.Itoa(n)
		}
		name = strings.TrimSuffix(f.Name, ".go") + suffix + ".go"
	}
	out.files = append(out.files, name)
	content, err := f.Content()
	if err != nil {
		return err
	}
	return r.addFile(out, name, content)
}
