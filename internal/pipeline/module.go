package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
)

// goModule is a Go module.
type goModule struct {
	path string // of its packages
	dir  string // absolute
}

// findModule returns the module that a folder is in. Folders are shown from base.
func findModule(base, dir string) (goModule, error) {
	for at := dir; ; at = filepath.Dir(at) {
		file := filepath.Join(at, "go.mod")
		data, err := regular.ReadFile(file, regular.MaxSize)
		switch {
		case errors.Is(err, fs.ErrNotExist) && at == filepath.Dir(at):
			return goModule{}, fmt.Errorf("no go.mod beside %s or in a folder above: run go mod init MODULE first",
				display(base, filepath.Join(dir, plugin.ManifestName)))
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return goModule{}, fmt.Errorf("%s: %w", display(base, file), plugin.Reason(err))
		}
		name, err := modulePath(display(base, file), data)
		return goModule{name, at}, err
	}
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
	if err := checkImport(f.Module.Mod.Path); err != nil {
		return "", fmt.Errorf("%s: Go cannot import packages of this module: %w; rename it", name, err)
	}
	return f.Module.Mod.Path, nil
}

// checkImport checks that Go can import a package by its path. In a main module, the go command
// takes no folders that look like flags or home folders.
func checkImport(importPath string) error {
	for element := range strings.SplitSeq(importPath, "/") {
		if strings.HasPrefix(element, "-") || strings.HasPrefix(element, "~") {
			return fmt.Errorf("malformed import path %q: %s starts with %s", importPath, element, element[:1])
		}
	}
	return module.CheckImportPath(importPath)
}

// importPath returns the import path of the package in a folder of the module.
func (m goModule) importPath(dir string) (string, error) {
	rel, err := filepath.Rel(m.dir, dir)
	if err != nil {
		return "", err
	}
	return path.Join(m.path, filepath.ToSlash(rel)), nil
}
