package plugin

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// assetsDir is the folder of a plugin's icons.
const assetsDir = "_assets"

// maxAssets is how many bytes of assets the host accepts.
const maxAssets = 50 << 20

// Asset is a file in the folder of icons, or below it.
type Asset struct {
	Name string // by which declarations refer to it: its path from that folder
	Path string // from the plugin's folder, with slashes
	Size int64  // in bytes
}

// Assets returns the plugin's assets: the files that Go can embed, without empty ones, which
// the host refuses. Findings say which files are left out, which icons are not among the
// assets, and whether all are too large together. Show returns the name of a file for them.
func (p *Plugin) Assets(fsys fs.FS, show func(file string) string) ([]Asset, model.Findings) {
	a := assetFinder{fsys: fsys, show: show, left: make(map[string]string)}
	a.walk()
	for _, icon := range p.Icons() {
		a.look(icon)
	}
	for _, name := range slices.Sorted(maps.Keys(a.left)) {
		file := model.Position{File: show(assetsDir + "/" + name)}
		a.Add(diagnostic(file, model.SeverityWarning, model.RuleAsset, "%s, so it is not an asset of the plugin", a.left[name]))
	}
	return a.assets, a.Findings
}

// assetFinder finds assets.
type assetFinder struct {
	model.Findings
	fsys   fs.FS
	show   func(file string) string
	assets []Asset
	left   map[string]string // why a file is left out, by its name
}

func (a *assetFinder) errorf(at model.Position, format string, args ...any) {
	a.Add(diagnostic(at, model.SeverityError, model.RuleAsset, format, args...))
}

// walk finds the assets.
func (a *assetFinder) walk() {
	var total int64
	_ = fs.WalkDir(a.fsys, assetsDir, func(file string, entry fs.DirEntry, err error) error { // every failure is a finding
		if errors.Is(err, fs.ErrNotExist) && file == assetsDir {
			return fs.SkipDir
		}
		var info fs.FileInfo
		if err == nil {
			info, err = entry.Info()
		}
		if err == nil && file == assetsDir {
			err = a.unfitFolder(info)
		}
		name := strings.TrimPrefix(file, assetsDir+"/")
		switch {
		case err != nil:
			a.errorf(model.Position{File: a.show(file)}, "%v", Reason(err))
		case file == assetsDir:
			return nil
		case unfit(name, entry) != "":
			a.left[name] = unfit(name, entry)
			if info.IsDir() {
				return fs.SkipDir
			}
		case info.IsDir() && a.isModule(file):
			a.left[name] = "it is a Go module of its own"
			return fs.SkipDir
		case info.IsDir():
		case info.Size() == 0:
			a.left[name] = "it is empty"
		default:
			total += a.add(Asset{name, file, info.Size()})
		}
		return nil
	})
	if total > maxAssets {
		a.errorf(model.Position{File: a.show(assetsDir)}, "holds %d bytes; the host accepts at most %d", total, maxAssets)
	}
}

// add adds a file, unless it holds a key, and returns its size among the assets.
func (a *assetFinder) add(asset Asset) int64 {
	isKey, err := holdsKey(a.fsys, asset.Path)
	switch {
	case err != nil:
		a.errorf(model.Position{File: a.show(asset.Path)}, "%v", Reason(err))
	case isKey:
		a.left[asset.Name] = looksLikeKey
		return 0
	case asset.Size > regular.MaxSize:
		a.errorf(model.Position{File: a.show(asset.Path)}, "has %d bytes; an asset can have at most %d", asset.Size, regular.MaxSize)
	}
	a.assets = append(a.assets, asset)
	return asset.Size
}

// unfitFolder returns why Go can embed nothing that is in the folder of assets.
func (a *assetFinder) unfitFolder(info fs.FileInfo) error {
	entries, _ := fs.ReadDir(a.fsys, path.Dir(assetsDir)) // it was just found there
	isLink := func(e fs.DirEntry) bool { return e.Name() == assetsDir && e.Type()&fs.ModeSymlink != 0 }
	switch {
	case slices.ContainsFunc(entries, isLink):
		return errors.New("is a symbolic link, which go:embed does not follow; make it a folder")
	case !info.IsDir():
		return errors.New("not a directory")
	case a.isModule(assetsDir):
		return errors.New("is a Go module of its own, which Go cannot embed; remove its go.mod")
	}
	return nil
}

// isModule reports whether a folder has a go.mod, so that its files belong to another module.
func (a *assetFinder) isModule(dir string) bool {
	info, err := fs.Stat(a.fsys, path.Join(dir, "go.mod"))
	return err == nil && !info.IsDir()
}

// unfit returns why a file or folder in the folder of assets cannot be one, or contain one; ""
// if it can be.
func unfit(name string, entry fs.DirEntry) string {
	base := path.Base(name)
	switch {
	case entry.Type()&fs.ModeSymlink != 0:
		return "it is a symbolic link"
	case strings.HasPrefix(base, "."):
		return dotted
	case !entry.IsDir() && !entry.Type().IsRegular():
		return "it is not a regular file"
	case isKeyName(base):
		return looksLikeKey
	case module.CheckFilePath(base) != nil || strings.ContainsAny(base, "[]"):
		return "Go cannot embed a file of that name"
	}
	return ""
}

// look checks that an icon is among the assets.
func (a *assetFinder) look(icon model.Icon) {
	has := func(name string) bool {
		return slices.ContainsFunc(a.assets, func(asset Asset) bool { return asset.Name == name })
	}
	base := path.Base(icon.Name)
	switch reason := a.left[icon.Name]; {
	case has(icon.Name):
	case reason != "":
		a.errorf(icon.Pos, "icon %s in %s cannot be an asset: %s", text.Name(icon.Name), assetsDir, reason)
		delete(a.left, icon.Name)
	case has(base):
		a.errorf(icon.Pos, "icon %s: write it without its folder, as %s", text.Name(icon.Name), text.Name(base))
	default:
		a.errorf(icon.Pos, "icon %s is not in %s", text.Name(icon.Name), assetsDir)
	}
}
