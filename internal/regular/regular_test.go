package regular_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/difygen/difygen/internal/regular"
)

// folder returns a folder with a file, an empty folder and a large file.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := errors.Join(
		os.WriteFile(filepath.Join(dir, "file"), []byte("content"), 0o600),
		os.Mkdir(filepath.Join(dir, "folder"), 0o750),
		os.WriteFile(filepath.Join(dir, "large"), nil, 0o600),
		os.Truncate(filepath.Join(dir, "large"), regular.MaxSize+1),
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// readers returns the ways to read a file of a folder.
func readers(t *testing.T, dir string) map[string]func(name string) ([]byte, error) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return map[string]func(name string) ([]byte, error){
		"ReadFile": func(name string) ([]byte, error) {
			return regular.ReadFile(filepath.Join(dir, name), regular.MaxSize)
		},
		"FS": func(name string) ([]byte, error) { return regular.Read(regular.FS(root), name) },
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for what, read := range readers(t, folder(t)) {
		if data, err := read("file"); err != nil || string(data) != "content" {
			t.Errorf("%s: got %q, %v", what, data, err)
		}
		for name, want := range map[string]string{
			"folder": "is a folder", "large": "is larger than 32 MiB", "none": "no such file",
		} {
			if _, err := read(name); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of %s: got %v, want %s", what, name, err, want)
			}
		}
		if _, err := read("none"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want %v", what, err, fs.ErrNotExist)
		}
	}
}

// TestFS checks that FS is a file system as package fs says.
func TestFS(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := os.Remove(filepath.Join(dir, "large")); err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(regular.FS(root), "file", "folder"); err != nil {
		t.Error(err)
	}
}

// swapped is a file system in which every file looks regular until it is opened.
type swapped struct{ fstest.MapFS }

func (s swapped) Stat(string) (fs.FileInfo, error) { return s.MapFS.Stat("file") }

func TestReadSwapped(t *testing.T) {
	t.Parallel()
	fsys := swapped{fstest.MapFS{"file": {Data: []byte("x")}, "other": {Mode: fs.ModeNamedPipe}}}
	if data, err := regular.Read(fsys, "other"); err == nil || err.Error() != "is not a regular file" {
		t.Errorf("got %q, %v", data, err)
	}
	if data, err := regular.Read(fsys, "file"); err != nil || string(data) != "x" {
		t.Errorf("got %q, %v", data, err)
	}
}
