// Package gen turns providers of package model into Go: first a Package, in which every
// identifier is decided, then files. A Plugin is the code of a whole plugin, which binds
// its packages together. Package gen touches no disk and knows nothing of YAML.
//
// To add a kind of provider, a section, an interface of the author, a type of models or of data
// sources, or a type of field, add a row to a table: kinds, sectionKinds, contracts, modelKinds,
// datasourceKinds or fieldTypes. All but the last hold what is particular to their code. A type of
// field has shapes, which hold all that depends on the type. The rest of the package is the same for
// all of them.
//
// The generated code must be that of testdata/golden. CONTRIBUTING.md says how to
// rewrite it.
package gen

import (
	"fmt"
	"go/token"
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Ignored is the name of a package whose files the go command ignores.
const Ignored = "documentation"

// Options decide the names in generated code.
type Options struct {
	// Package is the name of the package.
	Package string
	// Prefix starts every package-level name. If nil, it is the Go name of the provider,
	// or empty if that is the name of the package.
	Prefix *string
	// Type is the author's type. If empty, it is Provider with the prefix.
	Type string
	// Whole: the code covers all that a plugin runs, not credentials alone.
	Whole bool
	// Permitted is what the plugin's manifest permits, if the options say Whole.
	Permitted []model.Permitted
}

// Source is a provider with the file that declares it.
type Source struct {
	Provider *model.Provider
	// ID is the path of the provider's YAML file, relative to the plugin's folder. It is
	// in the first line of generated files.
	ID string
	// PluginID is AUTHOR/NAME of the plugin, if known. It is in the first line, too.
	PluginID string
	// Plugin identifies the plugin. If providers of a plugin would have the same name, all
	// except the first have their kind in their names. A source without a plugin shares
	// its name with no other.
	Plugin string
	// NameOnly: the provider only reserves its name. No code is generated for it.
	NameOnly bool
	// Items are the provider's items, if the options say Whole: those that have a name and,
	// of those that share one, the one that counts.
	Items []*model.Item
}

func (s *Source) header(whole bool) Header { return Header{s.ID, s.PluginID, whole} }

// Package is the generated code of the providers of a Go package.
type Package struct {
	name  string
	scope *scope
	plans []*plan
	empty []Source
}

// NewPackage chooses every name in the code for some providers. A source can appear
// twice, first as NameOnly, and keeps its name.
//
// Diagnostics are warnings about changed names, and an error for each provider that needs
// a name of an earlier one. The error is about the options or a source's ID.
func NewPackage(sources []Source, opts Options) (*Package, model.Diagnostics, error) {
	if err := opts.check(); err != nil {
		return nil, nil, err
	}
	pkg := &Package{name: opts.Package, scope: newScope()}
	var diags model.Diagnostics
	for _, s := range sources {
		if k, ok := kinds[s.Provider.Kind]; !ok || k.isWholeOnly && !opts.Whole {
			continue
		}
		naming := pkg.scope.naming(&s)
		if s.NameOnly {
			continue
		}
		if !s.header(opts.Whole).isReadable() {
			return nil, nil, fmt.Errorf("%s: the first line of a generated file cannot hold this name; rename the file", text.Name(s.ID))
		}
		p, more := newPlan(&s, naming, opts, pkg.scope)
		diags = append(diags, more...)
		if p == nil {
			pkg.empty = append(pkg.empty, s)
			continue
		}
		if clash, ok := pkg.scope.clashes[&s]; ok {
			diags = append(diags, clash.diagnostic(&s, opts.Whole))
		}
		pkg.plans = append(pkg.plans, p)
	}
	if opts.Whole && opts.Package != "main" {
		pkg.comment()
	}
	return pkg, diags, nil
}

// comment puts the package's comment into the first stub.
func (p *Package) comment() {
	var labels []string
	for _, plan := range p.plans {
		labels = append(labels, plan.label)
	}
	if i := slices.IndexFunc(p.plans, func(plan *plan) bool { return plan.names.provider != "" }); i >= 0 {
		p.plans[i].inComment = labels
	}
}

// Name returns the name of the package.
func (p *Package) Name() string { return p.name }

// Empty returns the sources of providers that declare nothing to generate code for.
func (p *Package) Empty() []Source { return p.empty }

// Section is the Go code of a section of a provider or of one of its items.
type Section struct {
	Provider *model.Provider
	Item     *model.Item // nil for a section of the provider
	Name     model.SectionName
	Type     string // the struct
	Decode   string // the function that reads it
}

// Sections returns every section that has a struct.
func (p *Package) Sections() []Section {
	var list []Section
	for _, plan := range p.plans {
		for _, s := range plan.sections {
			list = append(list, Section{plan.source.Provider, nil, s.yaml.Name, s.typ, s.decode})
		}
		for _, item := range plan.items {
			if params := item.parameters(); params != nil {
				list = append(list, Section{plan.source.Provider, item.yaml(), params.yaml.Name, params.typ, params.decode})
			}
		}
	}
	return list
}

// Bound is a provider whose adapter a plugin needs.
type Bound struct {
	Provider *model.Provider
	ID       string // as in the source
	Type     string // of the author
	New      string // the function that makes the adapter from a pointer to a Type
	Make     string // the author's function that makes the Type with a client, if there is one; empty for the zero value
}

// Bound returns the providers for which the author writes a type, in the order of the
// sources.
func (p *Package) Bound() []Bound {
	var list []Bound
	for _, plan := range p.plans {
		if n := plan.names; n.provider != "" && n.newAdapter != "" {
			list = append(list, Bound{plan.source.Provider, plan.source.ID, n.provider, n.newAdapter, n.newProvider})
		}
	}
	return list
}

func (o Options) check() error {
	switch {
	case o.Package == Ignored:
		return fmt.Errorf("the go command ignores files of package %s; choose another name with -package", Ignored)
	case !token.IsIdentifier(o.Package) || o.Package == "_":
		return fmt.Errorf("%s is not a Go package name", text.Name(o.Package))
	case o.Type != "" && !exportedIdentifier(o.Type):
		return fmt.Errorf("%s is not an exported Go name for a type", text.Name(o.Type))
	case o.Prefix != nil && *o.Prefix != "" && !exportedIdentifier(*o.Prefix):
		return fmt.Errorf("%s is not a prefix for exported Go names", text.Name(*o.Prefix))
	}
	return nil
}

func exportedIdentifier(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// RunsItems reports whether code runs the items of a source's provider.
func RunsItems(s Source) bool { return kinds[s.Provider.Kind].hasItems(&s) }
