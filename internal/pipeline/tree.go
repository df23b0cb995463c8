package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/directive"
	"github.com/difygen/difygen/internal/parallel"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// IsPattern reports whether an argument stands for folders, as ./... does.
func IsPattern(arg string) bool {
	return slices.Contains(strings.Split(filepath.ToSlash(arg), "/"), "...")
}

// tree is what the folders below some others have.
type tree struct {
	base    string // from which files are shown
	folders map[string]*treeFolder
	notes   []string // what only looks as if it were to be checked
	modules []string // that have plugins, but are other ones than the folder above them
	errs    []error
}

// treeFolder is a folder of a tree.
type treeFolder struct {
	dir        string // absolute
	plugin     string // the nearest folder with a manifest, dir or one above it; "" if there is none
	manifest   bool   // of a plugin
	goFiles    []string
	directives []directive.Directive // in them
	err        error
}

// readTree looks into the folders that patterns name, from dir.
func readTree(dir string, patterns []string) (*tree, error) {
	t := &tree{base: dir, folders: make(map[string]*treeFolder)}
	for _, pattern := range patterns {
		top, ok := strings.CutSuffix(filepath.ToSlash(pattern), "...")
		if !ok || IsPattern(top) || top != "" && !strings.HasSuffix(top, "/") {
			return nil, fmt.Errorf("%s: in a pattern, ... can only be the last element", text.Name(pattern))
		}
		if top == "/" {
			top = string(filepath.Separator)
		}
		at := absolute(dir, filepath.FromSlash(top))
		if info, err := os.Stat(at); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("pattern %s: there is no folder %s", text.Name(pattern), text.Name(display(dir, at)))
		}
		above, _ := pluginDir(at)
		t.walk(at, above, true)
	}
	t.scan()
	return t, nil
}

// walk adds a folder and those below it. As the go command does, it leaves out testdata, vendor,
// names that start with a dot or _, links, and other modules.
func (t *tree) walk(dir, above string, isTop bool) {
	if t.folders[dir] != nil {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.errs = append(t.errs, fmt.Errorf("folder %s: %w", display(t.base, dir), plugin.Reason(err)))
		return
	}
	if !isTop && isModule(entries) && t.isInModule(filepath.Dir(dir)) {
		if hasManifest(dir) {
			t.modules = append(t.modules, dir)
		}
		return
	}
	f := &treeFolder{dir: dir, plugin: above}
	t.folders[dir] = f
	for _, e := range entries {
		switch name := e.Name(); {
		case name == plugin.ManifestName:
			file := filepath.Join(dir, name)
			info, err := os.Stat(file)
			switch {
			case err != nil || info.IsDir():
			case isOther(dir):
				t.notes = append(t.notes, display(t.base, file)+": is not the manifest of a plugin, so it is not checked")
			default:
				f.manifest, f.plugin = true, dir
			}
		case strings.HasSuffix(name, ".go") && !isHidden(name) && !e.IsDir():
			f.goFiles = append(f.goFiles, name)
		}
	}
	for _, e := range entries {
		if e.IsDir() && !isLeftOut(e.Name()) {
			t.walk(filepath.Join(dir, e.Name()), f.plugin, false)
		}
	}
}

// kept says which modules are left out, though they have plugins.
func (t *tree) kept() []string {
	var notes []string
	for _, dir := range t.modules {
		if t.folders[dir] == nil { // no other pattern starts there
			shown := filepath.ToSlash(display(t.base, dir))
			notes = append(notes, fmt.Sprintf("%s: has plugins, but is another Go module, so it is not checked; ./%s/... checks it", shown, shown))
		}
	}
	return notes
}

func isHidden(name string) bool { return name[0] == '_' || name[0] == '.' }

func isLeftOut(name string) bool { return isHidden(name) || name == "testdata" || name == "vendor" }

func isModule(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "go.mod" && !e.IsDir() })
}

// isInModule reports whether a folder, or one above it, has a go.mod.
func (t *tree) isInModule(dir string) bool {
	_, ok, err := FindModule(t.base, dir)
	return ok || err != nil
}

// hasManifest reports whether a folder, or one below it that a walk would look into, has the
// manifest of a plugin.
func hasManifest(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir() && path != dir && isLeftOut(e.Name()):
			return fs.SkipDir
		case !e.IsDir() && e.Name() == plugin.ManifestName && !isOther(filepath.Dir(path)):
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// isOther reports whether the manifest in a folder is not a plugin's.
func isOther(dir string) bool {
	data, err := regular.ReadFile(filepath.Join(dir, plugin.ManifestName), regular.MaxSize)
	if err != nil || !model.IsOtherManifest(data) {
		return false
	}
	_, err = os.Lstat(filepath.Join(dir, gen.PluginFile))
	return err != nil
}

// scan reads the directives in all Go files.
func (t *tree) scan() {
	folders := t.sorted()
	_ = parallel.Each(len(folders), func(i int) error {
		f := folders[i]
		var errs []error
		for _, name := range f.goFiles {
			file := filepath.Join(f.dir, name)
			data, err := regular.ReadFile(file, regular.MaxSize)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", display(t.base, file), plugin.Reason(err)))
				continue
			}
			list, err := directive.Find(f.dir, name, display(t.base, file), data)
			errs = append(errs, err)
			f.directives = append(f.directives, list...)
		}
		f.err = errors.Join(errs...)
		return nil
	})
	for _, f := range folders {
		t.errs = append(t.errs, f.err)
	}
}

// sorted are the folders in the order of their paths.
func (t *tree) sorted() []*treeFolder {
	return slices.SortedFunc(maps.Values(t.folders), func(a, b *treeFolder) int { return plugin.CompareFiles(a.dir, b.dir) })
}
