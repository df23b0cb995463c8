// Package testmodule lays down modules of plugins for tests.
package testmodule

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Write lays down go.mod and go.sum of a plugin that has difygen, whose checkout is
// root, as a tool.
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
