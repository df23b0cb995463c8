package gen

import (
	"cmp"
	"fmt"
	"math"
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
		s.Fields = append(s.Fields, pl.field(s, f, got))
	}
}

// warnClash says that what has another name than it would have alone.
func (pl *planner) warnClash(at model.Position, what, got, want, holder string) {
	pl.diags = append(pl.diags, model.Diagnostic{
		Pos: at, Severity: model.SeverityWarning, Rule: model.RuleNameClash,
		Message: fmt.Sprintf("%s becomes %s in Go: %s is taken by %s", what, text.Name(got), text.Name(want), holder),
	})
}

func (pl *planner) field(s *Section, f *model.Field, name string) *Field {
	field := &Field{Name: name, Key: f.Name, Required: f.Required, Label: fieldLabel(f), about: f}
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
	case model.TypeSelect, model.TypeRadio, model.TypeCheckbox:
		if field.Enum = pl.enum(s, f, field); field.Enum != nil {
			field.Form = FormSelect
		}
	default:
		if form, ok := parameterForms[f.Type]; ok {
			field.Form = form
		} else if s.Name == model.SectionSubscription && f.Type != model.TypeTextInput && f.Type != model.TypeString {
			field.Form = FormAny
		}
	}
	if s.Name == model.SectionParameters && (f.Multiple || f.Type == model.TypeCheckbox) {
		field.Form = severalOf(field.Form)
	}
	field.Min, field.Max, field.Decimals = finite(f.Min), finite(f.Max), f.Precision
	field.Default = defaultOf(field, f.Default)
	return field
}

// parameterForms are the forms of types that only parameters have.
var parameterForms = map[model.FieldType]Form{
	model.TypeNumber: FormNumber,
	model.TypeObject: FormObject,
	model.TypeArray:  FormArray,
	model.TypeFile:   FormFile,
	model.TypeFiles:  FormFiles,
	model.TypeAny:    FormAny,
}

// finite is n unless it is no number that Go can spell.
func finite(n *float64) *float64 {
	if n == nil || math.IsNaN(*n) || math.IsInf(*n, 0) {
		return nil
	}
	return n
}

// severalOf is the form of a field that takes several values of a form.
func severalOf(f Form) Form {
	switch f {
	case FormText:
		return FormTexts
	case FormSelect:
		return FormChoices
	case FormFile:
		return FormFiles
	}
	return f
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
		option := EnumOption{Value: o.Value, Label: o.Label.Best()}
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
		if o, found := f.option(s); ok && found {
			return o
		}
	case FormNumber:
		if n, err := strconv.ParseFloat(s, 64); err == nil && finite(&n) != nil {
			return n
		}
	case FormTexts, FormChoices:
		return defaultsOf(f, v)
	}
	return nil
}

// defaultsOf is the default of a field that takes several values.
func defaultsOf(f *Field, v any) any {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	var texts []string
	var options []EnumOption
	for _, item := range list {
		s, _ := model.Scalar(item)
		if o, ok := f.option(s); ok {
			options = append(options, o)
		}
		if s != "" {
			texts = append(texts, s)
		}
	}
	switch {
	case f.Form == FormTexts && len(texts) > 0:
		return texts
	case f.Form == FormChoices && len(options) > 0:
		return options
	}
	return nil
}
