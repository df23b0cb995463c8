// Package testmodule writes the modules of plugins in tests.
package testmodule

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Write writes, into dir, the go.mod and go.sum of a plugin whose tools are those of the
// difygen in the folder root.
func Write(root, dir string) error {
	if err := Watch(root); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	text := strings.Replace(string(mod), "module github.com/difygen/difygen\n", "module example.com/plugin\n", 1) +
		"\ntool (\n\tgithub.com/difygen/difygen/cmd/difygen\n\tgithub.com/difygen/difygen/cmd/difygen-vet\n)\n\nrequire github.com/difygen/difygen v0.0.0\n\n" +
		"replace github.com/difygen/difygen => " + strconv.Quote(root) + "\n"
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600),
	)
}

// Watch makes the result of the test depend on all code in the folder root. A test that builds
// a module with it may import little of that code, so the go command would reuse an old result.
func Watch(root string) error {
	return filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go"):
			_, err = os.Stat(file) // the go command takes note of it
		}
		return err
	})
}
