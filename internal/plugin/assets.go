package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/difygen/difygen/internal/text"
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

// Assets returns the plugin's assets, without empty files, which the host refuses. It fails
// if they are too large together, or if one of the plugin's icons is not among them.
func (p *Plugin) Assets(fsys fs.FS) ([]Asset, error) {
	var assets []Asset
	var total int64
	have := make(map[string]bool)
	err := fs.WalkDir(fsys, assetsDir, func(file string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && file == assetsDir {
			return fs.SkipDir
		}
		var info fs.FileInfo
		if err == nil {
			info, err = fs.Stat(fsys, file)
		}
		if err == nil && file == assetsDir && !info.IsDir() {
			err = errors.New("not a directory")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", text.Name(file), Reason(err))
		}
		if info.Mode().IsRegular() && info.Size() > 0 {
			name := strings.TrimPrefix(file, assetsDir+"/")
			total += info.Size()
			have[name] = true
			assets = append(assets, Asset{name, file, info.Size()})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if total > maxAssets {
		return nil, fmt.Errorf("%s holds %d bytes; the host accepts at most %d", assetsDir, total, maxAssets)
	}
	for _, name := range p.Icons() {
		if !have[name] {
			if have[path.Base(name)] {
				return nil, fmt.Errorf("icon %s: write it without its folder, as %s", text.Name(name), text.Name(path.Base(name)))
			}
			return nil, fmt.Errorf("icon %s is not in %s, or is empty", text.Name(name), assetsDir)
		}
	}
	return assets, nil
}
