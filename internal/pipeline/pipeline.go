// Package pipeline is what the command does: it finds a plugin's provider files, loads
// them, plans their Go code and compares it with the folder that is to hold it. Each step
// takes the result of the one before. Nothing is written; the caller applies the changes
// or shows them.
package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
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
	Files     []string   // provider files; none for all that the manifest lists
	Out       string     // folder for the Go files; empty for Dir
	Package   string     // empty for GoPackage or what the folder holds
	GoPackage string     // the package whose go:generate directive runs, if any
	Kind      model.Kind // of Files; empty to find out
	Prefix    *string    // of Go names; nil for the provider's name
	Type      string     // of the author; empty for Provider
}

// Result is what a run found and what it would change.
type Result struct {
	Providers   []*model.Provider
	Sources     map[string][]byte // the files that diagnostics name
	Diagnostics model.Diagnostics
	Changes     []commit.Change
	Notes       []string // why something is not changed
}

// Inspect reads the providers that cfg names and reports on them. Its error is one of
// usage or of reading files.
func Inspect(cfg Config) (*Result, error) {
	sources, loaded, err := cfg.load()
	if err != nil {
		return nil, err
	}
	return newResult(sources, loaded, loaded.findings.Settle()), nil
}

// Run reads the providers that cfg names and finds what must change for the output
// folder to fit them. There are no changes if any diagnostic is an error. Its error is
// one of usage or of reading files.
func Run(cfg Config) (*Result, error) {
	if len(cfg.Files) != 1 && cfg.Type != "" {
		return nil, errors.New("-type needs exactly one provider file")
	}
	sources, loaded, err := cfg.load()
	if err != nil {
		return nil, err
	}
	folder, err := cfg.openFolder()
	if err != nil {
		return nil, err
	}
	pkg, diags, err := plan(loaded, gen.Options{Package: folder.pkg, Prefix: cfg.Prefix, Type: cfg.Type})
	if err != nil {
		return nil, err
	}
	result := newResult(sources, loaded, diags)
	if diags.HasErrors() {
		return result, nil
	}
	files, skipped, err := render(pkg, folder.GoFolder)
	if err != nil {
		return nil, err
	}
	for _, s := range pkg.Empty() {
		result.Notes = append(result.Notes, s.Provider.File+": nothing to generate: no credentials and no OAuth")
	}
	changes, current, err := folder.compare(files, len(cfg.Files) == 0)
	result.Changes, result.Notes = changes, append(result.Notes, current...)
	for _, f := range skipped {
		result.Notes = append(result.Notes, fmt.Sprintf("%s: has type %s, no stub needed", folder.show(folder.declares(f.Type)), f.Type))
	}
	return result, err
}

func (cfg Config) load() ([]Source, loaded, error) {
	sources, findings, err := cfg.find()
	if err != nil {
		return nil, loaded{}, err
	}
	loaded, err := load(sources, findings)
	return sources, loaded, err
}

func newResult(sources []Source, loaded loaded, diags model.Diagnostics) *Result {
	r := &Result{Providers: loaded.providers, Sources: make(map[string][]byte), Diagnostics: diags}
	for _, s := range sources {
		r.Sources[s.Name] = s.Data
	}
	return r
}

// Generate returns the files for all providers of the plugin in fsys, in a package of
// which folder holds the Go files that there are. An empty pkg stands for the package of
// those or, without any, one named after the end of the import path. If a diagnostic is an
// error, there are no files.
func Generate(fsys fs.FS, pkg, importPath string, folder GoFolder) ([]File, model.Diagnostics, error) {
	data, err := plugin.Read(fsys, plugin.ManifestName)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", plugin.ManifestName, plugin.Reason(err))
	}
	manifest, findings := model.LoadManifest(plugin.ManifestName, data)
	if findings.HasErrors() {
		return nil, findings.Settle(), nil
	}
	sources, more := sourcesIn(fsys, &manifest)
	findings.Merge(more)
	loaded, err := load(sources, findings)
	if err != nil {
		return nil, nil, err
	}
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
		if folder.isAuthors(f.Name) {
			return nil, nil, notGenerated(f.Name)
		}
	}
	return files, diags, nil
}

// notGenerated is the error for a file of the author where a generated one belongs.
func notGenerated(file string) error {
	return fmt.Errorf("%s: was not generated by difygen (no \"// Code generated by difygen from …\" line); move it away or generate elsewhere with -o", file)
}
