package gen

import (
	"cmp"
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// plan is everything that the generated code of one provider declares.
type plan struct {
	source *Source
	pkg    string
	file   string // how the names of its files start

	kind     kind
	identity string // by which Dify addresses the provider; of an endpoint group, its file's name
	label    string // by which people know it

	names    names
	sections []*section
	enums    []*enum
}

// names are the package-level identifiers that do not come from fields. Those of
// what the provider does not have are empty.
type names struct {
	provider             string // the author's type
	newProvider          string
	newEndpoints         string
	contracts            map[*contract]string
	anyCredentials       string
	decodeAnyCredentials string
	isAnyCredentials     string // the method that seals AnyCredentials
	subscription         string
	decodeSubscription   string
}

// section is a struct of values.
type section struct {
	sectionKind
	yaml        *model.Section
	typ         string
	decode      string // the function that reads it
	isValidated bool   // it has a method Validate
	fields      []*field
}

// field is a field of a struct of credentials.
type field struct {
	name     string // in Go
	key      string // in the YAML and on the wire
	label    string // on one line, safe to show
	path     string // in the YAML, safe to show
	shape    shape
	enum     *enum // of a select
	required bool  // always
	variants []*variant

	about *model.Field // help and URL for the comment
}

// enum is the type of a select, with its options as constants.
type enum struct {
	typ     string
	values  string // the function that lists the options
	about   string // what its comment says after its name
	options []option
	isBool  bool // the options are exactly "true" and "false"

	section model.SectionName // where it is declared
}

// option is an option of a select.
type option struct {
	constant string
	value    string
	label    string // as in the YAML
}

// option is the option of a select with that value.
func (f *field) option(value string) (option, bool) {
	if f.enum == nil {
		return option{}, false
	}
	i := slices.IndexFunc(f.enum.options, func(o option) bool { return o.value == value })
	if i < 0 {
		return option{}, false
	}
	return f.enum.options[i], true
}

// newPlan decides every name of the code for a provider. It returns nil if the provider declares nothing to generate code for.
// Diagnostics are warnings about names.
func newPlan(s *Source, n naming, opts Options, sc *scope) (*plan, model.Diagnostics) {
	p := s.Provider
	k := kinds[p.Kind]
	pl := &planner{
		plan: &plan{
			source: s, pkg: opts.Package, file: n.file, kind: k, identity: p.Name,
			label: cmp.Or(text.Cut(text.Line(p.Label.Best()), 80), text.Cut(text.Line(n.name), 80), "the service"),
		},
		scope: sc,
		enums: make(map[string][]*enum),
	}
	if k.isNamedByFile {
		pl.plan.identity = n.name
	}
	if opts.Prefix != nil {
		pl.prefix = *opts.Prefix
	} else {
		if name := goName(n.name); fold(name) != fold(opts.Package) {
			pl.prefix = name
		}
		if n.withKind {
			pl.prefix += k.word
		}
	}
	fields := pl.sections(p)
	if len(fields) == 0 {
		return nil, nil
	}
	pl.claim(generatedName(n.file))
	pl.names(opts.Type)
	for i, s := range pl.plan.sections {
		pl.fields(s, fields[i])
		s.variants(fields[i])
	}
	return pl.plan, pl.diags
}

// goName is the Go name of a provider, which stands before the names of its types.
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
