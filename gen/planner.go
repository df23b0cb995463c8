package gen

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// planner chooses the names in the code for a provider.
type planner struct {
	source *Source
	prefix string
	scope  *scope
	diags  model.Diagnostics

	enums   []*enum
	enumsOf map[string][]*enum // by base
}

// withStruct returns the sections that get a struct: those that have fields, and their
// companions.
func withStruct(p *model.Provider) []*model.Section {
	needed := func(name model.SectionName) bool {
		s := p.Section(name)
		return s != nil && (sectionKinds[name].evenEmpty || len(s.Effective()) > 0)
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

// names claims every package-level name that does not depend on fields.
func (pl *planner) names(sections []*model.Section, k kind, authorType string) names {
	anySection := func(is func(sectionKind) bool) bool {
		return slices.ContainsFunc(sections, func(s *model.Section) bool { return is(sectionKinds[s.Name]) })
	}
	n := names{structs: make(map[model.SectionName]structNames), contracts: make(map[*contract]string)}
	switch {
	case anySection(func(s sectionKind) bool { return s.contract != nil }):
		n.provider = pl.claim(cmp.Or(authorType, pl.prefix+"Provider"))
		n.newAdapter = pl.claim("New" + n.provider)
	case slices.ContainsFunc(sections, func(s *model.Section) bool { return s.Name == k.handled }):
		n.newAdapter = pl.claim("New" + pl.prefix + k.runtimeName)
	}
	for _, s := range sections {
		typ := pl.claim(pl.prefix + sectionKinds[s.Name].base)
		n.structs[s.Name] = structNames{typ: typ, decode: pl.claim("Decode" + typ)}
	}
	for _, c := range contracts {
		if anySection(func(s sectionKind) bool { return s.contract == c }) {
			n.contracts[c] = pl.claim(pl.prefix + c.base)
		}
	}
	if n.contracts[subscriptionConstructor] != "" {
		n.subscription = pl.claim(pl.prefix + "Subscription")
		n.decodeSubscription = pl.claim("Decode" + n.subscription)
	}
	if k.called != "" && anySection(func(s sectionKind) bool { return s.credentialTypes != nil }) {
		n.anyCredentials = pl.claim(pl.prefix + "AnyCredentials")
		n.decodeAnyCredentials = pl.claim("Decode" + n.anyCredentials)
		n.isAnyCredentials = "is" + n.anyCredentials
	}
	return n
}

// section plans a struct, except for what depends on the names of its options.
func (pl *planner) section(yaml *model.Section, n names) *section {
	k := sectionKinds[yaml.Name]
	s := &section{sectionKind: k, structNames: n.structs[yaml.Name], yaml: yaml, isValidated: n.contracts[k.returnedBy] != ""}
	fields := yaml.Effective()
	for i, name := range pl.fieldNames(fields, s.isValidated) {
		s.fields = append(s.fields, pl.field(s, &fields[i], name))
	}
	return s
}

// fieldNames are the names of the fields of a struct in Go. Those that comments choose are
// claimed first.
func (pl *planner) fieldNames(fields []model.Field, isValidated bool) []string {
	sc := newScope()
	sc.claim(pl.source, "Values", owner{what: "the method of that name"})
	if isValidated {
		sc.claim(pl.source, "Validate", owner{what: "the method of that name"})
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
func (pl *planner) field(s *section, f *model.Field, name string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), path: text.Line(s.yaml.FieldPath(f.Name)), about: f}
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
