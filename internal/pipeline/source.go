package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Source is a provider file with the bytes that were read.
type Source struct {
	Name     string // as shown in diagnostics
	ID       string // as in the header of generated files: from the plugin's folder
	PluginID string // AUTHOR/NAME of the plugin whose folder that is, if known
	Kind     model.Kind
	Data     []byte
	Plugin   string // its folder, if the manifest lists the file
	NameOnly bool   // only the provider's name matters, since others of its plugin may share it
}

// found are the provider files of a run.
type found struct {
	sources  []Source
	findings model.Findings
	plugin   *pluginFolder // nil if the files were named
}

// find reads the provider files that cfg names.
func (cfg Config) find() (found, error) {
	switch {
	case cfg.Kind != "" && !cfg.Kind.Valid():
		return found{}, fmt.Errorf("unknown kind %s: -kind is one of %s", text.Name(string(cfg.Kind)), model.KindList())
	case len(cfg.Files) > 0:
		return cfg.named()
	case cfg.Kind != "":
		return found{}, errors.New("-kind needs a provider's YAML file")
	}
	p, findings, err := findPlugin(cfg.base(), cfg.Dir)
	switch {
	case err != nil:
		return found{}, err
	case p == nil:
		return found{}, errNoManifest
	case findings.HasErrors():
		return found{findings: findings}, nil
	}
	sources, more, err := p.sources()
	findings.Merge(more)
	return found{sources, findings, p}, err
}

// named reads the files that were named on the command line. The other providers of their
// plugins come first, since a plugin's names are assigned in the manifest's order.
func (cfg Config) named() (found, error) {
	var named, sources []Source
	var findings model.Findings
	var errs []error
	plugins := make(map[string]bool)
	for _, name := range distinct(cfg.Files) {
		s, p, err := cfg.fileSource(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		named = append(named, s)
		if s.Plugin == "" || plugins[s.Plugin] {
			continue
		}
		plugins[s.Plugin] = true
		others, more, err := p.namesakes()
		if err != nil {
			errs = append(errs, err)
		}
		findings.Add(more.Errors()...)
		sources = append(sources, others...)
	}
	return found{sources: append(sources, named...), findings: findings}, errors.Join(errs...)
}

// base is the folder from which files are shown.
func (cfg Config) base() string { return cmp.Or(cfg.Base, cfg.Dir) }

// hasDefaults reports whether nothing says where to generate, or how.
func (cfg Config) hasDefaults() bool {
	return cfg.Out == "" && cfg.Package == "" && cfg.Prefix == nil && cfg.Type == ""
}

// distinct are the paths without those that name a file again.
func distinct(paths []string) []string {
	var list []string
	seen := make(map[string]bool)
	for _, path := range paths {
		if clean := filepath.Clean(path); !seen[clean] {
			seen[clean] = true
			list = append(list, path)
		}
	}
	return list
}

// pluginFolder is a folder with a manifest.
type pluginFolder struct {
	dir      string
	base     string // from which its files are shown
	file     string // the manifest, as shown
	manifest model.Manifest
}

// findPlugin looks for a manifest in dir and its parents. It returns nil if there is
// none.
func findPlugin(base, dir string) (*pluginFolder, model.Findings, error) {
	at, ok := pluginDir(dir)
	if !ok {
		return nil, model.Findings{}, nil
	}
	p := &pluginFolder{dir: at, base: base}
	p.file = p.show(plugin.ManifestName)
	data, err := regular.ReadFile(filepath.Join(at, plugin.ManifestName), regular.MaxSize)
	if err != nil {
		return nil, model.Findings{}, fmt.Errorf("%s: %w", p.file, plugin.Reason(err))
	}
	var findings model.Findings
	p.manifest, findings = model.LoadManifest(p.file, data)
	return p, findings, nil
}

// pluginDir returns the nearest folder with a manifest, dir or one of its parents, and
// whether there is one.
func pluginDir(dir string) (string, bool) {
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, plugin.ManifestName)); err == nil && !info.IsDir() {
			return at, true
		}
		if at == filepath.Dir(at) {
			return "", false
		}
	}
}

// show returns the name of a file of the plugin for diagnostics.
func (p *pluginFolder) show(file string) string {
	return display(p.base, filepath.Join(p.dir, filepath.FromSlash(file)))
}

