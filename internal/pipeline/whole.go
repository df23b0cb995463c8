package pipeline

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/checksum"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// whole is the generation of a whole plugin.
type whole struct {
	from     pluginSource
	plugin   *plugin.Plugin
	assets   []plugin.Asset
	paths    map[string]string // of the files that were read, from the plugin's folder, by their shown names
	findings model.Findings
	packages []*wholePackage // that of the plugin's folder first
	notes    []string
	missing  []Missing
	unfit    []string
	stubs    []Stub
}

// pluginSource is where a plugin comes from. Paths are from the plugin's folder, with slashes.
type pluginSource struct {
	fsys       fs.FS  // the plugin's folder
	id         string // tells the plugin from others
	show       func(file string) string
	folder     func(at string) (GoFolder, error) // reads the Go files of a folder
	importPath func(at string) (string, error)   // of the package in a folder
	tested     bool                              // a test that starts the plugin is wanted
}

// wholePackage is a Go package of a plugin.
type wholePackage struct {
	GoFolder
	path  string // from the plugin's folder
	pkg   string
	code  *gen.Package
	files []File
}

// generateWhole makes the files of a whole plugin. If a finding is an error, there are none.
func generateWhole(from pluginSource) (*whole, error) {
	w := &whole{from: from, paths: make(map[string]string)}
	if err := w.read(); err != nil || w.findings.HasErrors() {
		return w, err
	}
	if err := w.plan(); err != nil || w.findings.HasErrors() {
		return w, err
	}
	return w, w.render()
}

// diagnostics are those of the whole run.
func (w *whole) diagnostics() model.Diagnostics {
	return w.findings.Settle(model.StepNames, model.StepDeclare)
}

// read reads the plugin.
func (w *whole) read() (err error) {
	var mu sync.Mutex // files are read at the same time
	show := func(file string) string {
		shown := w.from.show(file)
		mu.Lock()
		defer mu.Unlock()
		w.paths[shown] = file
		return shown
	}
	if w.plugin, w.findings, err = plugin.Read(w.from.fsys, show); err != nil || w.findings.HasErrors() {
		return err
	}
	assets, findings := w.plugin.Assets(w.from.fsys, w.from.show)
	w.assets = assets
	w.findings.Merge(findings)
	return nil
}

// plan decides the packages and every name in them.
func (w *whole) plan() error {
	sources := make([]gen.Source, len(w.plugin.Providers))
	folders := []string{"."}
	for i, d := range w.plugin.Providers {
		sources[i] = gen.Source{
			Provider: d.Provider, ID: d.Path, PluginID: w.plugin.PluginID(), Plugin: w.from.id, Items: d.Distinct(),
		}
		folders = append(folders, path.Dir(d.Path))
	}
	for _, at := range distinct(folders) {
		p, err := w.choosePackage(at)
		if err != nil {
			return err
		}
		here := slices.Clone(sources)
		for i := range here {
			here[i].NameOnly = path.Dir(here[i].ID) != at
		}
		code, diags, err := gen.NewPackage(here, gen.Options{Package: p.pkg, Whole: true, Permitted: w.plugin.Permissions()})
		if err != nil {
			return err
		}
		p.code = code
		w.findings.Add(diags...)
		w.findings.Add(w.renamedTypes(p)...)
		w.packages = append(w.packages, p)
	}
	w.findings.Add(w.sharedNames()...)
	return nil
}

// renamedTypes reports providers whose types have other names than when the code was generated
// before, while the author's type has the old one. A stub of the new type would not help.
func (w *whole) renamedTypes(p *wholePackage) []model.Diagnostic {
	var list []model.Diagnostic
	for _, b := range p.code.Bound() {
		if p.declares(b.Type) != "" {
			continue
		}
		former := p.formerType(func(source string) bool { return source == b.ID || !w.hasSource(source) })
		if former == "" || former == b.Type || p.declares(former) == "" {
			continue
		}
		pkg := gen.PackageName(b.Provider, b.ID)
		list = append(list, model.Diagnostic{
			Pos: model.Position{File: b.Provider.File, Line: 1, Column: 1}, Severity: model.SeverityError, Rule: model.RuleNameClash,
			Message: fmt.Sprintf("the provider's name gives its types other names than before: %s in %s would have to be %s; "+
				"if the provider has a new name, rename package %s to %s in that folder's files and where they are imported, "+
				"and remove the file that was generated for the old name",
				former, w.from.show(path.Join(p.path, p.declares(former))), b.Type, p.pkg, pkg),
		})
	}
	return list
}

