package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
)

// Module is a Go module.
type Module struct {
	Path string // of its packages
	Dir  string // absolute
	Data []byte // its go.mod
}

// FindModule returns the module that a folder is in, and false if there is none. Folders are
// shown from base.
func FindModule(base, dir string) (m Module, ok bool, err error) {
	for at := dir; ; at = filepath.Dir(at) {
		file := filepath.Join(at, "go.mod")
		data, err := regular.ReadFile(file, regular.MaxSize)
		switch {
		case errors.Is(err, fs.ErrNotExist) && at == filepath.Dir(at):
			return Module{}, false, nil
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return Module{}, false, fmt.Errorf("%s: %w", display(base, file), plugin.Reason(err))
		}
		name, err := modulePath(display(base, file), data)
		return Module{name, at, data}, err == nil, err
	}
}

// needModule returns the module that the plugin in a folder is in.
func needModule(base, dir string) (Module, error) {
	m, ok, err := FindModule(base, dir)
	if err == nil && !ok {
		err = fmt.Errorf("no go.mod beside %s or in a folder above: run difygen init, which writes one, or go mod init MODULE",
			display(base, filepath.Join(dir, plugin.ManifestName)))
	}
	return m, err
}

// modulePath returns the path of the module of a go.mod, which is shown as name.
func modulePath(name string, data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte("\uFEFF")) {
		return "", fmt.Errorf("%s: starts with a byte order mark, which Go does not accept; save it without one", name)
	}
	f, err := modfile.ParseLax(name, data, nil)
	if err != nil {
		return "", err // it names the file
	}
	if f.Module == nil || f.Module.Mod.Path == "" {
		return "", fmt.Errorf("%s: has no module line: add one, such as module example.com/plugin", name)
	}
	if err := CheckImport(f.Module.Mod.Path); err != nil {
		return "", fmt.Errorf("%s: Go cannot import packages of this module: %w; rename it", name, err)
	}
	return f.Module.Mod.Path, nil
}

// CheckImport checks that Go can import a package by its path. In a main module, the go command
// takes no folders that look like flags or home folders.
func CheckImport(importPath string) error {
	for element := range strings.SplitSeq(importPath, "/") {
		if strings.HasPrefix(element, "-") || strings.HasPrefix(element, "~") {
			return fmt.Errorf("malformed import path %q: %s starts with %s", importPath, element, element[:1])
		}
	}
	return module.CheckImportPath(importPath)
}

// lacks reports whether neither the module itself nor a module that its go.mod requires has one of
// some packages, apart from those of the standard library.
func (m Module) lacks(packages []string) bool {
	modules := []string{m.Path}
	if f, err := modfile.ParseLax("go.mod", m.Data, nil); err == nil {
		for _, r := range f.Require {
			modules = append(modules, r.Mod.Path)
		}
	}
	return slices.ContainsFunc(packages, func(p string) bool {
		first, _, _ := strings.Cut(p, "/")
		return strings.Contains(first, ".") && !slices.ContainsFunc(modules, func(module string) bool {
			return p == module || strings.HasPrefix(p, module+"/")
		})
	})
}

// importPath returns the import path of the package in a folder of the module.
func (m Module) importPath(dir string) (string, error) {
	rel, err := filepath.Rel(m.Dir, dir)
	if err != nil {
		return "", err
	}
	return path.Join(m.Path, filepath.ToSlash(rel)), nil
}
