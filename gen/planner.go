package gen

import (
	"cmp"
	"fmt"
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
	enums  map[string][]*enum // by the name that they would have without clashes
	diags  model.Diagnostics
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
	got, _ := pl.scope.claim(pl.source, name, "difygen")
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

// section plans a struct.
func (pl *planner) section(yaml *model.Section, n names) *section {
	k := sectionKinds[yaml.Name]
	s := &section{sectionKind: k, structNames: n.structs[yaml.Name], yaml: yaml, isValidated: n.contracts[k.returnedBy] != ""}
	fields := yaml.Effective()
	byKey := make(map[string]*field, len(fields))
	for i, name := range pl.fieldNames(fields, s.isValidated) {
		f := pl.field(s, &fields[i], name)
		s.fields = append(s.fields, f)
		byKey[f.key] = f
	}
	for _, f := range s.fields {
		f.variants = f.planVariants(byKey)
	}
	return s
}

// fieldNames are the names of the fields of a struct in Go.
func (pl *planner) fieldNames(fields []model.Field, isValidated bool) []string {
	sc := newScope()
	sc.claim(pl.source, "Values", "the method of that name")
	if isValidated {
		sc.claim(pl.source, "Validate", "the method of that name")
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		name, owner := exported(f.Name, "Field"+strconv.Itoa(i+1)), "field "+text.Name(f.Name)
		var clash string
		if names[i], clash = sc.claim(pl.source, name, owner); clash != "" {
			pl.warnClash(f.Pos, owner, names[i], name, clash)
		}
	}
	return names
}

// warnClash adds a warning that a clash changed a name.
func (pl *planner) warnClash(at model.Position, what, got, want, holder string) {
	pl.diags = append(pl.diags, model.Diagnostic{
		Pos: at, Severity: model.SeverityWarning, Rule: model.RuleNameClash,
		Message: fmt.Sprintf("%s becomes %s in Go: %s is taken by %s", what, text.Name(got), text.Name(want), holder),
	})
}

// field plans a field except its variants, which can depend on later fields.
func (pl *planner) field(s *section, f *model.Field, name string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), path: text.Line(s.yaml.FieldPath(f.Name)), about: f}
	typ := fieldTypeOf(f.Type)
	if f.Type.HasOptions() {
		// The options become a Go type. Without any, the field is a text.
		if planned.enum = pl.enum(s.typ, f, name); planned.enum == nil {
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

// enum returns the type of a select; nil for one without options. Selects with the same
// name and options share a type. If the options differ, the names of the later types start
// with their section.
func (pl *planner) enum(section string, f *model.Field, name string) *enum {
	var all []model.Option
	for _, d := range f.Declarations {
		all = append(all, d.Options...)
	}
	options, values := distinct(all)
	if len(options) == 0 {
		return nil
	}
	want := pl.prefix + name
	for _, e := range pl.enums[want] {
		same := func(o option, other model.Option) bool { return o.value == other.Value }
		if slices.EqualFunc(e.options, options, same) {
			return e
		}
	}
	e := &enum{section: section, help: helpOf(f), isBool: len(values) == 2 && values["true"] && values["false"]}
	pl.enums[want] = append(pl.enums[want], e)
	if !pl.scope.free(pl.source, want) || !pl.scope.free(pl.source, want+"Values") {
		want = section + name
	}
	owner := "field " + text.Name(f.Name)
	e.typ, _ = pl.scope.claim(pl.source, want, owner)
	e.values, _ = pl.scope.claim(pl.source, e.typ+"Values", owner)
	for i, o := range options {
		option := option{value: o.Value, label: o.Label.Best()}
		want, owner := e.typ+optionName(o.Value, i), "option "+text.Name(o.Value)
		var clash string
		if option.constant, clash = pl.scope.claim(pl.source, want, owner); clash != "" {
			pl.warnClash(o.Pos, owner+" of field "+text.Name(f.Name), option.constant, want, clash)
		}
		e.options = append(e.options, option)
	}
	return e
}

// distinct returns the first option with each value, except the empty one.
func distinct(all []model.Option) (options []model.Option, values map[string]bool) {
	values = make(map[string]bool, len(all))
	for _, o := range all {
		if o.Value != "" && !values[o.Value] {
			values[o.Value] = true
			options = append(options, o)
		}
	}
	return options, values
}

// optionName is what follows the type in the name of an option's constant.
func optionName(value string, i int) string {
	if name := camel(value); name != "" {
		return name
	}
	return "Option" + strconv.Itoa(i+1)
}