// hasSource reports whether the plugin has a provider in that file.
func (w *whole) hasSource(file string) bool {
	return slices.ContainsFunc(w.plugin.Providers, func(d plugin.Declared) bool { return d.Path == file })
}

// sharedNames reports providers of a kind that share their name, so that requests could not
// tell them apart. Those of one package are reported when its names are chosen.
func (w *whole) sharedNames() []model.Diagnostic {
	type identity struct {
		kind model.Kind
		name string
	}
	var list []model.Diagnostic
	first := make(map[identity]plugin.Declared)
	for _, d := range w.plugin.Providers {
		id := identity{d.Kind, d.Name}
		other, again := first[id]
		switch {
		case d.Name == "":
		case !again:
			first[id] = d
		case path.Dir(other.Path) != path.Dir(d.Path):
			list = append(list, model.Diagnostic{
				Pos: model.Position{File: d.File, Line: 1, Column: 1}, Severity: model.SeverityError, Rule: model.RuleNameClash,
				Message: fmt.Sprintf("provider %s is also in %s: give them different names", text.Name(d.Name), other.File),
			})
		}
	}
	return list
}

// choosePackage reads a folder, and chooses the name of the package in it.
func (w *whole) choosePackage(at string) (*wholePackage, error) {
	goFiles, err := w.from.folder(at)
	if err != nil {
		return nil, err
	}
	p := &wholePackage{GoFolder: goFiles, path: at}
	names := p.packages(true)
	if len(names) == 0 {
		names = p.packages(false)
	}
	switch {
	case len(names) > 1:
		return nil, fmt.Errorf("folder %s holds several packages: %s; keep one", w.from.show(at), strings.Join(names, ", "))
	case len(names) == 1 && names[0] == "main" && at != ".":
		return nil, fmt.Errorf("folder %s holds package main, which the plugin's package cannot import; give its files another package", w.from.show(at))
	case len(names) == 1:
		p.pkg = names[0]
	case at == ".":
		p.pkg = "main"
	default:
		p.pkg = w.newPackage(at)
	}
	return p, nil
}

// newPackage is the name of the package in a folder without Go: that of its first provider.
func (w *whole) newPackage(at string) string {
	first := slices.IndexFunc(w.plugin.Providers, func(d plugin.Declared) bool { return path.Dir(d.Path) == at })
	d := w.plugin.Providers[first]
	return gen.PackageName(d.Provider, d.Path)
}

// render makes the files of all packages.
func (w *whole) render() error {
	for _, p := range w.packages {
		s := stubber{
			GoFolder: p.GoFolder, code: p.code, before: make(map[string][]string),
			show: func(name string) string { return w.from.show(path.Join(p.path, name)) },
		}
		files, err := s.files()
		if err != nil {
			return err
		}
		p.files = files
		w.notes, w.missing, w.stubs = append(w.notes, s.notes...), append(w.missing, s.missing...), append(w.stubs, s.stubs...)
		w.unfit = append(w.unfit, s.unfit...)
	}
	root := w.packages[0]
	if slices.ContainsFunc(root.files, func(f File) bool { return f.Name == gen.PluginFile }) {
		return fmt.Errorf("%s: is the plugin's own file; rename the provider's YAML file in this folder", w.from.show(gen.PluginFile))
	}
	code, err := w.pluginCode()
	if err != nil {
		return err
	}
	data, err := code.Generated()
	if err != nil {
		return fmt.Errorf("%s: %w", w.from.show(gen.PluginFile), err)
	}
	root.files = append(root.files, File{Name: gen.PluginFile, Data: data})
	if root.pkg != "main" {
		return nil
	}
	if !root.hasFunc("main") {
		if data, err = code.Main(); err != nil {
			return fmt.Errorf("%s: %w", w.from.show(gen.MainFile), err)
		}
		taken := root.names()
		for _, f := range root.files {
			taken = append(taken, f.Name)
		}
		root.files = append(root.files, File{Name: freeName(gen.MainFile, "_plugin", taken), Data: data, Stub: true})
	}
	if w.from.tested && !slices.Contains(root.names(), gen.TestFile) {
		if data, err = code.Test(); err != nil {
			return fmt.Errorf("%s: %w", w.from.show(gen.TestFile), err)
		}
		root.files = append(root.files, File{Name: gen.TestFile, Data: data, Stub: true})
	}
	return nil
}

