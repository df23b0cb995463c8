// Package scaffold makes plugins: a whole one in an empty folder, or the Go side of one that
// has its YAML. It writes nothing; the caller applies the changes.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// Config says what to make.
type Config struct {
	Dir    string // absolute; where the plugin is, or is to be
	Shown  string // Dir, as the user named it; empty for the current folder
	Kind   string // of a new plugin: one of Words, or a model.Kind; empty for a tool
	Name   string // of a new plugin; empty for that of the folder
	Author string // of a new plugin; empty for a placeholder
	Module string // the path of a new module; empty for the module that Dir is in, or else example.com/NAME
	// Version is that of difygen, for go.mod; empty for a development build, which has none.
	Version string
	// Replace is the folder of a checkout of difygen, for go.mod, absolute or relative to Dir;
	// empty for none. Retry is the command that has one, for the error if it is needed.
	Replace, Retry string
	Created        time.Time // when a new plugin is made, for its manifest
}

// Result is what to write, and what to tell.
type Result struct {
	Changes     []commit.Change
	Sources     map[string][]byte // the files that diagnostics name
	Diagnostics model.Diagnostics // if one is an error, there are no changes
	Report      Report
}

// file is a file to write, if it is not there.
type file struct {
	name string // from the plugin's folder, with slashes
	data []byte
}

// New decides what to write into a folder. Its error, which can have several lines, is one of
// usage, or of reading files.
func New(cfg Config) (*Result, error) {
	entries, err := os.ReadDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", cfg.Dir, plugin.Reason(err))
	}
	mod, err := cfg.findModule()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == plugin.ManifestName }) {
		return cfg.adopt(entries, mod)
	}
	return cfg.newPlugin(entries, mod)
}

// add adds the changes that write files, and says which files are there already.
func (r *Result) add(cfg Config, entries []fs.DirEntry, files []file) error {
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return fmt.Errorf("folder %s: %w", cfg.Dir, plugin.Reason(err))
	}
	defer root.Close()
	for _, f := range files {
		change, needed, err := commit.Compare(filepath.Join(cfg.Dir, filepath.FromSlash(f.name)), filepath.FromSlash(f.name), f.data)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", f.name, plugin.Reason(err))
		case needed && (change.Old != nil || hasEntry(entries, f.name)):
			r.Report.Kept = append(r.Report.Kept, f.name)
		case needed:
			if _, err := root.Stat(filepath.FromSlash(f.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: %w", f.name, plugin.Reason(err))
			}
			r.Changes = append(r.Changes, change)
		}
	}
	return nil
}

// hasEntry reports whether a folder has a file of that name, in upper or lower case.
func hasEntry(entries []fs.DirEntry, name string) bool {
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) {
			return true
		}
	}
	return false
}

// documents are the files that may be in a folder before there is a plugin in it, apart from
// hidden ones, by their names in upper case and without extension.
var documents = map[string]bool{"LICENSE": true, "NOTICE": true, "README": true, "PRIVACY": true}

// hasNoFile reports whether a folder, with those in it, has nothing but what a killed process left.
func hasNoFile(dir string) bool {
	return filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !commit.IsLeftover(e) {
			err = fs.ErrExist
		}
		return err
	}) == nil
}

// checkEmpty returns an error for a folder that holds more than what a new repository does.
func checkEmpty(cfg Config, entries []fs.DirEntry) error {
	var names []string
	for _, e := range entries {
		name := e.Name()
		base := strings.ToUpper(strings.TrimSuffix(name, path.Ext(name)))
		isModule := name == "go.mod" || name == "go.sum"
		switch {
		case strings.HasPrefix(name, "."), !e.IsDir() && (isModule || documents[base]):
			continue
		case e.IsDir() && hasNoFile(filepath.Join(cfg.Dir, name)):
			continue
		}
		if strings.EqualFold(name, "manifest.yml") || strings.EqualFold(name, plugin.ManifestName) {
			return fmt.Errorf("%s: Dify reads %s; rename it", name, plugin.ManifestName)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	const shown = 3
	list := strings.Join(names[:min(len(names), shown)], ", ")
	if more := len(names) - shown; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	in := cfg.Name
	if validName(in) != in || in == "" {
		in = "NAME"
	}
	return errors.New("the folder is neither empty nor a plugin: it has " + list + ", and no " + plugin.ManifestName + "; for a new folder: mkdir " + in + " && difygen init -C " + in)
}
