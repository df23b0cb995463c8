package gen

import (
	"cmp"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// plan is everything that the generated code of one provider declares.
type plan struct {
	source *Source
	pkg    string
	file   string // how the names of its files start

	kind     kind
	identity string // by which Dify addresses the provider; of an endpoint provider, its file's name
	label    string // shown to users

	names    names
	sections []*section
}

// names are the package-level identifiers that do not depend on fields. Those that the
// provider does not need are empty.
type names struct {
	provider             string // the author's type
	newAdapter           string
	structs              map[model.SectionName]structNames
	contracts            map[*contract]string
	anyCredentials       string
	decodeAnyCredentials string
	isAnyCredentials     string // the method that seals AnyCredentials
	subscription         string
	decodeSubscription   string
}

// structNames are the identifiers of a section.
type structNames struct {
	typ    string
	decode string // the function that reads it
}

// section is a struct of values.
type section struct {
	sectionKind
	structNames
	yaml        *model.Section
	isValidated bool // the struct has a method Validate
	fields      []*field
}

// field is a field of a section.
type field struct {
	name     string // in Go
	key      string // in the YAML and on the wire
	label    string // on one line, safe to show
	path     string // in the YAML, safe to show
	shape    shape
	enum     *enum // of a select
	variants []*variant

	about *model.Field // help and URL for the comment
}

// enums are the types of selects that are declared with the section. Its fields never
// share one, since their names differ.
func (s *section) enums() []*enum {
	var list []*enum
	for _, f := range s.fields {
		if f.enum != nil && f.enum.section == s.typ {
			list = append(list, f.enum)
		}
	}
	return list
}

// newPlan chooses every name in the code for a provider. It returns nil if the
// provider declares nothing to generate code for. Diagnostics are warnings about names.
func newPlan(s *Source, n naming, opts Options, sc *scope) (*plan, model.Diagnostics) {
	sections := withStruct(s.Provider)
	if len(sections) == 0 {
		return nil, nil
	}
	k := kinds[s.Provider.Kind]
	pl := &planner{source: s, prefix: k.prefix(n, opts), scope: sc, enumsOf: make(map[string][]*enum)}
	pl.claim(generatedName(n.file))
	p := &plan{
		source: s, pkg: opts.Package, file: n.file, kind: k, identity: s.Provider.Name,
		label: cmp.Or(text.Cut(text.Line(s.Provider.Label.Best()), 80), text.Cut(text.Line(n.name), 80), "the service"),
		names: pl.names(sections, k, opts.Type),
	}
	if k.isNamedByFile {
		p.identity = n.name
	}
	for _, section := range sections {
		p.sections = append(p.sections, pl.section(section, p.names))
	}
	pl.nameEnums()
	for _, s := range p.sections {
		s.planVariants()
	}
	return p, pl.diags
}

// prefix is what the names of a provider's types start with.
func (k kind) prefix(n naming, opts Options) string {
	if opts.Prefix != nil {
		return *opts.Prefix
	}
	prefix := goName(n.name)
	if fold(prefix) == fold(opts.Package) {
		prefix = ""
	}
	if n.withKind {
		prefix += k.word
	}
	return prefix
}

// goName is the Go name of a provider.
func goName(provider string) string { return exported(provider, "Plugin") }

// section returns the section of that name, or nil.
func (p *plan) section(name model.SectionName) *section {
	for _, s := range p.sections {
		if s.yaml.Name == name {
			return s
		}
	}
	return nil
}