// pluginCode is the code of the plugin as a whole.
func (w *whole) pluginCode() (*gen.Plugin, error) {
	m := &w.plugin.Manifest
	code := &gen.Plugin{
		Package: w.packages[0].pkg, PluginID: m.PluginID(), Author: m.Author, Name: m.Name, Version: m.Version,
		Manifest: m.WireForm(), Sources: make(map[string]string),
	}
	for i := range w.plugin.Providers {
		d := &w.plugin.Providers[i]
		code.Providers = append(code.Providers, gen.Declaration{Type: d.Kind.Key() + "_declaration", Data: d.WireForm()})
	}
	for _, a := range w.assets {
		code.Assets = append(code.Assets, a.Path)
	}
	for shown, data := range w.plugin.Files {
		code.Sources[w.paths[shown]] = checksum.Text(data)
	}
	for _, p := range w.packages {
		importPath, err := w.importPath(p)
		if err != nil {
			return nil, err
		}
		for _, b := range p.code.Bound() {
			if !w.isServed(b) {
				continue
			}
			if p.declares(b.Type) != "" && !p.hasFunc(b.Make) { // of a new type, the stub says to write it
				b.Make = ""
			}
			code.Bound = append(code.Bound, gen.PluginProvider{Bound: b, ImportPath: importPath, Package: p.pkg})
		}
	}
	slices.SortFunc(code.Bound, func(a, b gen.PluginProvider) int { return w.place(a.Bound) - w.place(b.Bound) })
	return code, nil
}

// importPath is the import path of a package; "" for that of the plugin's folder.
func (w *whole) importPath(p *wholePackage) (string, error) {
	if p.path == "." {
		return "", nil
	}
	importPath, err := w.from.importPath(p.path)
	if err != nil {
		return "", err
	}
	if slices.Contains(strings.Split(p.path, "/"), "vendor") {
		return "", fmt.Errorf("folder %s: Go keeps copies of other modules in folders called vendor; rename it", w.from.show(p.path))
	}
	for at := p.path; at != "."; at = path.Dir(at) {
		file := path.Join(at, "go.mod")
		if info, err := fs.Stat(w.from.fsys, file); err == nil && !info.IsDir() {
			return "", fmt.Errorf("%s: makes folder %s another module than the plugin's; remove it", w.from.show(file), w.from.show(p.path))
		}
	}
	if err := CheckImport(importPath); err != nil {
		return "", fmt.Errorf("folder %s: Go cannot import a package from it: %w; rename it", w.from.show(p.path), err)
	}
	return importPath, nil
}

// isServed reports whether requests can reach a provider.
func (w *whole) isServed(b gen.Bound) bool {
	kind := b.Provider.Kind
	first := slices.IndexFunc(w.plugin.Providers, func(d plugin.Declared) bool { return d.Kind == kind })
	return !kind.IsFirstOnly() || w.plugin.Providers[first].Path == b.ID
}

// place is where a provider stands among those of the plugin.
func (w *whole) place(b gen.Bound) int {
	return slices.IndexFunc(w.plugin.Providers, func(d plugin.Declared) bool { return d.Path == b.ID })
}

// inOrder returns the packages with their files in the order in which they are written: the
// code of providers, then the plugin's, which needs it, and then stubs.
func (w *whole) inOrder() []*wholePackage {
	if len(w.packages) == 0 {
		return nil
	}
	order := append(slices.Clone(w.packages[1:]), w.packages[0])
	var list []*wholePackage
	for _, stubs := range []bool{false, true} {
		for _, p := range order {
			part := *p
			part.files = slices.DeleteFunc(slices.Clone(p.files), func(f File) bool { return f.Stub != stubs })
			list = append(list, &part)
		}
	}
	return list
}

// GeneratePlugin returns the files of the whole plugin in fsys, named by their paths from its
// folder, which holds its Go files too. importPath is that of the package in the folder. If a
// diagnostic is an error, there are no files.
func GeneratePlugin(fsys fs.FS, importPath string) ([]File, model.Diagnostics, error) {
	w, err := generateWhole(pluginSource{
		fsys: fsys, id: ".", show: func(file string) string { return file },
		folder:     func(at string) (GoFolder, error) { return readGoFolder(fsys, at) },
		importPath: func(at string) (string, error) { return path.Join(importPath, at), nil },
	})
	if err != nil {
		return nil, nil, err
	}
	diags := w.diagnostics()
	if diags.HasErrors() {
		return nil, diags, nil
	}
	var files []File
	for _, p := range w.inOrder() {
		for _, f := range p.files {
			name := path.Join(p.path, f.Name)
			if err := p.refuse(f.Name, name, f.Data); err != nil && !f.Stub {
				return nil, nil, err
			}
			files = append(files, File{Name: name, Data: f.Data, Stub: f.Stub})
		}
	}
	return files, diags, nil
}
