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
	if err := r.plan(cfg, out, sources); err != nil {
		return nil, err
	}
	r.Diagnostics = r.findings.Settle(model.CheckNames)
	if r.Diagnostics.HasErrors() {
		return r, nil
	}
	return r, r.compare(cfg, out, sources)
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
	naming   naming
	files    []gen.File
	code     []byte // of the generated file
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

// plan decides the files of every provider, and reports names that two providers
// want.
func (r *Result) plan(cfg Config, out *output, list []loaded) error {
	if err := r.setNames(list, cfg); err != nil {
		return err
	}
	owners := make(map[string]*loaded)
	for i := range list {
		l := &list[i]
		if l.provider == nil || l.provider.Kind == model.KindAgentStrategy {
			continue
		}
		plan, diags, err := gen.NewPlan(l.provider, gen.Options{
			Package: out.pkg, Source: l.source.ID, Prefix: cfg.Prefix, Type: cfg.Type, Name: stem(l.source.ID),
			Kind: l.naming.byKind,
		})
		r.findings.Add(diags...)
		if err != nil {
			return err
		}
		if plan == nil {
			r.Notes = append(r.Notes, l.source.Name+": nothing to generate: no credentials and no OAuth")
			continue
		}
		l.files = plan.Files(l.naming.file)
		r.checkClashes(l, owners, append([]string{l.files[0].Name, plan.Names.Provider}, plan.Declarations()...))
	}
	return nil
}

// checkClashes reports names of one provider that another one has taken.
func (r *Result) checkClashes(l *loaded, owners map[string]*loaded, names []string) {
	for _, name := range names {
		if other, taken := owners[name]; taken && name != "" {
			r.findings.Add(model.Diagnostic{
				Pos: model.Position{File: l.source.Name, Line: 1, Column: 1}, Severity: model.SeverityError, Rule: model.RuleNameClash,
				Message: clash(name, l, other),
			})
			return
		}
	}
	for _, name := range names {
		owners[name] = l
	}
}

func clash(name string, a, b *loaded) string {
	if a.provider.Name != "" && a.provider.Name == b.provider.Name {
		return fmt.Sprintf("provider %s is also in %s: give them different names, packages (-o) or prefixes (-prefix)",
			text.Name(a.provider.Name), b.source.Name)
	}
	return fmt.Sprintf("%s is generated from %s too: give them different packages (-o) or prefixes (-prefix)", name, b.source.Name)
}

// render makes the generated files.
func render(list []loaded) error {
	return each(len(list), func(i int) (err error) {
		l := &list[i]
		if len(l.files) > 0 {
			l.code, err = l.files[0].Content()
		}
		return err
	})
}

// compare finds what must change in the output folder.
func (r *Result) compare(cfg Config, out *output, list []loaded) error {
	if err := render(list); err != nil {
		return err
	}
	wanted := make(map[string]bool)
	var stubs []gen.File
	for i := range list {
		l := &list[i]
		if len(l.files) == 0 {
			continue
		}
		stubs = append(stubs, l.files[1:]...)
		name := l.files[0].Name
		wanted[name] = true
		out.files = append(out.files, name)
		if err := r.addFile(out, name, l.code); err != nil {
			return err
		}
	}
	for _, f := range stubs {
		if err := r.addStub(out, f); err != nil {
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
		return fmt.Errorf("%s: is not a file of difygen (no %q line); move it away or generate elsewhere with -o", shown, strings.TrimSpace(gen.Header)+" …")
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
