package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// planner makes a Plan.
type planner struct {
	plan   *Plan
	prefix string
	scope  *scope             // of the package
	enums  map[string][]*enum // by the name without regard to clashes
	diags  model.Diagnostics
}

// typeNames are the Go types of sections, without prefix.
var typeNames = map[model.SectionName]string{
	model.SectionCredentials:      "Credentials",
	model.SectionOAuthClient:      "OAuthClient",
	model.SectionOAuthCredentials: "OAuthCredentials",
	model.SectionSettings:         "Settings",

	model.SectionProviderCredentials: "ProviderCredentials",
	model.SectionModelCredentials:    "ModelCredentials",

	model.SectionSubscription: "SubscriptionProperties",
	model.SectionParameters:   "SubscriptionParameters",
}

// sections plans a struct for every section that has fields. A flow needs both
// of its structs, even if one is empty.
func (pl *planner) sections(p *model.Provider) [][]model.Field {
	var fields [][]model.Field
	oauth := len(p.Section(model.SectionOAuthClient).Effective()) > 0 ||
		len(p.Section(model.SectionOAuthCredentials).Effective()) > 0
	constructor := p.Section(model.SectionParameters) != nil
	for i := range p.Sections {
		s := &p.Sections[i]
		effective := s.Effective()
		isOAuth := s.Name == model.SectionOAuthClient || s.Name == model.SectionOAuthCredentials
		// A subscription has both of its parts, even if one is empty.
		isSubscription := constructor && (s.Name == model.SectionSubscription || s.Name == model.SectionParameters)
		if len(effective) == 0 && (!isOAuth || !oauth) && !isSubscription {
			continue
		}
		pl.plan.Sections = append(pl.plan.Sections, &Section{Name: s.Name, Path: s.Path, IsForm: s.IsForm()})
		fields = append(fields, effective)
	}
	return fields
}

// names claims every package-level name that does not depend on fields.
func (pl *planner) names(authorType string) {
	claim := func(name string) string {
		got, _ := pl.scope.claim(name, "difygen")
		return got
	}
	n := &pl.plan.Names
	kind := pl.plan.Kind
	onlyProperties := kind == model.KindTrigger && len(pl.plan.Sections) == 1 && pl.plan.Section(model.SectionSubscription) != nil
	if kind != model.KindEndpoint && !onlyProperties {
		n.Provider = claim(cmp.Or(authorType, pl.prefix+"Provider"))
		n.NewProvider = claim("New" + n.Provider)
	}
	if kind == model.KindEndpoint {
		n.NewEndpoints = claim("New" + pl.prefix + "Endpoints")
	}
	for _, s := range pl.plan.Sections {
		s.Type = claim(pl.prefix + typeNames[s.Name])
		s.Decode = claim("Decode" + s.Type)
	}
	if pl.plan.Section(model.SectionCredentials) != nil || kind == model.KindModel {
		n.CredentialsValidator = claim(pl.prefix + "CredentialsValidator")
	}
	if pl.plan.Section(model.SectionOAuthClient) != nil {
		n.OAuthFlow = claim(pl.prefix + "OAuthFlow")
	}
	if pl.plan.Section(model.SectionParameters) != nil {
		n.Subscription = claim(pl.prefix + "Subscription")
		n.DecodeSubscription = claim("Decode" + n.Subscription)
		n.SubscriptionConstructor = claim(pl.prefix + "SubscriptionConstructor")
	}
	// Only calls of tools and triggers say which credentials they come with.
	if kind != model.KindTool && kind != model.KindTrigger || len(pl.plan.ways()) == 0 {
		return
	}
	n.AnyCredentials = claim(pl.prefix + "AnyCredentials")
	n.DecodeAnyCredentials = claim("Decode" + n.AnyCredentials)
	n.IsAnyCredentials = "is" + n.AnyCredentials
}

// fields plans the fields of a struct.
func (pl *planner) fields(s *Section, fields []model.Field) {
	names := newScope()
	for _, method := range []string{"Values", "Validate"} {
		names.claim(method, "the method of that name")
	}
	for i := range fields {
		f := &fields[i]
		name := exported(f.Name, "Field"+strconv.Itoa(i+1))
		got, clash := names.claim(name, "field "+text.Name(f.Name))
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

func (pl *planner) field(s *Section, f *model.Field, name string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), about: f}
	typ := fieldTypeOf(f.Type)
	if typ.hasOptions {
		if planned.enum = pl.enum(s, f, planned); planned.enum == nil {
			typ.shapes = asText
		}
	}
	planned.shape = typ.in(s.Name, f.Multiple)
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
func (pl *planner) enum(s *Section, f *model.Field, planned *field) *enum {
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
	e := &enum{section: s.Name, label: planned.label, isBool: len(values) == 2 && values["true"] && values["false"]}
	pl.enums[want] = append(pl.enums[want], e)
	if !pl.scope.free(want) || !pl.scope.free(want+"Values") {
		want = s.Type + planned.name
	}
	owner := "field " + text.Name(f.Name)
	e.typ, _ = pl.scope.claim(want, owner)
	e.values, _ = pl.scope.claim(e.typ+"Values", owner)
	for i, o := range options {
		option := option{value: o.Value, label: o.Label.Best()}
		want, owner := e.typ+optionName(o.Value, i), "option "+text.Name(o.Value)
		var clash string
		if option.constant, clash = pl.scope.claim(want, owner); clash != "" {
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
