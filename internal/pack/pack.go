// Package pack builds the archive that installs a plugin in Go on a Dify host. It contains
// the files that the manifest names, a static binary for each architecture, and the Python
// main that the host runs, which executes the binary.
package pack

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// maxArchive is how many bytes an archive can have for a host with default settings.
const maxArchive = 50 << 20

//go:embed main.py
var mainPy []byte

// requirements is the content of a file that the host's installer requires.
const requirements = "# The plugin is a Go binary. It needs no Python packages.\n"

// extras are files for people. The archive includes those that exist.
var extras = []string{"README.md", "PRIVACY.md", "LICENSE", "LICENSE.md", "NOTICE", "readme/*.md"}

// Config configures Build.
type Config struct {
	Dir     string // the plugin's folder, absolute
	Package string // its main package, as an argument of go build in Dir
	Strict  bool   // a warning stops Build
}

// ErrPlugin is in the errors that the plugin causes, and not the machine.
var ErrPlugin = errors.New("the plugin cannot be packed")

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrPlugin, fmt.Errorf(format, args...))
}

// Archive is a .difypkg file.
type Archive struct {
	Name        string   // NAME-VERSION.difypkg
	Data        []byte   // nil if a diagnostic stopped Build
	Files       []string // the names of the files in it, in order
	Log         string   // what the plugin logged when Build started it
	Diagnostics model.Diagnostics
	Sources     map[string][]byte // by name, the files that diagnostics are about
}

// Build builds the archive with the go command, and starts the plugin once to check that
// its code fits its YAML. With the same version of Go, the same sources give the same
// bytes.
func Build(ctx context.Context, cfg Config) (*Archive, error) {
	root, err := os.OpenRoot(cfg.Dir) // refuses links that lead outside
	if err != nil {
		return nil, err
	}
	defer root.Close()
	fsys := &recorder{FS: regular.FS(root), opened: make(map[string]bool)}
	p, diags, err := plugin.Load(fsys)
	if err != nil {
		return nil, fmt.Errorf("%w: run difygen package in the plugin's folder", err)
	}
	a := &Archive{Diagnostics: diags, Sources: make(map[string][]byte)}
	files, err := fsys.files()
	if err != nil {
		return nil, err
	}
	maps.Copy(a.Sources, files)
	if p == nil || cfg.Strict && len(diags) > 0 {
		return a, nil
	}
	if err := p.CheckPaths(); err != nil {
		return nil, wrong("%w", err)
	}
	if err := addRest(fsys, p, files); err != nil {
		return nil, err
	}
	if a.Log, err = addBinaries(ctx, cfg, archs(p), files); err != nil {
		return nil, err
	}
	a.Name = p.Name + "-" + p.Version + ".difypkg"
	a.Files = slices.SortedFunc(maps.Keys(files), plugin.CompareFiles)
	if a.Data, err = archive(files, a.Files); err != nil {
		return nil, err
	}
	if len(a.Data) > maxArchive {
		return nil, wrong("the archive has %d bytes; the host accepts at most %d (the largest file is %s)", len(a.Data), maxArchive, largest(files))
	}
	return a, nil
}

// recorder records which files are opened: those that the manifest names, and those that
// they name.
type recorder struct {
	fs.FS
	opened map[string]bool
}

func (r *recorder) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err == nil {
		r.opened[name] = true
	}
	return f, err
}

// Stat tells what a file is without opening it.
func (r *recorder) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.FS, name) }

// files returns the content of the regular files that were opened.
func (r *recorder) files() (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, name := range slices.Sorted(maps.Keys(r.opened)) {
		switch data, err := regular.Read(r.FS, name); {
		case errors.Is(err, regular.ErrFolder):
		case err != nil:
			return nil, wrong("%s: %w", name, plugin.Reason(err))
		default:
			files[name] = data
		}
	}
	return files, nil
}

// isModuleName reports whether s can name a Python module in the plugin's folder.
func isModuleName(s string) bool {
	const letters, digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", "0123456789"
	return s != "" && strings.Contains(letters, s[:1]) && strings.Trim(s, letters+digits) == ""
}

// addRest adds the icons, the files for people, and the files that the host runs.
func addRest(fsys fs.FS, p *plugin.Plugin, files map[string][]byte) error {
	assets, err := p.Assets(fsys)
	if err != nil {
		return wrong("%w", err)
	}
	var names []string
	for _, a := range assets {
		names = append(names, a.Path)
	}
	for _, pattern := range extras {
		// fs.Glob would silently skip links that lead outside.
		entries, _ := fs.ReadDir(fsys, path.Dir(pattern)) // the folder can be missing
		for _, e := range entries {
			if ok, _ := path.Match(path.Base(pattern), e.Name()); ok {
				names = append(names, path.Join(path.Dir(pattern), e.Name()))
			}
		}
	}
	if privacy := p.Privacy; !strings.Contains(privacy, "://") && privacy != "" {
		name := path.Clean(privacy)
		if _, err := fs.Stat(fsys, name); err != nil {
			return wrong("privacy: %s: %w", text.Name(privacy), plugin.Reason(err))
		}
		names = append(names, name)
	}
	for _, name := range names {
		data, err := regular.Read(fsys, name)
		if err != nil {
			return wrong("%s: %w", text.Name(name), plugin.Reason(err))
		}
		files[name] = data
	}
	if !isModuleName(p.Entrypoint) {
		return wrong("meta.runner.entrypoint: %s is not the name of a Python module, such as main", text.Name(p.Entrypoint))
	}
	files[p.Entrypoint+".py"] = mainPy
	files["requirements.txt"] = []byte(requirements)
	return nil
}

// archs returns the architectures to build for: those in the manifest, or all.
func archs(p *plugin.Plugin) []string {
	if len(p.Arch) > 0 {
		return p.Arch
	}
	return []string{"amd64", "arm64"}
}

const binaryDir = "bin/plugin-linux-"

func binaryName(arch string) string { return binaryDir + arch }

// IsArchive reports whether data starts as an archive does.
func IsArchive(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// archive zips files in order. The same files give the same bytes.
func archive(files map[string][]byte, order []string) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, name := range order {
		// The earliest time that a zip file can store.
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		if strings.HasPrefix(name, binaryDir) {
			h.SetMode(0o755)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func largest(files map[string][]byte) string {
	return slices.MaxFunc(slices.Collect(maps.Keys(files)), func(a, b string) int { return len(files[a]) - len(files[b]) })
}
