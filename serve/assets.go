package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
)

// assetsDir is the folder of the icons.
const assetsDir = "_assets"

// maxAssets is how many bytes of assets the host accepts.
const maxAssets = 50 << 20

// asset is a file that the host gets.
type asset struct {
	name string // by which declarations refer to it: its path in the folder of icons
	data []byte
}

// readAssets returns the files below _assets, without empty ones, which the host refuses.
func readAssets(fsys fs.FS) ([]asset, error) {
	if fsys == nil {
		return nil, nil
	}
	var list []asset
	total := 0
	err := fs.WalkDir(fsys, assetsDir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && file == assetsDir:
			return fs.SkipDir
		case err == nil && d.IsDir():
			return nil
		}
		var data []byte
		if err == nil {
			data, err = regular.Read(fsys, file)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", text.Name(file), reason(err))
		}
		if len(data) > 0 {
			total += len(data)
			list = append(list, asset{strings.TrimPrefix(file, assetsDir+"/"), data})
		}
		return nil
	})
	if err == nil && total > maxAssets {
		err = fmt.Errorf("%s holds %d bytes; the host accepts at most %d", assetsDir, total, maxAssets)
	}
	return list, err
}