// open opens the plugin's folder, from which no link leads. Close the root at the end.
func (p *pluginFolder) open() (*os.Root, error) {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, fmt.Errorf("plugin folder %s: %w", display(p.base, p.dir), plugin.Reason(err))
	}
	return root, nil
}

// errNoManifest is the error for a folder that is not in a plugin.
var errNoManifest = fmt.Errorf("no %s here or in a parent folder: run difygen in a plugin, or name a provider's YAML file", plugin.ManifestName)

// sources reads the provider files that the plugin's manifest lists.
func (p *pluginFolder) sources() ([]Source, model.Findings, error) {
	root, err := p.open()
	if err != nil {
		return nil, model.Findings{}, err
	}
	defer root.Close()
	files, findings := plugin.Sources(regular.FS(root), &p.manifest)
	sources := sourcesOf(&p.manifest, files)
	for i := range sources {
		sources[i].Plugin, sources[i].Name = p.dir, p.show(sources[i].ID)
	}
	return sources, findings, nil
}

// loadItems loads the items of the plugin's providers.
func (p *pluginFolder) loadItems(all *loadedProviders) error {
	root, err := p.open()
	if err != nil {
		return err
	}
	defer root.Close()
	all.loadItems(regular.FS(root), p.show)
	return nil
}

// sourcesOf returns the provider files of one plugin as sources.
func sourcesOf(m *model.Manifest, files []plugin.Source) []Source {
	sources := make([]Source, len(files))
	for i, f := range files {
		sources[i] = Source{Name: f.Path, ID: f.Path, PluginID: m.PluginID(), Kind: f.File.Kind, Data: f.Data, Plugin: "."}
	}
	return sources
}

// namesakes reads the provider files of a plugin for their names, if providers can share
// one. Those of one kind must have different names.
func (p *pluginFolder) namesakes() ([]Source, model.Findings, error) {
	differs := func(f model.ProviderFile) bool { return f.Kind != p.manifest.Providers[0].Kind }
	if !slices.ContainsFunc(p.manifest.Providers, differs) {
		return nil, model.Findings{}, nil
	}
	sources, findings, err := p.sources()
	for i := range sources {
		sources[i].NameOnly = true
	}
	return sources, findings, err
}

// fileSource reads a provider file that was named on the command line. A manifest near it
// says its kind and its ID; without one, the keys tell. It returns the plugin that lists
// the file, if one does.
func (cfg Config) fileSource(name string) (Source, *pluginFolder, error) {
	path, kind := absolute(cfg.Dir, name), cfg.Kind
	if cfg.Base != "" {
		name = display(cfg.Base, path)
	}
	data, err := regular.ReadFile(path, regular.MaxSize)
	if err != nil {
		return Source{}, nil, fmt.Errorf("%s: %w", text.Name(name), plugin.ProviderReason(err))
	}
	s := Source{Name: name, ID: filepath.Base(path), Kind: kind, Data: data}
	p, _, err := findPlugin(cfg.base(), filepath.Dir(path))
	if err != nil {
		return Source{}, nil, err
	}
	if p != nil {
		if id, err := filepath.Rel(p.dir, path); err == nil {
			s.ID, s.PluginID = filepath.ToSlash(id), p.manifest.PluginID()
		}
		i := slices.IndexFunc(p.manifest.Providers, func(f model.ProviderFile) bool {
			return filepath.ToSlash(filepath.Clean(f.Path)) == s.ID
		})
		if i >= 0 {
			s.Plugin = p.dir
			s.Kind = cmp.Or(kind, p.manifest.Providers[i].Kind)
		}
	}
	if s.Kind != "" {
		return s, p, nil
	}
	if model.IsManifest(data) {
		return Source{}, nil, fmt.Errorf("%s: is a plugin's manifest; for the whole plugin, run difygen without a file in the folder of the Go package, or difygen inspect -declaration", text.Name(name))
	}
	if what := model.DetectItem(data); what != "" {
		return Source{}, nil, fmt.Errorf("%s: is the file of %s, not of a provider; difygen inspect -item says what the host sees in it", text.Name(name), what)
	}
	s.Kind = model.DetectKind(data)
	return s, p, nil
}

// absolute is path, which is relative to base if it is not absolute.
func absolute(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// display is path as seen from base, where that is shorter.
func display(base, path string) string {
	rel, err := filepath.Rel(base, path)
	if err != nil || len(rel) > len(path) {
		return path
	}
	return rel
}
