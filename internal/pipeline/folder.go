package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
)

// folder is the output folder before the run.
type folder struct {
	GoFolder
	dir  string // absolute
	base string // from which its files are shown
	pkg  string // the package that the generated files are for
}

// outDir returns the absolute path of the output folder; that of the plugin in a run for a
// whole one.
func (cfg Config) outDir() string {
	if dir, ok := cfg.wholePlugin(); ok {
		return dir
	}
	if filepath.IsAbs(cfg.Out) {
		return filepath.Clean(cfg.Out)
	}
	return filepath.Join(cfg.Dir, cfg.Out)
}

// Open opens the output folder, to apply the changes of a run. Open it before Run, so that
// runs of other processes wait for this one.
func (cfg Config) Open(ctx context.Context) (*commit.Folder, error) {
	f, err := commit.Open(ctx, cfg.outDir())
	if err != nil {
		return nil, fmt.Errorf("output folder %s: %w", display(cfg.base(), cfg.outDir()), err)
	}
	return f, nil
}

// readFolder reads the output folder.
func (cfg Config) readFolder() (folder, error) {
	f, err := readDir(cfg.base(), cfg.outDir())
	if err != nil {
		return folder{}, err
	}
	f.pkg, err = f.choosePackage(cfg)
	return f, err
}

// readDir reads a folder that is shown from base.
func readDir(base, dir string) (folder, error) {
	f := folder{dir: dir, base: base}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return folder{}, fmt.Errorf("output folder %s does not exist: create it first", f.show(""))
	case err != nil:
		return folder{}, fmt.Errorf("output folder %s: %w", f.show(""), plugin.Reason(err))
	}
	f.GoFolder, err = readEntries(entries, func(name string) ([]byte, error) {
		data, err := regular.ReadFile(filepath.Join(dir, name), regular.MaxSize)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.show(name), plugin.Reason(err))
		}
		return data, nil
	})
	return f, err
}

// choosePackage decides the package of the generated files: what the user says, else what
// the directive's package is, else what the folder's files say or the folder is called.
func (f folder) choosePackage(cfg Config) (string, error) {
	if cfg.Package != "" {
		if others := f.packages(true); len(others) > 0 && !slices.Contains(others, cfg.Package) {
			return "", fmt.Errorf("-package %s does not fit folder %s, which holds package %s",
				text.Name(cfg.Package), f.show(""), strings.Join(others, ", "))
		}
		return cfg.Package, nil
	}
	if cfg.GoPackage != "" && f.dir == cfg.Dir {
		return cfg.GoPackage, nil
	}
	name, err := f.packageOf(filepath.Base(f.dir))
	if err != nil {
		return "", fmt.Errorf("folder %s holds several packages: choose one with -package", f.show(""))
	}
	return name, nil
}

// show is a file of the folder as users see it; the folder itself for "".
func (f folder) show(name string) string { return display(f.base, filepath.Join(f.dir, name)) }

// compare finds what must change for the folder to hold files. Notes say what is up to date.
func (f folder) compare(files []File) (changes []commit.Change, notes []string, err error) {
	var refused []error
	for _, file := range files {
		change, needed, err := commit.Compare(filepath.Join(f.dir, file.Name), f.show(file.Name), file.Data)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", f.show(file.Name), plugin.Reason(err))
		case needed:
			refused = append(refused, f.refuse(file.Name, change.Name, file.Data))
			changes = append(changes, change)
		default:
			notes = append(notes, change.Name+": up to date")
		}
	}
	return changes, notes, errors.Join(refused...)
}
