package generate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

const (
	manifestName = "manifest.yaml"
	// maxFile bounds a file that is read, in bytes.
	maxFile = 32 << 20
)

// Source is a provider file with the bytes that were read.
type Source struct {
	Name  string // as shown in diagnostics
	ID    string // as in the header of generated files: from the plugin's folder
	Kind  model.Kind
	Data  []byte
	Entry *model.ManifestEntry // that listed it, if any

	plugin *plugin // that Entry belongs to
}

// plugin is a folder with a manifest.
type plugin struct {
	dir      string
	manifest model.Manifest
}

// findPlugin looks for a manifest in dir and its parents. It returns nil if
// there is none.
func findPlugin(base, dir string) (*plugin, model.Diagnostics, error) {
	for at := dir; ; at = filepath.Dir(at) {
		file := display(base, filepath.Join(at, manifestName))
		data, err := read(os.DirFS(at), manifestName)
		switch {
		case err == nil:
			manifest, diags := model.LoadManifest(file, data)
			return &plugin{at, manifest}, diags, nil
		case exists(filepath.Join(at, manifestName)) && !errors.Is(err, errFolder):
			return nil, nil, fmt.Errorf("%s: %w", file, reason(err))
		case at == filepath.Dir(at):
			return nil, nil, nil
		}
	}
}

// exists reports whether there is something at path, as far as one may know.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sources reads the provider files that the plugin's manifest lists.
func (p *plugin) sources(base string) ([]Source, model.Diagnostics, error) {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	var sources []Source
	var diags model.Diagnostics
	seen := make(map[string]bool)
	for i := range p.manifest.Entries {
		e := &p.manifest.Entries[i]
		path := filepath.FromSlash(e.Path)
		if !filepath.IsLocal(path) {
			diags = append(diags, e.Diagnostic(model.SeverityError,
				fmt.Sprintf("%s leaves the plugin's folder", text.Name(e.Path))))
			continue
		}
		if path = filepath.Clean(path); seen[path] {
			diags = append(diags, e.Diagnostic(model.SeverityWarning,
				fmt.Sprintf("provider file %s is listed twice", text.Name(e.Path))))
			continue
		}
		seen[path] = true
		data, err := read(root.FS(), filepath.ToSlash(path))
		if err != nil {
			diags = append(diags, e.Diagnostic(model.SeverityError,
				fmt.Sprintf("provider file %s: %v", text.Name(e.Path), outside(err))))
			continue
		}
		sources = append(sources, Source{
			Name: display(base, filepath.Join(p.dir, path)), ID: filepath.ToSlash(path),
			Kind: e.Kind, Data: data, Entry: e, plugin: p,
		})
	}
	return sources, p.manifest.Silence(diags, model.RuleManifest), nil
}

// outside says in an author's words that a link leads out of the plugin.
func outside(err error) error {
	if err := reason(err); err.Error() != "path escapes from parent" {
		return err
	}
	return errors.New("a link leads out of the plugin's folder")
}

// fileSource reads a provider file that was named on the command line. A
// manifest near it says its kind and its ID; without one, the keys tell.
func fileSource(base, name string, kind model.Kind) (Source, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, name)
	}
	data, err := read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w", text.Name(name), reason(err))
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
		i := slices.IndexFunc(p.manifest.Entries, func(e model.ManifestEntry) bool {
			return filepath.ToSlash(filepath.Clean(e.Path)) == s.ID
		})
		if i >= 0 {
			s.Entry, s.plugin = &p.manifest.Entries[i], p
			s.Kind = cmp.Or(kind, s.Entry.Kind)
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

var errFolder = errors.New("is a folder; name a provider's YAML file in it")

// read reads a regular file of bounded size.
func read(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errFolder
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("is larger than %d MiB", maxFile>>20)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead) // so that it is read at once
	_, err = b.ReadFrom(io.LimitReader(f, maxFile))
	return b.Bytes(), err
}

// reason says in a user's words why a file cannot be read, without its path.
func reason(err error) error {
	e := (*fs.PathError)(nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; check the path", fs.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; make it readable", fs.ErrPermission)
	case errors.As(err, &e):
		return e.Err
	}
	return err
}

// display is path as seen from base, where that is shorter.
func display(base, path string) string {
	rel, err := filepath.Rel(base, path)
	if err != nil || len(rel) > len(path) {
		return path
	}
	return rel
}
