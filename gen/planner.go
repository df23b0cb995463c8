package gen

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// planner chooses the names in the code for a provider.
type planner struct {
	source *Source
	prefix string
	scope  *scope
	merged bool // what calls get is made of two forms
	// methods are the names of the methods of the author's type.
	methods *scope
	diags   model.Diagnostics

	enums   []*enum
	enumsOf map[string][]*enum // by base

	structsOf map[string]*outputStruct // by structKey
}

// withStruct returns the sections that get a struct: those that have fields, and their
// companions.
func withStruct(p *model.Provider, whole bool) []*model.Section {
	needed := func(name model.SectionName) bool {
		s, k := p.Section(name), sectionKinds[name]
		return s != nil && (k.evenEmpty || whole && k.handler != nil || len(s.Effective()) > 0)
	}
	var sections []*model.Section
	for i := range p.Sections {
		if s := &p.Sections[i]; needed(s.Name) || needed(sectionKinds[s.Name].companion) {
			sections = append(sections, s)
		}
	}
	return sections
}

// claim claims a package-level name that does not depend on fields.
func (pl *planner) claim(name string) string {
	got, _ := pl.scope.claim(pl.source, name, owner{what: "difygen"})
	return got
}

// names claims every package-level name that depends neither on fields nor on items.
func (pl *planner) names(p *plan, sections []*model.Section, hasItems bool, authorType string) names {
	needed := func(c *contract) bool {
		return hasItems && p.kind.items == c || slices.ContainsFunc(sections, func(s *model.Section) bool {
			k := sectionKinds[s.Name]
			return k.contract == c || p.whole && k.handler == c
		})
	}
	n := names{structs: make(map[model.SectionName]structNames), contracts: make(map[*contract]string)}
	switch {
	case slices.ContainsFunc(contracts, needed):
		n.provider = pl.claim(cmp.Or(authorType, pl.prefix+"Provider"))
		n.newAdapter = pl.claim("New" + cmp.Or(p.kind.newName(pl.prefix), n.provider))
	case p.kind.adaptsAlone:
		n.newAdapter = pl.claim("New" + p.kind.newName(pl.prefix))
	}
	for _, s := range sections {
		typ := pl.claim(pl.prefix + sectionKinds[s.Name].base)
		n.structs[s.Name] = structNames{typ: typ, decode: pl.claim("Decode" + typ)}
	}
	for _, c := range contracts {
		if needed(c) {
			n.contracts[c] = pl.claim(pl.prefix + c.base)
		}
	}
	if n.contracts[oauthFlow] != "" {
		n.newProvider = pl.claim("New" + strings.TrimSuffix(n.provider, "Provider"))
	}
	pl.subscriptionNames(&n)
	if p.whole && p.kind.callsBack {
		n.dify = pl.claim(pl.prefix + "Dify")
		n.difyFromContext = pl.claim(n.dify + "FromContext")
	}
	if needsAny(p, sections, hasItems) {
		n.anyCredentials = pl.claim(pl.prefix + "AnyCredentials")
		n.decodeAnyCredentials = pl.claim("Decode" + n.anyCredentials)
		n.isAnyCredentials = "is" + n.anyCredentials
	}
	return n
}

// subscriptionNames claims the names that the contracts of a trigger need.
func (pl *planner) subscriptionNames(n *names) {
	constructs, dispatches := n.contracts[subscriptionConstructor] != "", n.contracts[eventsContract] != ""
	if constructs || dispatches {
		n.subscription = pl.claim(pl.prefix + "Subscription")
	}
	if constructs {
		n.decodeSubscription = pl.claim("Decode" + n.subscription)
	}
	if dispatches {
		n.draftSubscription = pl.claim("draft" + n.subscription)
		n.dispatchCall, n.dispatcher = pl.claim(pl.prefix+"DispatchCall"), pl.claim(pl.prefix+"Dispatcher")
	}
}

