package gen

import (
	"fmt"
	"strconv"
)

// File is a file to write. Content renders it.
type File struct {
	Name string // without a folder
	// Stub marks a file that becomes the author's, and never replaces a file. One with a
	// Type is only needed while the package does not declare that; the stub of an item,
	// while the package lacks the item's methods.
	Stub   bool
	Source string // the ID of the source that it is for
	Item   string // the path of the file of the item that a stub is for, if any
	Type   string // that a stub declares
	Suffix string // what the name of a stub gets, before its extension, if another file has the name
	// Receiver is the author's type, and Methods are its methods that a stub declares.
	Receiver string
	Methods  []string
	Types    []string // that the stub of an item declares, for the author to complete

	plan *plan
	item plannedItem // of a stub of an item
}

// Files returns the generated files of the package, one for each provider that is not
// empty, in the order of the sources. After them come the stubs of those that need a
// type of the author, and those of their items.
func (p *Package) Files() []File {
	var files, stubs, items []File
	for _, plan := range p.plans {
		files = append(files, File{Name: generatedName(plan.file), Source: plan.source.ID, plan: plan})
		if plan.names.provider != "" {
			stubs = append(stubs, plan.stubFile())
		}
		for _, item := range plan.items {
			items = append(items, plan.itemFile(item))
		}
	}
	files = append(files, stubs...)
	taken := map[string]bool{"main.go": len(p.plans) > 0 && p.plans[0].pkg == "main"}
	for _, f := range files {
		taken[f.Name] = true
	}
	for _, f := range items {
		f.Name = itemStubName(f.Name, f.Suffix, taken)
		taken[f.Name] = true
		files = append(files, f)
	}
	return files
}

// providerSuffix is the suffix of the stub of a provider.
const providerSuffix = "_provider"

// stubFile is the stub with the author's type.
func (p *plan) stubFile() File {
	f := File{
		Name: stubName(fileBase(p.file, "provider"), providerSuffix), Stub: true, Suffix: providerSuffix, Source: p.source.ID,
		Type: p.names.provider, Receiver: p.names.provider, plan: p,
	}
	for _, m := range p.stubbed() {
		f.Methods = append(f.Methods, m.name)
	}
	return f
}

// itemFile is the stub of an item. Its name is not final, and has no extension.
func (p *plan) itemFile(item plannedItem) File {
	yaml := item.yaml()
	f := File{
		Name: fileBase(item.name(), item.word()), Stub: true, Suffix: "_" + item.word(), Source: p.source.ID, Item: yaml.Path,
		Receiver: p.names.provider, plan: p, item: item,
	}
	for _, m := range item.methods(p) {
		f.Methods = append(f.Methods, m.name)
	}
	for _, t := range item.authorTypes() {
		f.Types = append(f.Types, t.name)
	}
	return f
}

// itemStubName is the name of the stub of an item that is not taken.
func itemStubName(base, suffix string, taken map[string]bool) string {
	name := stubName(base, suffix)
	for n := 1; taken[name]; n++ {
		number := ""
		if n > 1 {
			number = strconv.Itoa(n)
		}
		name = stubName(base+suffix+number, suffix)
	}
	return name
}

// Content returns the Go code, formatted.
func (f File) Content() ([]byte, error) {
	render := f.plan.generated
	switch {
	case f.item != nil:
		render = func() ([]byte, error) { return f.plan.itemStub(f.item, f.Types) }
	case f.Stub:
		render = f.plan.stub
	}
	src, err := render()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.plan.source.ID, err)
	}
	return src, nil
}
