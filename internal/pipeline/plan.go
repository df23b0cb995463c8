package pipeline

import (
	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// loaded are the providers of some sources.
type loaded struct {
	providers []*model.Provider // without those that only take their names
	sources   []gen.Source
	findings  model.Findings
}

// load reads the providers of sources. Those that the host could not load are left out.
func load(sources []Source, findings model.Findings) (loaded, error) {
	providers := make([]*model.Provider, len(sources))
	found := make([]model.Findings, len(sources))
	err := each(len(sources), func(i int) (err error) {
		providers[i], found[i], err = model.Load(sources[i].Name, sources[i].Data, sources[i].Kind)
		return err
	})
	all := loaded{findings: findings}
	for i, s := range sources {
		p := providers[i]
		switch {
		case !s.NameOnly:
			all.findings.Merge(found[i])
		case p == nil:
			all.findings.Add(errorsOf(found[i])...) // it could have changed the names
		}
		if p == nil {
			continue
		}
		if !s.NameOnly {
			all.providers = append(all.providers, p)
		}
		all.sources = append(all.sources, gen.Source{Provider: p, ID: s.ID, Plugin: s.Plugin, NameOnly: s.NameOnly})
	}
	return all, err
}

// errorsOf are the errors among findings.
func errorsOf(findings model.Findings) []model.Diagnostic {
	var list []model.Diagnostic
	for _, d := range findings.Settle() {
		if d.Severity == model.SeverityError {
			list = append(list, d)
		}
	}
	return list
}

// plan decides every name of the code for some providers. The diagnostics are all that
// the run found.
func plan(loaded loaded, opts gen.Options) (*gen.Package, model.Diagnostics, error) {
	pkg, diags, err := gen.NewPackage(loaded.sources, opts)
	if err != nil {
		return nil, nil, err
	}
	findings := loaded.findings
	findings.Add(diags...)
	return pkg, findings.Settle(model.CheckNames), nil
}

// File is a file that a package is to hold.
type File struct {
	Name string // without a folder
	Data []byte
	Stub bool // the file becomes the author's
}

// render makes the files of a package. Stubs whose types the folder declares already are
// not made, but returned as they were planned.
func render(pkg *gen.Package, folder GoFolder) (files []File, skipped []gen.File, err error) {
	var wanted []gen.File
	for _, f := range pkg.Files() {
		if f.Stub && folder.declares(f.Type) != "" {
			skipped = append(skipped, f)
		} else {
			wanted = append(wanted, f)
		}
	}
	files = make([]File, len(wanted))
	err = each(len(wanted), func(i int) (err error) {
		files[i] = File{Name: wanted[i].Name, Stub: wanted[i].Stub}
		files[i].Data, err = wanted[i].Content()
		return err
	})
	taken := folder.names()
	for i := range files {
		if f := &files[i]; f.Stub {
			f.Name = freeName(f.Name, taken)
		}
		taken = append(taken, files[i].Name)
	}
	return files, skipped, err
}
