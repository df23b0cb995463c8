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
	enums  map[string][]*Enum // by the name without regard to clashes
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
}

// sections plans a struct for every section that has fields. A flow needs both
// of its structs, even if one is empty.
func (pl *planner) sections(p *model.Provider) [][]model.Field {
	var fields [][]model.Field
	oauth := len(p.Section(model.SectionOAuthClient).Effective()) > 0 ||
		len(p.Section(model.SectionOAuthCredentials).Effective()) > 0
	for i := range p.Sections {
		s := &p.Sections[i]
		effective := s.Effective()
		isOAuth := s.Name == model.SectionOAuthClient || s.Name == model.SectionOAuthCredentials
		if len(effective) == 0 && (!isOAuth || !oauth) {
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
	if kind != model.KindEndpoint {
		n.Provider = claim(cmp.Or(authorType, pl.prefix+"Provider"))
		n.NewProvider = claim("New" + n.Provider)
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
	if kind != model.KindTool {
		return // only calls of tools say which credentials they come with
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
		s.Fields = append(s.Fields, pl.field(s, f, got))
	}
}

// warnClash says that what has another name than it would have alone.
func (pl *planner) warnClash(at model.Position, what, got, want, holder string) {
	pl.diags = append(pl.diags, model.Diagnostic{
		Pos: at, Severity: model.SeverityWarning, Rule: RuleNameClash,
		Message: fmt.Sprintf("%s becomes %s in Go: %s is taken by %s", what, text.Name(got), text.Name(want), holder),
	})
}

func (pl *planner) field(s *Section, f *model.Field, name string) *Field {
	field := &Field{Name: name, Key: f.Name, Required: f.Required, Label: fieldLabel(f)}
	switch f.Type {
	case model.TypeSecretInput:
		field.Form = FormSecret
	case model.TypeBoolean, model.TypeSwitch:
		field.Form = FormBool
	case model.TypeAppSelector:
		field.Form = FormApp
	case model.TypeModelSelector:
		field.Form = FormModel
	case model.TypeArrayTools:
		field.Form = FormTools
	case model.TypeSelect, model.TypeRadio:
		if field.Enum = pl.enum(s, f, field); field.Enum != nil {
			field.Form = FormSelect
		}
	}
	field.Default = defaultOf(field, f.Default)
	field.Comment = fieldComment(field, f)
	return field
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
func (pl *planner) enum(s *Section, f *model.Field, field *Field) *Enum {
	var all []model.Option
	for _, d := range f.Declarations {
		all = append(all, d.Options...)
	}
	options, values := distinct(all)
	if len(options) == 0 {
		return nil
	}
	want := pl.prefix + field.Name
	for _, e := range pl.enums[want] {
		same := func(o EnumOption, other model.Option) bool { return o.Value == other.Value }
		if slices.EqualFunc(e.Options, options, same) {
			return e
		}
	}
	e := &Enum{section: s.Name, Field: field.Label, Bool: len(values) == 2 && values["true"] && values["false"]}
	pl.enums[want] = append(pl.enums[want], e)
	if !pl.scope.free(want) || !pl.scope.free(want+"Values") {
		want = s.Type + field.Name
	}
	owner := "field " + text.Name(f.Name)
	e.Type, _ = pl.scope.claim(want, owner)
	e.Values, _ = pl.scope.claim(e.Type+"Values", owner)
	for i, o := range options {
		option := EnumOption{Value: o.Value, Comment: optionComment(o)}
		want, owner := e.Type+optionName(o.Value, i), "option "+text.Name(o.Value)
		var clash string
		if option.Const, clash = pl.scope.claim(want, owner); clash != "" {
			pl.warnClash(o.Pos, owner+" of field "+text.Name(f.Name), option.Const, want, clash)
		}
		e.Options = append(e.Options, option)
	}
	pl.plan.Enums = append(pl.plan.Enums, e)
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

// defaultOf is the default of a field as its form has it, nil if there is none
// that fits.
func defaultOf(f *Field, v any) any {
	s, ok := model.Scalar(v)
	switch f.Form {
	case FormText, FormSecret:
		if ok && s != "" {
			return s
		}
	case FormBool:
		if b, ok := model.Boolean(s); ok {
			return b
		}
	case FormSelect:
		for _, o := range f.Enum.Options {
			if ok && o.Value == s {
				return o
			}
		}
	}
	return nil
}
