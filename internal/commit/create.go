package commit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// createFolders creates the folders of new files that do not exist. It returns those that it
// created, also after an error, each behind the one that it is in.
func createFolders(changes []Change) (created []string, err error) {
	for _, c := range changes {
		if c.New == nil {
			continue
		}
		for _, dir := range absent(filepath.Dir(c.Path)) {
			err := os.Mkdir(dir, 0o755)
			switch e := (*fs.PathError)(nil); {
			case err == nil:
				created = append(created, dir)
			case errors.Is(err, fs.ErrExist): // another process was faster
			case errors.Is(err, fs.ErrPermission):
				return created, fmt.Errorf("cannot create folder %s: %w; make the folder that it is in writable", dir, fs.ErrPermission)
			case errors.As(err, &e):
				return created, fmt.Errorf("cannot create folder %s: %w", dir, e.Err)
			default:
				return created, err
			}
		}
	}
	return created, nil
}

// absent returns dir and the folders that it is in, as far as they do not exist, the outermost
// first.
func absent(dir string) (list []string) {
	for {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			slices.Reverse(list)
			return list
		}
		list = append(list, dir)
		dir = filepath.Dir(dir)
	}
}

// removeFolders removes the folders that createFolders created, so far as they are empty.
func removeFolders(created []string) {
	for _, dir := range slices.Backward(created) {
		_ = os.Remove(dir) // what somebody else put there stays
	}
}
