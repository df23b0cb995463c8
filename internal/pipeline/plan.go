package pipeline

import (
	"io/fs"
	"maps"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/internal/parallel"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// loadedProviders are the providers of some sources.
type loadedProviders struct {
	providers []*model.Provider // without those of which only the name matters
	sources   []gen.Source
	findings  model.Findings
	files     map[string][]byte // of items, by the names that diagnostics use
}

// loadAll loads the providers of sources, and leaves out those that the host could not
// load.
func loadAll(sources []Source, findings model.Findings) (loadedProviders, error) {
	providers := make([]*model.Provider, len(sources))
	found := make([]model.Findings, len(sources))
	err := parallel.Each(len(sources), func(i int) (err error) {
		providers[i], found[i], err = model.Load(sources[i].Name, sources[i].Data, sources[i].Kind)
		return err
	})
	all := loadedProviders{findings: findings}
	for i, s := range sources {
		p := providers[i]
		switch {
		case !s.NameOnly:
			all.findings.Merge(found[i])
		case p == nil: // its name could have changed the others
			all.findings.Add(found[i].Errors()...)
		}
		if p == nil {
			continue
		}
		if !s.NameOnly {
			all.providers = append(all.providers, p)
		}
		all.sources = append(all.sources, gen.Source{Provider: p, ID: s.ID, PluginID: s.PluginID, Plugin: s.Plugin, NameOnly: s.NameOnly})
	}
	return all, err
}

// loadItems loads the items of the providers of a plugin, to report what is wrong with them.
// Fsys is the plugin's folder. The code for credentials does not depend on items, so their files
// can be missing.
func (all *loadedProviders) loadItems(fsys fs.FS, show func(file string) string) {
	all.files = make(map[string][]byte)
	for _, p := range all.providers {
		contents, findings := plugin.LoadItems(p, plugin.ItemFiles{FS: fsys, Show: show, Missing: model.SeverityWarning})
		all.findings.Merge(findings)
		maps.Copy(all.files, contents.Files)
	}
}

// plan decides every name of the code for some providers. It returns all diagnostics of
// the run.
func plan(loaded loadedProviders, opts gen.Options) (*gen.Package, model.Diagnostics, error) {
	pkg, diags, err := gen.NewPackage(loaded.sources, opts)
	if err != nil {
		return nil, nil, err
	}
	findings := loaded.findings
	findings.Add(diags...)
	return pkg, findings.Settle(model.StepNames), nil
}

// File is a file that a package is to hold.
type File struct {
	Name string // without a folder
	Data []byte
	Stub bool // the file becomes the author's
}

// render makes the files of a package, except stubs whose types the folder declares
// already. Those are returned in skipped.
func render(pkg *gen.Package, folder GoFolder) (files []File, skipped []gen.File, err error) {
	var wanted []gen.File
	for _, f := range pkg.Files() {
		if f.Stub && folder.declares(f.Type) != "" {
			skipped = append(skipped, f)
		} else {
			wanted = append(wanted, f)
		}
	}
	files, err = contents(wanted, folder.names())
	return files, skipped, err
}

// contents makes files of a package. Stubs get names that are not taken.
func contents(wanted []gen.File, taken []string) ([]File, error) {
	files := make([]File, len(wanted))
	err := parallel.Each(len(wanted), func(i int) (err error) {
		files[i] = File{Name: wanted[i].Name, Stub: wanted[i].Stub}
		files[i].Data, err = wanted[i].Content()
		return err
	})
	for i := range files {
		if f := &files[i]; f.Stub {
			f.Name = freeName(f.Name, wanted[i].Suffix, taken)
		}
		taken = append(taken, files[i].Name)
	}
	return files, err
}
