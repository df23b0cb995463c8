// Package pipeline is what the command does: it finds a plugin's provider files, loads
// them, plans their Go code and compares it with the folder that is to hold it. Each step
// takes the result of the one before. Nothing is written; the caller applies the changes
// or shows them.
package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// GCPercent is the setting of the garbage collector (debug.SetGCPercent) that suits
// a process that generates and ends: it collects less and takes some tens of megabytes
// more.
const GCPercent = 400

// Config says what to generate.
type Config struct {
	Dir       string     // absolute; paths are relative to it
	Base      string     // absolute, from which files are shown; empty for Dir
	Files     []string   // provider files; none for all that the manifest lists
	Out       string     // folder for the Go files; empty for Dir
	Package   string     // empty for GoPackage or what the folder holds
	GoPackage string     // the package whose go:generate directive runs, if any
	Kind      model.Kind // of Files; empty to find out
	Prefix    *string    // of Go names; nil for the provider's name
	Type      string     // of the author; empty for Provider
	// GoGenerate: go generate runs the command, and has listed the files of all packages. So
	// files that are no longer needed are emptied, not removed.
	GoGenerate bool
	// Module is the path of the module that Dir is to be, for a whole plugin that has no go.mod
	// yet; empty to look for one.
	Module string
	// Tested: a whole run also writes a test that starts the plugin, once.
	Tested bool
	// Check: the changes are only shown. An emptied file need not be removed.
	Check bool
}

// Result is what a run found and what it would change.
type Result struct {
	Providers   []*model.Provider
	Sources     map[string][]byte // the files that diagnostics name
	Diagnostics model.Diagnostics
	Changes     []commit.Change
	Notes       []string // why something is not changed
	Kept        []string // which files the user may want to remove
	Outdated    bool     // one of them does not fit the YAML, in which something is wrong
	Missing     []Missing
	Unfit       []string // what of the author's code does not compile with what is generated
	Stubs       []Stub   // of a whole run

	// Plugin, Assets and Findings are what a run for a whole plugin has read, for those who do
	// more with it.
	Plugin   *plugin.Plugin
	Assets   []plugin.Asset
	Findings model.Findings
}

// Run reads the providers that cfg names and finds what must change for the output
// folder to fit them. There are no changes if any diagnostic is an error. Its error is
// one of usage or of reading files.
func Run(cfg Config) (*Result, error) {
	if len(cfg.Files) != 1 && cfg.Type != "" {
		return nil, errors.New("-type needs exactly one provider file")
	}
	if dir, ok := cfg.wholePlugin(); ok {
		return cfg.runWhole(dir)
	}
	found, loaded, err := cfg.load()
	if err != nil {
		return nil, err
	}
	folder, err := cfg.readFolder()
	if err != nil {
		return nil, err
	}
	pkg, diags, err := plan(loaded, gen.Options{Package: folder.pkg, Prefix: cfg.Prefix, Type: cfg.Type})
	if err != nil {
		return nil, err
	}
	result := newResult(found.sources, loaded, diags)
	if diags.HasErrors() {
		return result, nil
	}
	files, skipped, err := render(pkg, folder.GoFolder)
	if err != nil {
		return nil, err
	}
	empty := make([]string, 0, len(pkg.Empty()))
	for _, s := range pkg.Empty() {
		empty = append(empty, s.Provider.File+": nothing to generate: no credentials and no OAuth")
	}
	changes, current, err := folder.compare(files)
	if err != nil {
		return nil, err
	}
	result.Changes, result.Notes = changes, append(result.Notes, current...)
	if found.plugin != nil {
		stale, err := folder.stale(files, newOwner(found.plugin, found.sources, diags), cfg)
		if err != nil {
			return nil, err
		}
		result.Changes = append(result.Changes, stale.changes...)
		if len(stale.changes) > 0 { // say why
			stale.kept, empty = append(stale.kept, empty...), nil
		}
		result.Kept, result.Outdated = stale.kept, stale.outdated
	}
	result.Notes = append(empty, result.Notes...)
	for _, f := range skipped {
		result.Notes = append(result.Notes, fmt.Sprintf("%s: has type %s, no stub needed", folder.show(folder.declares(f.Type)), f.Type))
	}
	return result, err
}

func (cfg Config) load() (found, loadedProviders, error) {
	found, err := cfg.find()
	if err != nil {
		return found, loadedProviders{}, err
	}
	loaded, err := loadAll(found.sources, found.findings)
	if err == nil && found.plugin != nil {
		err = found.plugin.loadItems(&loaded)
	}
	return found, loaded, err
}

func newResult(sources []Source, loaded loadedProviders, diags model.Diagnostics) *Result {
	r := &Result{Providers: loaded.providers, Sources: make(map[string][]byte), Diagnostics: diags}
	for _, s := range sources {
		r.Sources[s.Name] = s.Data
	}
	maps.Copy(r.Sources, loaded.files)
	return r
}

// Generate returns the files for all providers of the plugin in fsys, for a package with
// the Go files of folder. If pkg is empty, it is the package of those files or, without any,
// one named after the last element of importPath. If a diagnostic is an error, there are no
// files.
func Generate(fsys fs.FS, pkg, importPath string, folder GoFolder) ([]File, model.Diagnostics, error) {
	manifest, sources, findings, err := plugin.Open(fsys)
	if err != nil {
		return nil, nil, err
	}
	if manifest == nil {
		return nil, findings.Settle(), nil
	}
	loaded, err := loadAll(sourcesOf(manifest, sources), findings)
	if err != nil {
		return nil, nil, err
	}
	loaded.loadItems(fsys, func(file string) string { return file })
	if pkg == "" {
		if pkg, err = folder.packageOf(path.Base(importPath)); err != nil {
			return nil, nil, err
		}
	}
	code, diags, err := plan(loaded, gen.Options{Package: pkg})
	if err != nil || diags.HasErrors() {
		return nil, diags, err
	}
	files, _, err := render(code, folder)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if err := folder.refuse(f.Name, f.Name, f.Data); err != nil {
			return nil, nil, err
		}
	}
	return files, diags, nil
}
