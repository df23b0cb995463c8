// Package commit writes and removes files: all of them or none, atomically, and without
// touching files that are up to date.
package commit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Change is a change to a file.
type Change struct {
	Path string // of the file
	Name string // to show to users
	Old  []byte // nil if the file does not exist
	New  []byte // nil to remove the file
}

// Compare returns the change that gives the file at path the wanted content, or that
// removes it if want is nil. It returns false if there is nothing to change. It ignores
// line endings, which a checkout may have converted.
func Compare(path, name string, want []byte) (Change, bool, error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return Change{}, false, err
	}
	same := (old == nil) == (want == nil) && bytes.Equal(unix(old), unix(want))
	return Change{Path: path, Name: name, Old: old, New: want}, !same, nil
}

func unix(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// Verb returns what applying the change does: "wrote", "updated" or "removed".
func (c Change) Verb() string {
	switch {
	case c.New == nil:
		return "removed"
	case c.Old == nil:
		return "wrote"
	}
	return "updated"
}

// Diff returns the changes as a unified diff.
func Diff(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		from, to := "a/"+filepath.ToSlash(c.Name), "b/"+filepath.ToSlash(c.Name)
		if c.Old == nil {
			from = "/dev/null"
		}
		if c.New == nil {
			to = "/dev/null"
		}
		_, unified, _ := bytes.Cut(diff.Diff(from, unix(c.Old), to, c.New), []byte("\n")) // without "diff OLD NEW"
		b.Write(unified)
	}
	return b.String()
}

// Apply makes all changes or none. It writes every new file to a temporary file in the
// same folder before it renames the first one. If a change fails, the previous ones are
// undone.
func Apply(changes []Change) (err error) {
	staged := make([]string, len(changes))
	defer func() {
		for _, temp := range staged {
			if temp != "" {
				_ = os.Remove(temp)
			}
		}
	}()
	paths := make(map[string]bool)
	for i, c := range changes {
		if paths[c.Path] {
			return fmt.Errorf("%s is changed twice", c.Name)
		}
		paths[c.Path] = true
		if c.New == nil {
			continue
		}
		if staged[i], err = stage(c.Path, c.New); err != nil {
			return err
		}
	}
	for i, c := range changes {
		if c.New == nil {
			err = os.Remove(c.Path)
		} else if err = os.Rename(staged[i], c.Path); err == nil {
			staged[i] = ""
		}
		if err != nil {
			return errors.Join(err, undo(changes[:i]))
		}
	}
	return nil
}

// stage writes data to a temporary file in the folder of path.
func stage(path string, data []byte) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".difygen-*")
	e := (*fs.PathError)(nil)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("cannot write to folder %s: %w; make it writable, or generate elsewhere with -o", filepath.Dir(path), fs.ErrPermission)
	case errors.As(err, &e):
		return "", fmt.Errorf("cannot write to folder %s: %w", filepath.Dir(path), e.Err)
	case err != nil:
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err = f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Chmod(mode(path))
}

// mode returns the mode of the file at path or, if it does not exist, that of new files.
func mode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

func undo(changes []Change) error {
	var errs []error
	for _, c := range changes {
		if c.Old == nil {
			errs = append(errs, os.Remove(c.Path))
			continue
		}
		temp, err := stage(c.Path, c.Old)
		if err == nil {
			err = os.Rename(temp, c.Path)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	return nil
}
