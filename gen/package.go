// Package gen turns providers of package model into Go: first a Package, in which
// every identifier is decided, then files. It touches no disk and knows nothing of
// YAML.
//
// To add a kind of provider, a section, an interface of the author or a type of field,
// add a row to a table: kinds, sectionKinds, contracts or fieldTypes. The first three
// hold what is particular to their code. A type of field has shapes, which hold all that
// depends on the type. The rest of the package is the same for all of them.
//
// The generated code must be that of testdata/golden. To see and keep the difference
// that a change makes, run in the module's root
//
//	DIFYGEN_UPDATE=1 go test ./gen ./model    rewrites testdata/golden
//	go generate ./...                         rewrites the examples
//	git diff testdata examples internal/thirdparty
package gen

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"path"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Options say how the generated code is named.
type Options struct {
	// Package is the name of the package that the code is for.
	Package string
	// Prefix stands before every package-level name. If nil, it is the Go name
	// of the provider, or nothing if the package has that name already.
	Prefix *string
	// Type is the type of the author that the code binds. If empty, it is
	// Provider with the prefix.
	Type string
}

// Source is a provider with the file that declares it.
type Source struct {
	Provider *model.Provider
	// ID is the path of the provider's YAML file, from the plugin's folder. Generated
	// files name it.
	ID string
	// Plugin tells plugins apart. Providers of one plugin that would have one name
	// have their kind in their names, but for the first. A source without a plugin
	// shares names with no other.
	Plugin string
	// NameOnly says that the provider only takes its name. No code is generated for it.
	NameOnly bool
}

// Package is the generated code of the providers of a Go package.
type Package struct {
	plans []*plan
	empty []Source
}

// NewPackage decides every name of the code for some providers. A source that was
// given as NameOnly before keeps the name that it got there.
//
// Diagnostics are warnings about names that were changed, and an error for each
// provider that wants names of an earlier one. The error is one of the options, or of
// a source's ID.
func NewPackage(sources []Source, opts Options) (*Package, model.Diagnostics, error) {
	pkg := &Package{}
	names := newPluginScope()
	holders := make(map[string]*plan)
	var diags model.Diagnostics
	for _, s := range sources {
		if _, ok := kinds[s.Provider.Kind]; !ok {
			continue
		}
		named := names.claim(s)
		if s.NameOnly {
			continue
		}
		if err := opts.check(s.ID); err != nil {
			return nil, nil, err
		}
		p, more := newPlan(s, named, opts)
		diags = append(diags, more...)
		if p == nil {
			pkg.empty = append(pkg.empty, s)
			continue
		}
		if d, clashes := p.hold(holders); clashes {
			diags = append(diags, d)
		}
		pkg.plans = append(pkg.plans, p)
	}
	return pkg, diags, nil
}

// Empty returns the sources of providers that declare nothing to generate code for.
func (p *Package) Empty() []Source { return p.empty }

// Section is the Go code of a section of a provider.
type Section struct {
	Provider *model.Provider
	Name     model.SectionName
	Type     string // the struct
	Decode   string // the function that reads it
}

// Sections returns every section that has a struct.
func (p *Package) Sections() []Section {
	var list []Section
	for _, plan := range p.plans {
		for _, s := range plan.sections {
			list = append(list, Section{plan.source.Provider, s.yaml.Name, s.typ, s.decode})
		}
	}
	return list
}

// hold takes all names of a plan. If one of them is taken, it takes none and returns
// an error.
func (p *plan) hold(holders map[string]*plan) (d model.Diagnostic, clashes bool) {
	names := append([]string{p.files()[0].Name, p.names.provider}, p.declarations()...)
	for _, name := range names {
		if other, taken := holders[name]; taken && name != "" {
			return model.Diagnostic{
				Pos:      model.Position{File: p.source.Provider.File, Line: 1, Column: 1},
				Severity: model.SeverityError, Rule: model.RuleNameClash, Message: p.clash(name, other),
			}, true
		}
	}
	for _, name := range names {
		holders[name] = p
	}
	return model.Diagnostic{}, false
}

// clash says which name two providers want.
func (p *plan) clash(name string, other *plan) string {
	provider, file := p.source.Provider.Name, other.source.Provider.File
	if provider != "" && provider == other.source.Provider.Name {
		return fmt.Sprintf("provider %s is also in %s: give them different names, packages (-o) or prefixes (-prefix)", text.Name(provider), file)
	}
	return fmt.Sprintf("%s is generated from %s too: give them different packages (-o) or prefixes (-prefix)", name, file)
}

// naming is what the names of a provider's code come from.
type naming struct {
	name     string // of the provider
	file     string // how its files' names start
	withKind bool   // a provider of another kind has the name in Go
}

// pluginScope shares names out among the providers of plugins.
type pluginScope struct {
	owners map[[3]string]model.Kind
	given  map[[2]string]naming
}

func newPluginScope() pluginScope {
	return pluginScope{make(map[[3]string]model.Kind), make(map[[2]string]naming)}
}

// claim decides the naming of a provider: the first of a name, or with a file of a
// name, has it for itself, whether code is generated for it or not. The kind is added
// to those of later kinds.
func (sc pluginScope) claim(s Source) naming {
	base := s.ID[strings.LastIndexByte(s.ID, '/')+1:]
	base = strings.TrimSuffix(base, path.Ext(base))
	n := naming{name: cmp.Or(s.Provider.Name, base), file: base}
	if s.Plugin == "" {
		return n
	}
	source := [2]string{s.Plugin, s.ID}
	if given, ok := sc.given[source]; ok {
		return given
	}
	taken := func(what, name string) bool {
		key := [3]string{s.Plugin, what, strings.ToLower(name)}
		owner, ok := sc.owners[key]
		if !ok {
			sc.owners[key] = s.Provider.Kind
		}
		return ok && owner != s.Provider.Kind
	}
	n.withKind = taken("name", goName(n.name))
	if taken("file", n.file) {
		n.file += "_" + string(s.Provider.Kind)
	}
	sc.given[source] = n
	return n
}

func (o Options) check(source string) error {
	switch {
	case !token.IsIdentifier(o.Package) || o.Package == "_":
		return fmt.Errorf("%s is not a Go package name", text.Name(o.Package))
	case o.Type != "" && !exportedIdentifier(o.Type):
		return fmt.Errorf("%s is not an exported Go name for a type", text.Name(o.Type))
	case o.Prefix != nil && *o.Prefix != "" && !exportedIdentifier(*o.Prefix):
		return fmt.Errorf("%s is not a prefix for exported Go names", text.Name(*o.Prefix))
	case strings.Contains(source, "DO NOT EDIT"):
		return errors.New("the source's name cannot stand in a header")
	}
	return nil
}

func exportedIdentifier(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }
