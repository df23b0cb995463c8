package scaffold

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// maxName is how many characters the names that are made for plugins have at most, so that
// files can be named after them.
const maxName = 64

// names are those of a new plugin.
type names struct {
	Name   string // of the plugin
	Label  string // for users
	Author string
	File   string // of the provider, and its YAML file without extension
}

// chooseNames decides the names of a new plugin.
func (cfg Config) chooseNames() (names, error) {
	n := names{Name: cfg.Name, Author: cfg.Author}
	var errs []error
	if n.Name == "" {
		base := filepath.Base(cfg.Dir)
		if n.Name = validName(base); n.Name == "" {
			errs = append(errs, fmt.Errorf("the name of folder %s has no letter or digit to name the plugin with; give a NAME: difygen init weather", text.Name(base)))
		}
	} else if !model.IsPluginName(n.Name) {
		errs = append(errs, invalid("the name of a plugin has 1 to 128 lowercase letters, digits, _ or -", n.Name))
	}
	if n.Author == "" {
		n.Author = model.PlaceholderAuthor
	} else if !model.IsAuthor(n.Author) {
		errs = append(errs, invalid("an author has 1 to 64 lowercase letters, digits, _ or -", n.Author))
	}
	words := strings.FieldsFunc(n.Name, func(c rune) bool { return c == '-' || c == '_' })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	if n.Label = strings.Join(words, " "); n.Label == "" {
		n.Label = n.Name
	}
	n.File = strings.Trim(strings.ReplaceAll(n.Name, "-", "_"), "_")
	n.File = n.File[:min(len(n.File), maxName)]
	if n.File == "" || module.CheckFilePath(n.File+".yaml") != nil { // a device of Windows
		n.File = strings.TrimPrefix(n.File+"_provider", "_")
	}
	return n, errors.Join(errs...)
}

// invalid is the error for a name, with one that would do.
func invalid(rule, name string) error {
	err := fmt.Errorf("%s cannot be one: %s", text.Name(name), rule)
	if proposal := validName(name); proposal != "" {
		err = fmt.Errorf("%w, such as %s", err, proposal)
	}
	return err
}

// validName makes a name that a manifest accepts of any text; "" if there is nothing to make it
// of.
func validName(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_'
	})
	name := strings.Trim(strings.Join(words, "-"), "_-")
	return strings.TrimRight(name[:min(len(name), maxName)], "_-")
}

// defaultModule is the path of the module of a plugin until there is a better one.
func defaultModule(name string) string { return path.Join("example.com", name) }
