package commit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How long Open waits for another process, and how often it looks.
const (
	patience = 30 * time.Second
	interval = 10 * time.Millisecond
)

// tempPrefix starts the names of temporary files. Digits follow.
const tempPrefix = ".difygen-"

// errHeld is the error for a folder that another process does not let go.
var errHeld = fmt.Errorf("another run of difygen has been using it for %v; end that run, then try again", patience)

// Folder is a folder whose files one process at a time changes. The system lets go of it
// when the process ends, however it ends.
type Folder struct {
	dir  string
	lock *os.File // nil if the system, or the file system, has no locks
	disk disk
}

// disk is what changes files.
type disk interface {
	// create creates a temporary file in a folder.
	create(dir string) (*os.File, error)
	rename(from, to string) error
	remove(path string) error
}

type osDisk struct{}

func (osDisk) create(dir string) (*os.File, error) { return os.CreateTemp(dir, tempPrefix+"*") }
func (osDisk) rename(from, to string) error        { return os.Rename(from, to) }
func (osDisk) remove(path string) error            { return os.Remove(path) }

// Open waits until no other process has the folder open. It changes nothing, and a folder
// that does not exist is not an error.
func Open(ctx context.Context, dir string) (*Folder, error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		lock, held := tryLock(dir)
		if !held {
			return &Folder{dir: dir, lock: lock, disk: osDisk{}}, nil
		}
		select {
		case <-time.After(interval):
		case <-timeout.C:
			return nil, errHeld
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close lets other processes open the folder.
func (f *Folder) Close() {
	if f.lock != nil {
		_ = f.lock.Close() // nothing was written to it
	}
}

// Apply makes all changes or none, in their order. Files in other folders can be among them:
// Apply opens those folders too, until it is done, and creates those that do not exist. It
// writes every new file to a temporary file in the same folder before it renames the first
// one, so each file is always the old or the new one. If a change fails, a file is no longer as
// it was compared, or ctx ends, the previous ones are undone. A file that is already as wanted
// is left alone.
//
// Between the last look at a file and its change, some microseconds pass in which Apply does
// not notice another program.
func (f *Folder) Apply(ctx context.Context, changes []Change) (err error) {
	created, err := createFolders(changes)
	defer func() {
		if err != nil {
			removeFolders(created)
		}
	}()
	if err != nil {
		return err
	}
	others, err := f.openOthers(ctx, changes)
	defer func() {
		for _, other := range others {
			other.Close()
		}
	}()
	if err != nil {
		return err
	}
	for _, folder := range append(others, f) {
		folder.removeLeftovers()
	}
	staged := make([]string, len(changes))
	defer func() {
		for _, temp := range staged {
			if temp != "" {
				_ = f.disk.remove(temp)
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
		if err = interrupted(ctx); err != nil {
			return err
		}
		if staged[i], err = f.stage(c.Path, c.New); err != nil {
			return err
		}
	}
	var made []Change
	for i, c := range changes {
		needed, err := c.stillNeeded()
		if err == nil {
			err = interrupted(ctx)
		}
		switch {
		case err != nil:
		case !needed:
			continue
		case c.New == nil:
			err = f.disk.remove(c.Path)
		default:
			if err = f.disk.rename(staged[i], c.Path); err == nil {
				staged[i] = ""
			}
		}
		if err != nil {
			return errors.Join(err, f.undo(made))
		}
		made = append(made, c)
	}
	return nil
}

// interrupted is the error for changes that are not made, since the context has ended.
func interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("interrupted, so nothing was written: %w", err)
	}
	return nil
}

// openOthers opens the other folders in which files are changed, in the order of their names
// without links, so that two processes never wait for each other, nor one for itself.
func (f *Folder) openOthers(ctx context.Context, changes []Change) (others []*Folder, err error) {
	var dirs []string
	for _, c := range changes {
		dir := filepath.Dir(c.Path)
		if resolved, err := filepath.EvalSymlinks(dir); err == nil { // if not, to write there fails
			dir = resolved
		}
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	opened := []string{f.dir}
	for _, dir := range slices.Compact(dirs) {
		if slices.ContainsFunc(opened, func(other string) bool { return sameFolder(dir, other) }) {
			continue
		}
		other, err := Open(ctx, dir)
		if err != nil {
			return others, fmt.Errorf("folder %s: %w", dir, err)
		}
		other.disk = f.disk
		others = append(others, other)
		opened = append(opened, dir)
	}
	return others, nil
}

// sameFolder reports whether two paths name one folder.
func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// stillNeeded reports whether a change is still to be made. It fails if the file is neither
// as it was compared nor as it is wanted.
func (c Change) stillNeeded() (bool, error) {
	now, err := read(c.Path)
	switch {
	case err != nil:
		return false, fmt.Errorf("%s: %w", c.Name, err)
	case same(now, c.Old):
		return true, nil
	case same(now, c.New):
		return false, nil
	}
	return false, fmt.Errorf("%s: was changed while difygen ran, so nothing was written; run difygen again", c.Name)
}

// removeLeftovers removes the temporary files of processes that were killed. Without a lock,
// their process could still run.
func (f *Folder) removeLeftovers() {
	if f.lock == nil {
		return
	}
	entries, _ := os.ReadDir(f.dir) // what changes the folder will fail, too
	for _, e := range entries {
		if IsLeftover(e) {
			_ = f.disk.remove(filepath.Join(f.dir, e.Name())) // it does no harm
		}
	}
}

// IsLeftover reports whether a file can be a temporary one of a process that was killed.
func IsLeftover(e fs.DirEntry) bool {
	digits, ok := strings.CutPrefix(e.Name(), tempPrefix)
	return ok && digits != "" && strings.Trim(digits, "0123456789") == "" && e.Type().IsRegular()
}

// stage writes data to a temporary file in the folder of path.
func (f *Folder) stage(path string, data []byte) (temp string, err error) {
	file, err := f.disk.create(filepath.Dir(path))
	e := (*fs.PathError)(nil)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("cannot write to folder %s: %w; make it writable", filepath.Dir(path), fs.ErrPermission)
	case errors.As(err, &e):
		return "", fmt.Errorf("cannot write to folder %s: %w", filepath.Dir(path), e.Err)
	case err != nil:
		return "", err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, f.disk.remove(file.Name()))
		}
	}()
	if _, err = file.Write(data); err != nil {
		return "", err
	}
	return file.Name(), file.Chmod(mode(path))
}

// mode returns the mode of the file at path or, if it does not exist, that of new files.
func mode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// undo undoes changes, unless somebody else changed their files since.
func (f *Folder) undo(changes []Change) error {
	var errs []error
	for _, c := range changes {
		back := Change{Path: c.Path, Name: c.Name, Old: c.New, New: c.Old}
		needed, err := back.stillNeeded()
		switch {
		case err != nil || !needed:
		case back.New == nil:
			err = f.disk.remove(back.Path)
		default:
			var temp string
			if temp, err = f.stage(back.Path, back.New); err == nil {
				err = f.disk.rename(temp, back.Path)
			}
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	return nil
}
