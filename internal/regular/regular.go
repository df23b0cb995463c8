// Package regular reads regular files, and nothing else. To open a FIFO can block forever,
// and to open a device can have effects, so neither is opened, nor is a link to one followed.
// A file that is replaced by one in the meantime is not read, either.
package regular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// MaxSize is the most bytes that Read reads of a file.
const MaxSize = 32 << 20

// Errors for what is not read.
var (
	ErrFolder    = errors.New("is a folder")
	errIrregular = errors.New("is not a regular file")
)

// Read reads a regular file of at most MaxSize bytes. In a file system of FS, it does not
// block.
func Read(fsys fs.FS, name string) ([]byte, error) {
	stat := func() (fs.FileInfo, error) { return fs.Stat(fsys, name) }
	open := func() (fs.File, error) { return fsys.Open(name) }
	return read(stat, open, MaxSize)
}

// ReadFile reads the regular file at path, of at most limit bytes, without blocking.
func ReadFile(path string, limit int64) ([]byte, error) {
	stat := func() (fs.FileInfo, error) { return os.Stat(path) }
	open := func() (fs.File, error) { return os.OpenFile(path, os.O_RDONLY|nonblock, 0) }
	return read(stat, open, limit)
}

func read(stat func() (fs.FileInfo, error), open func() (fs.File, error), limit int64) ([]byte, error) {
	info, err := stat()
	if err != nil {
		return nil, err
	}
	if err := check(info, limit); err != nil {
		return nil, err
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil { // of what was opened
		return nil, err
	}
	if err := check(info, limit); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead) // read without growing again
	if _, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit { // it grew
		return nil, tooLarge(limit)
	}
	return b.Bytes(), nil
}

func check(info fs.FileInfo, limit int64) error {
	switch {
	case info.IsDir():
		return ErrFolder
	case !info.Mode().IsRegular():
		return errIrregular
	case info.Size() > limit:
		return tooLarge(limit)
	}
	return nil
}

func tooLarge(limit int64) error { return fmt.Errorf("is larger than %d MiB", limit>>20) }

// FS returns the file system of a folder, without what links outside. To open a file of it
// does not block.
func FS(root *os.Root) fs.FS { return rootFS{root} }

type rootFS struct{ root *os.Root }

// Open opens a file.
func (r rootFS) Open(name string) (fs.File, error) {
	path, err := filepath.Localize(name) // Windows would take a backslash for a slash
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := r.root.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err // and not a nil *os.File
	}
	return f, nil
}

// Stat tells what a file is without opening it.
func (r rootFS) Stat(name string) (fs.FileInfo, error) {
	path, err := filepath.Localize(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	return r.root.Stat(path)
}
