package pipeline

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
)

// wholePlugin returns the folder of the plugin that the run is for as a whole. It returns
// false if the run is about credentials only.
func (cfg Config) wholePlugin() (dir string, ok bool) {
	if len(cfg.Files) > 0 || cfg.Kind != "" || !cfg.hasDefaults() {
		return "", false
	}
	if dir, ok = pluginDir(cfg.Dir); !ok || dir == cfg.Dir {
		return dir, ok
	}
	info, err := os.Stat(filepath.Join(dir, gen.PluginFile))
	return dir, err == nil && info.Mode().IsRegular()
}

// runWhole is Run for the whole plugin in a folder.
func (cfg Config) runWhole(dir string) (*Result, error) {
	p := &pluginFolder{dir: dir, base: cfg.base()}
	p.file = p.show(plugin.ManifestName)
	module := Module{Path: cfg.Module, Dir: dir}
	if cfg.Module == "" {
		found, err := needModule(cfg.base(), dir)
		if err != nil {
			return nil, err
		}
		module = found
	}
	root, err := p.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	w, err := generateWhole(pluginSource{
		fsys: regular.FS(root), id: dir, show: p.show, tested: cfg.Tested,
		folder: func(at string) (GoFolder, error) {
			f, err := readDir(cfg.base(), p.path(at))
			return f.GoFolder, err
		},
		importPath: func(at string) (string, error) { return module.importPath(p.path(at)) },
	})
	if err != nil {
		return nil, err
	}
	p.manifest = w.plugin.Manifest
	result := &Result{
		Sources: w.plugin.Files, Diagnostics: w.diagnostics(), Notes: w.notes,
		Plugin: w.plugin, Assets: w.assets, Findings: w.findings,
	}
	for _, d := range w.plugin.Providers {
		result.Providers = append(result.Providers, d.Provider)
	}
	if result.Diagnostics.HasErrors() {
		return result, nil
	}
	if !cfg.Check {
		result.Missing, result.Unfit, result.Stubs = w.missing, w.unfit, w.stubs
		for i := range result.Missing {
			missing := &result.Missing[i]
			missing.Untidy = module.lacks(slices.Concat(missing.Imports, missing.FieldImports))
		}
	}
	if err := cfg.compareWhole(p, w, result); err != nil {
		return nil, err
	}
	return result, nil
}

// path returns the absolute path of a file of the plugin.
func (p *pluginFolder) path(file string) string {
	return filepath.Join(p.dir, filepath.FromSlash(file))
}

// compareWhole finds what must change in the folders of a plugin.
func (cfg Config) compareWhole(p *pluginFolder, w *whole, result *Result) error {
	var refused []error
	for _, part := range w.inOrder() {
		changes, notes, err := cfg.folderOf(p, part).compare(part.files)
		refused = append(refused, err)
		result.Changes, result.Notes = append(result.Changes, changes...), append(result.Notes, notes...)
	}
	if err := errors.Join(refused...); err != nil {
		return err
	}
	return cfg.removeStale(p, w, result)
}

// folderOf is the folder of a package.
func (cfg Config) folderOf(p *pluginFolder, pkg *wholePackage) folder {
	return folder{GoFolder: pkg.GoFolder, dir: p.path(pkg.path), base: cfg.base(), pkg: pkg.pkg}
}

// removeStale finds the files that nothing needs: in the folders of the plugin's packages, and
// of those that the plugin had before.
func (cfg Config) removeStale(p *pluginFolder, w *whole, result *Result) error {
	sources := make([]Source, 0, len(w.plugin.Providers))
	for _, d := range w.plugin.Providers {
		sources = append(sources, Source{ID: d.Path, Name: d.File})
	}
	o := newOwner(p, sources, result.Diagnostics)
	o.whole = true
	for _, pkg := range append(slices.Clone(w.packages), cfg.formerPackages(p, w)...) {
		stale, err := cfg.folderOf(p, pkg).stale(pkg.files, o, cfg)
		if err != nil {
			return err
		}
		result.Changes = append(result.Changes, stale.changes...)
		result.Kept = append(result.Kept, stale.kept...)
		result.Outdated = result.Outdated || stale.outdated
	}
	return nil
}

// formerPackages are the packages in the folders of the YAML files that the plugin listed when
// its code was generated before, and that hold none of its packages now.
func (cfg Config) formerPackages(p *pluginFolder, w *whole) []*wholePackage {
	var list []*wholePackage
	for _, source := range w.packages[0].listedSources() {
		at := path.Dir(path.Clean(source))
		known := func(pkg *wholePackage) bool { return pkg.path == at }
		if slices.ContainsFunc(w.packages, known) || slices.ContainsFunc(list, known) || !filepath.IsLocal(filepath.FromSlash(at)) {
			continue
		}
		f, err := readDir(cfg.base(), p.path(at))
		if err != nil {
			continue // it is gone
		}
		if f.pkg, err = f.packageOf(at); err == nil {
			list = append(list, &wholePackage{GoFolder: f.GoFolder, path: at, pkg: f.pkg})
		}
	}
	return list
}
