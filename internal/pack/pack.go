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

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/pipeline"
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
	// Incomplete: what is declared but has no code is a warning, and not an error.
	Incomplete bool
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
	fsys := regular.FS(root)
	if _, err := regular.Read(fsys, plugin.ManifestName); err != nil {
		return nil, fmt.Errorf("%s: %w: run difygen package in the plugin's folder", plugin.ManifestName, plugin.Reason(err))
	}
	result, err := pipeline.Run(pipeline.Config{Dir: cfg.Dir, Check: true})
	if err != nil {
		return nil, err
	}
	p, findings := result.Plugin, result.Findings
	findings.Add(withoutCode(p, cfg)...)
	findings.Add(unfitNames(fsys, &p.Manifest)...)
	a := &Archive{Diagnostics: findings.Settle(model.StepNames, model.StepDeclare), Sources: result.Sources}
	if a.Diagnostics.HasErrors() || cfg.Strict && len(a.Diagnostics) > 0 {
		return a, nil
	}
	if err := errors.Join(p.CheckPaths(), outdated(result)); err != nil {
		return nil, wrong("%w", err)
	}
	files := maps.Clone(p.Files) // by their paths, since they are shown from the plugin's folder
	if err := addRest(fsys, p, result.Assets, files); err != nil {
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

// outdated returns an error that names the generated files that do not fit the YAML.
func outdated(result *pipeline.Result) error {
	var names []string
	for _, c := range result.Changes {
		if strings.HasSuffix(c.Name, "_dify.go") { // stubs are the author's
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("the generated code does not fit the YAML (%s): run go generate", strings.Join(names, ", "))
}

// withoutCode reports the items of a plugin that nothing in Go can answer for.
func withoutCode(p *plugin.Plugin, cfg Config) []model.Diagnostic {
	severity, hint := model.SeverityError, "; -allow-incomplete packs the plugin all the same"
	if cfg.Incomplete {
		severity, hint = model.SeverityWarning, ""
	}
	var list []model.Diagnostic
	for _, d := range p.Providers {
		if gen.RunsItems(gen.Source{Provider: d.Provider, Items: d.Distinct()}) {
			continue
		}
		reason := "its provider supports no type of model that Dify knows"
		if d.Kind == model.KindDatasource {
			reason = "its provider has no provider_type that Dify knows"
		}
		for _, item := range d.Items {
			list = append(list, model.Diagnostic{
				Pos: item.Pos, Severity: severity, Rule: model.RuleNoCode,
				Message: fmt.Sprintf("%s %s has no code, so calls to it fail: %s%s", d.Kind.Item(), text.Name(item.Name), reason, hint),
			})
		}
	}
	return list
}

// unfitNames reports names in the manifest that do not fit a package.
func unfitNames(fsys fs.FS, m *model.Manifest) []model.Diagnostic {
	var list []model.Diagnostic
	report := func(format string, args []any, path ...string) {
		list = append(list, model.Diagnostic{
			Pos: m.At(path...), Severity: model.SeverityError, Rule: model.RuleManifest, Message: text.Line(fmt.Sprintf(format, args...)),
		})
	}
	if name := m.Entrypoint; name != "" { // which is the host's own rule
		if problem := unfitModule(name); problem != "" {
			report("meta.runner.entrypoint: %s %s", []any{text.Name(name), problem}, "meta", "runner", "entrypoint")
		}
	}
	if file := m.Privacy; file != "" && !strings.Contains(file, "://") {
		reason, err := plugin.Secret(fsys, path.Clean(file))
		switch {
		case reason != "":
			report("privacy: %s cannot be in a package: %s", []any{text.Name(file), reason}, "privacy")
		case err != nil:
			report("privacy: %s: %v", []any{text.Name(file), plugin.Reason(err)}, "privacy")
		}
	}
	return list
}

// addRest adds the icons, the files for people, and the files that the host runs.
func addRest(fsys fs.FS, p *plugin.Plugin, assets []plugin.Asset, files map[string][]byte) error {
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
		names = append(names, path.Clean(privacy))
	}
	for _, name := range names {
		data, err := regular.Read(fsys, name)
		if err != nil {
			return wrong("%s: %w", text.Name(name), plugin.Reason(err))
		}
		files[name] = data
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

// IsArchive reports whether data is the archive of a plugin: a zip file with a manifest.
func IsArchive(data []byte) bool {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return err == nil && slices.ContainsFunc(r.File, func(f *zip.File) bool { return f.Name == plugin.ManifestName })
}

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
