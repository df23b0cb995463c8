package gen

import "fmt"

// File is a file to write. Content renders it.
type File struct {
	Name string // without a folder
	// Stub marks a file that becomes the author's: it is only needed while the
	// package does not declare Type, and never replaces a file.
	Stub bool
	Type string // that a stub declares

	plan *plan
}

// Files returns the generated files of the package, one for each provider that is not
// empty, in the order of the sources. After them come the stubs of those that need a
// type of the author.
func (p *Package) Files() []File {
	var files, stubs []File
	for _, plan := range p.plans {
		list := plan.files()
		files = append(files, list[0])
		stubs = append(stubs, list[1:]...)
	}
	return append(files, stubs...)
}

// files are the generated file of a provider and, if the author must give it a type,
// the stub.
func (p *plan) files() []File {
	files := []File{{Name: generatedName(p.file), plan: p}}
	if p.names.provider != "" {
		files = append(files, File{Name: stubName(fileBase(p.file)), Stub: true, Type: p.names.provider, plan: p})
	}
	return files
}

// Content returns the Go code, formatted.
func (f File) Content() ([]byte, error) {
	render := f.plan.generated
	if f.Stub {
		render = f.plan.stub
	}
	src, err := render()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.plan.source.ID, err)
	}
	return src, nil
}
