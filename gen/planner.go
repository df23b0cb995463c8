package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// planner makes a plan.
type planner struct {
	plan   *plan
	prefix string
	scope  *scope
	enums  map[string][]*enum // by the name without regard to clashes
	diags  model.Diagnostics
}

// sections plans a struct for every section that has fields, and for its companion.
func (pl *planner) sections(p *model.Provider) [][]model.Field {
	needed := func(name model.SectionName) bool {
		s := p.Section(name)
		return s != nil && (sectionKinds[name].evenEmpty || len(s.Effective()) > 0)
	}
	var fields [][]model.Field
	for i := range p.Sections {
		s := &p.Sections[i]
		k := sectionKinds[s.Name]
		if needed(s.Name) || needed(k.companion) {
			pl.plan.sections = append(pl.plan.sections, &section{sectionKind: k, yaml: s})
			fields = append(fields, s.Effective())
		}
	}
	return fields
}

// claim claims a package-level name that does not depend on fields.
func (pl *planner) claim(name string) string {
	got, _ := pl.scope.claim(pl.plan.source, name, "difygen")
	return got
}

// names claims every package-level name that does not depend on fields.
func (pl *planner) names(authorType string) {
	n := &pl.plan.names
	if slices.ContainsFunc(pl.plan.sections, func(s *section) bool { return s.contract != nil }) {
		n.provider = pl.claim(cmp.Or(authorType, pl.prefix+"Provider"))
		n.newProvider = pl.claim("New" + n.provider)
	}
	if pl.plan.section(model.SectionSettings) != nil {
		n.newEndpoints = pl.claim("New" + pl.prefix + "Endpoints")
	}
	for _, s := range pl.plan.sections {
		s.typ = pl.claim(pl.prefix + s.base)
		s.decode = pl.claim("Decode" + s.typ)
	}
	n.contracts = make(map[*contract]string)
	for _, c := range contracts {
		if slices.ContainsFunc(pl.plan.sections, func(s *section) bool { return s.contract == c }) {
			n.contracts[c] = pl.claim(pl.prefix + c.base)
		}
	}
	for _, s := range pl.plan.sections {
		s.isValidated = n.contracts[s.returnedBy] != ""
	}
	if n.contracts[subscriptionConstructor] != "" {
		n.subscription = pl.claim(pl.prefix + "Subscription")
		n.decodeSubscription = pl.claim("Decode" + n.subscription)
	}
	if pl.plan.kind.called != "" && len(pl.plan.ways()) > 0 {
		n.anyCredentials = pl.claim(pl.prefix + "AnyCredentials")
		n.decodeAnyCredentials = pl.claim("Decode" + n.anyCredentials)
		n.isAnyCredentials = "is" + n.anyCredentials
	}
}

// fields plans the fields of a struct.
func (pl *planner) fields(s *section, fields []model.Field) {
	names, source := newScope(), pl.plan.source
	names.claim(source, "Values", "the method of that name")
	if s.isValidated {
		names.claim(source, "Validate", "the method of that name")
	}
	for i := range fields {
		f := &fields[i]
		name := exported(f.Name, "Field"+strconv.Itoa(i+1))
		got, clash := names.claim(source, name, "field "+text.Name(f.Name))
		if clash != "" {
			pl.warnClash(f.Pos, "field "+text.Name(f.Name), got, name, clash)
		}
		s.fields = append(s.fields, pl.field(s, f, got))
	}
}

// warnClash says that what has another name than it would have alone.
func (pl *planner) warnClash(at model.Position, what, got, want, holder string) {
	pl.diags = append(pl.diags, model.Diagnostic{
		Pos: at, Severity: model.SeverityWarning, Rule: model.RuleNameClash,
		Message: fmt.Sprintf("%s becomes %s in Go: %s is taken by %s", what, text.Name(got), text.Name(want), holder),
	})
}

func (pl *planner) field(s *section, f *model.Field, name string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), path: text.Line(s.yaml.FieldPath(f.Name)), about: f}
	typ := fieldTypeOf(f.Type)
	if typ.hasOptions {
		if planned.enum = pl.enum(s, f, planned); planned.enum == nil {
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

// enum returns the type of a select, nil for one without options. Selects of
// one name with the same options share a type; if they differ, the later ones
// have their section in front.
func (pl *planner) enum(s *section, f *model.Field, planned *field) *enum {
	var all []model.Option
	for _, d := range f.Declarations {
		all = append(all, d.Options...)
	}
	options, values := distinct(all)
	if len(options) == 0 {
		return nil
	}
	want := pl.prefix + planned.name
	for _, e := range pl.enums[want] {
		same := func(o option, other model.Option) bool { return o.value == other.Value }
		if slices.EqualFunc(e.options, options, same) {
			return e
		}
	}
	e := &enum{section: s.yaml.Name, about: enumAbout(f, planned.name), isBool: len(values) == 2 && values["true"] && values["false"]}
	pl.enums[want] = append(pl.enums[want], e)
	if !pl.scope.free(pl.plan.source, want) || !pl.scope.free(pl.plan.source, want+"Values") {
		want = s.typ + planned.name
	}
	owner := "field " + text.Name(f.Name)
	e.typ, _ = pl.scope.claim(pl.plan.source, want, owner)
	e.values, _ = pl.scope.claim(pl.plan.source, e.typ+"Values", owner)
	for i, o := range options {
		option := option{value: o.Value, label: o.Label.Best()}
		want, owner := e.typ+optionName(o.Value, i), "option "+text.Name(o.Value)
		var clash string
		if option.constant, clash = pl.scope.claim(pl.plan.source, want, owner); clash != "" {
			pl.warnClash(o.Pos, owner+" of field "+text.Name(f.Name), option.constant, want, clash)
		}
		e.options = append(e.options, option)
	}
	pl.plan.enums = append(pl.plan.enums, e)
	return e
}

// distinct returns the options with a value, the first of each.
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
