package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/difygen/difygen/internal/text"
)

// assetsDir is the folder of a plugin's icons.
const assetsDir = "_assets"

// maxAssets is how many bytes of assets the host accepts.
const maxAssets = 50 << 20

// Asset is a file in the folder of icons.
type Asset struct {
	Name string // by which declarations refer to it
	Path string // from the plugin's folder, with slashes
	Size int64  // in bytes
}

// Assets returns the plugin's assets, without empty files, which the host refuses. It fails
// if they are too large together, or if one of the plugin's icons is not among them.
func (p *Plugin) Assets(fsys fs.FS) ([]Asset, error) {
	entries, err := fs.ReadDir(fsys, assetsDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", assetsDir, Reason(err))
	}
	var assets []Asset
	var total int64
	have := make(map[string]bool)
	for _, e := range entries {
		info, err := fs.Stat(fsys, path.Join(assetsDir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", assetsDir, text.Name(e.Name()), Reason(err))
		}
		if !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		total += info.Size()
		have[e.Name()] = true
		assets = append(assets, Asset{e.Name(), path.Join(assetsDir, e.Name()), info.Size()})
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
