// Package testmodule writes the modules of plugins in tests.
package testmodule

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Write writes, into dir, the go.mod and go.sum of a plugin whose tool is the difygen in
// the folder root.
func Write(root, dir string) error {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	text := strings.Replace(string(mod), "module github.com/difygen/difygen\n", "module example.com/plugin\n", 1) +
		"\ntool github.com/difygen/difygen/cmd/difygen\n\nrequire github.com/difygen/difygen v0.0.0\n\n" +
		"replace github.com/difygen/difygen => " + strconv.Quote(root) + "\n"
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600),
	)
}
