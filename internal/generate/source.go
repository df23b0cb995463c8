package generate

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Source is a provider file with the bytes that were read.
type Source struct {
	Name string // as shown in diagnostics
	ID   string // as in the header of generated files: from the plugin's folder
	Kind model.Kind
	Data []byte
	File *model.ProviderFile // of the manifest that lists it, if any

	plugin *pluginFolder // that File belongs to
}

// pluginFolder is a folder with a manifest.
type pluginFolder struct {
	dir      string
	manifest model.Manifest
}

// findPlugin looks for a manifest in dir and its parents. It returns nil if
// there is none.
func findPlugin(base, dir string) (*pluginFolder, model.Findings, error) {
	for at := dir; ; at = filepath.Dir(at) {
		file := display(base, filepath.Join(at, plugin.ManifestName))
		data, err := plugin.Read(os.DirFS(at), plugin.ManifestName)
		switch {
		case err == nil:
			manifest, findings := model.LoadManifest(file, data)
			return &pluginFolder{at, manifest}, findings, nil
		case exists(filepath.Join(at, plugin.ManifestName)) && !errors.Is(err, plugin.ErrFolder):
			return nil, model.Findings{}, fmt.Errorf("%s: %w", file, plugin.Reason(err))
		case at == filepath.Dir(at):
			return nil, model.Findings{}, nil
		}
	}
}

// exists reports whether there is something at path, as far as one may know.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sources reads the provider files that the plugin's manifest lists.
func (p *pluginFolder) sources(base string) ([]Source, model.Findings, error) {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, model.Findings{}, err
	}
	defer root.Close()
	providers, findings := plugin.Sources(root.FS(), &p.manifest)
	sources := make([]Source, len(providers))
	for i, f := range providers {
		sources[i] = Source{
			Name: display(base, filepath.Join(p.dir, filepath.FromSlash(f.Path))), ID: f.Path,
			Kind: f.File.Kind, Data: f.Data, File: f.File, plugin: p,
		}
	}
	return sources, findings, nil
}

// fileSource reads a provider file that was named on the command line. A
// manifest near it says its kind and its ID; without one, the keys tell.
func fileSource(base, name string, kind model.Kind) (Source, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, name)
	}
	data, err := plugin.Read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w", text.Name(name), plugin.Reason(err))
	}
	s := Source{Name: name, ID: filepath.Base(path), Kind: kind, Data: data}
	p, _, err := findPlugin(base, filepath.Dir(path))
	if err != nil {
		return Source{}, err
	}
	if p != nil {
		if id, err := filepath.Rel(p.dir, path); err == nil {
			s.ID = filepath.ToSlash(id)
		}
		i := slices.IndexFunc(p.manifest.Providers, func(f model.ProviderFile) bool {
			return filepath.ToSlash(filepath.Clean(f.Path)) == s.ID
		})
		if i >= 0 {
			s.File, s.plugin = &p.manifest.Providers[i], p
			s.Kind = cmp.Or(kind, s.File.Kind)
		}
	}
	if s.Kind == "" && model.IsManifest(data) {
		return Source{}, fmt.Errorf("%s: is a plugin's manifest; run difygen in its folder without a file", text.Name(name))
	}
	if s.Kind == "" {
		s.Kind = model.DetectKind(data)
	}
	return s, nil
}

// display is path as seen from base, where that is shorter.
func display(base, path string) string {
	rel, err := filepath.Rel(base, path)
	if err != nil || len(rel) > len(path) {
		return path
	}
	return rel
}
