// Package commit writes and removes files: all of them or none, each atomically, and without
// touching files that are up to date or that somebody else changed.
package commit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/difygen/difygen/internal/regular"
)

// maxSize is the most bytes that a file can have that is replaced. Archives of plugins are
// the largest.
const maxSize = 64 << 20

// Change is a change to a file.
type Change struct {
	Path string // of the file
	Name string // to show to users
	Old  []byte // nil if the file does not exist
	New  []byte // nil to remove the file
	// Emptied: nothing needs the file, but it must not be removed.
	Emptied bool
}

// Compare returns the change that gives the file at path the wanted content, or that
// removes it if want is nil. It returns false if there is nothing to change. It ignores
// line endings, which a checkout may have converted.
func Compare(path, name string, want []byte) (Change, bool, error) {
	old, err := read(path)
	if err != nil {
		return Change{}, false, err
	}
	needed := (old == nil) != (want == nil) || !bytes.Equal(unix(old), unix(want))
	return Change{Path: path, Name: name, Old: old, New: want}, needed, nil
}

// read returns the content of a file, nil if there is none.
func read(path string) ([]byte, error) {
	data, err := regular.ReadFile(path, maxSize)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, errors.New("is a link to a file that does not exist")
	}
	return nil, nil
}

// same reports whether a and b are equal; no file differs from an empty one.
func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

func unix(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// Verb returns what applying the change does: "wrote", "updated", "emptied" or "removed".
func (c Change) Verb() string {
	switch {
	case c.New == nil:
		return "removed"
	case c.Emptied:
		return "emptied"
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