// needsAny reports whether the code has a type for the credentials of calls that users authorize in one of
// several ways. Items of a provider with one way are called with the plain struct.
func needsAny(p *plan, sections []*model.Section, hasItems bool) bool {
	ways := 0
	for _, s := range sections {
		if sectionKinds[s.Name].credentialTypes != nil {
			ways++
		}
	}
	switch {
	case p.kind.called == "" || ways == 0:
		return false
	case p.kind.isOpen: // its nil is none
		return true
	case p.kind.isUntyped: // a provider without items gets no calls, so nothing needs the type
		return ways > 1 && hasItems
	}
	return ways > 1 || !p.whole || p.kind.items == nil
}

// section plans a section of the provider, except for what depends on the names of options.
func (pl *planner) section(p *plan, yaml *model.Section) *section {
	k, file := sectionKinds[yaml.Name], text.Line(pl.source.ID)
	s := &section{
		sectionKind: k, structNames: p.names.structs[yaml.Name], yaml: yaml, label: p.label, place: place(file, yaml.Line, yaml.Path),
		isValidated: p.names.contracts[k.returnedBy] != "",
		isConverted: p.names.structs[k.convertsTo].typ != "",
	}
	if pl.merged {
		s.note = k.mergedNote
	}
	s.own = s.typ
	pl.fields(s, file)
	if s.hasDrafts && p.names.draftSubscription != "" && len(s.fields) > 0 {
		s.read = pl.claim("read" + s.typ)
	}
	return s
}

// fields plans the fields of a section, which is in a file of the plugin.
func (pl *planner) fields(s *section, file string) {
	fields := s.yaml.Effective()
	for i, name := range pl.fieldNames(s, fields) {
		s.fields = append(s.fields, pl.field(s, &fields[i], name, file))
	}
}

// fieldNames are the names of the fields of a struct in Go. Those that comments choose are
// claimed first.
func (pl *planner) fieldNames(s *section, fields []model.Field) []string {
	sc := newScope()
	if !s.isCall {
		sc.claim(pl.source, "Values", owner{what: "the method of that name"})
	}
	if s.isValidated {
		sc.claim(pl.source, "Validate", owner{what: "the method of that name"})
	}
	if s.isConverted {
		sc.claim(pl.source, toCallCredentials, owner{what: "the method of that name"})
	}
	if s.hasExtra {
		sc.claim(pl.source, "Extra", owner{what: "the field with other parameters"})
	}
	names, owners := make([]string, len(fields)), make([]owner, len(fields))
	for i, f := range fields {
		o := owner{what: "field " + text.Name(f.Name)}
		for _, d := range f.Declarations {
			pl.agree(&o.chosen, d.GoName, o.what)
		}
		if owners[i] = o; o.chosen.Name != "" {
			names[i] = pl.claimChosen(sc, o.chosen.Name, o)
		}
	}
	for i, f := range fields {
		if names[i] != "" {
			continue
		}
		want := exported(f.Name, "Field"+strconv.Itoa(i+1))
		var other owner
		names[i], other = sc.claim(pl.source, want, owners[i])
		switch {
		case other.what != "":
			pl.settle(f.Pos, owners[i], names[i], want, other, placeholder)
		case camel(f.Name) == "":
			pl.warnNumbered(f.Pos, owners[i].what, names[i], placeholder)
		}
	}
	return names
}

// field plans a field except its variants, which can depend on later fields.
func (pl *planner) field(s *section, f *model.Field, name, file string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), path: s.yaml.FieldPath(f.Name), file: file, about: f}
	typ := fieldTypeOf(f.Type)
	if f.Type.HasOptions() {
		// The options become a Go type. Without any, the field is a text.
		if planned.enum = pl.enum(s, planned); planned.enum == nil {
			typ.shapes = asText
		}
	}
	planned.shape = typ.in(s.sectionKind, f.Multiple)
	return planned
}

func fieldLabel(f *model.Field) string {
	if label := text.Cut(text.Line(f.Label.Best()), 120); label != "" {
		return label
	}
	return text.Cut(text.Line(f.Name), 120)
}
