package model

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// maxPairs bounds the pairs of declarations of a field that CallCredentials compares.
const maxPairs = 256

// CallCredentials returns what calls of the provider's models get: the fields of both of its
// forms. The host sends the values of one of them, and a plugin cannot tell which. So only what
// both forms require is required, and only a default that both have fills in a value. A provider
// with one form has the fields of that, and merged is false. Warnings are about fields whose types do
// not go together.
func (p *Provider) CallCredentials() (s *Section, merged bool, warnings Diagnostics) {
	provider, model := p.Section(SectionProviderCredentials), p.Section(SectionModelCredentials)
	m := &formMerger{Section: Section{Name: SectionCallCredentials, paths: make(map[string]string)}}
	var paths []string
	for _, form := range []*Section{provider, model} {
		if form == nil {
			continue
		}
		path, _, _ := strings.Cut(form.Path, ".")
		paths = append(paths, path)
		m.Line = cmp.Or(m.Line, form.Line)
		for _, f := range form.Effective() {
			m.paths[f.Name] = cmp.Or(m.paths[f.Name], form.FieldPath(f.Name))
		}
	}
	m.Path = strings.Join(paths, " and ")
	switch {
	case provider == nil:
		m.add(model.Effective())
	case model == nil:
		m.add(withoutModelType(provider.Effective()))
	default:
		m.merge(withoutModelType(provider.Effective()), model.Effective())
	}
	for i := range m.Fields {
		// The host does not send false. Whether a selector is absent shows.
		if f := &m.Fields[i]; f.Type.values() == TypeBoolean || f.Type.info().scopes != nil {
			f.Required = false
		}
	}
	return &m.Section, provider != nil && model != nil, m.diags
}

// formMerger makes one section of two forms.
type formMerger struct {
	Section
	diags Diagnostics
	// unsure are fields whose values conditions cannot be compared with: they have any type, or
	// nothing fills in the default that one form has.
	unsure map[string]bool
}

func (m *formMerger) add(fields []Field) {
	for _, f := range fields {
		m.Fields = append(m.Fields, f.Declarations...)
	}
}

// withoutModelType returns fields without declarations that are only shown for models of a type.
// The values of the provider's form do not belong to a model.
func withoutModelType(fields []Field) []Field {
	ofType := func(list []Condition) bool {
		return slices.ContainsFunc(list, func(c Condition) bool { return c.Variable == ModelTypeVariable })
	}
	var kept []Field
	for _, f := range fields {
		var declarations []Field
		for _, d := range f.Declarations {
			if !ofType(d.ShowOn) {
				d.Options = slices.Clone(d.Options)
				for i := range d.Options {
					if o := &d.Options[i]; ofType(o.ShowOn) {
						o.ShowOn = nil // nobody can choose it
					}
				}
				declarations = append(declarations, d)
			}
		}
		if f.Declarations = declarations; len(declarations) > 0 {
			kept = append(kept, f)
		}
	}
	return kept
}

// merge adds the fields of two forms.
func (m *formMerger) merge(provider, model []Field) {
	at := func(fields []Field, name string) int {
		return slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	}
	m.unsure = make(map[string]bool)
	var merged []Field
	for _, f := range provider {
		if i := at(model, f.Name); i >= 0 {
			f.Declarations = m.mergeField(&f, &model[i])
		} else {
			f.Declarations = optional(f.Declarations)
		}
		merged = append(merged, f)
	}
	for _, f := range model {
		if at(provider, f.Name) < 0 {
			f.Declarations = optional(f.Declarations)
			merged = append(merged, f)
		}
	}
	for _, f := range slices.Concat(provider, model) {
		if slices.ContainsFunc(f.Declarations, hasDefault) {
			of := merged[at(merged, f.Name)].Declarations
			m.unsure[f.Name] = m.unsure[f.Name] || slices.ContainsFunc(of, func(d Field) bool { return !hasDefault(d) })
		}
	}
	for i := range merged {
		f := &merged[i]
		for j := range f.Declarations {
			m.dropConditions(&f.Declarations[j])
		}
		f.Declarations = needed(f.Declarations)
	}
	m.add(merged)
}

func hasDefault(f Field) bool { return f.Default != nil }

// dropConditions drops conditions that cannot be checked. What they hide need not be given. The
// host sends no hidden values, so nothing is kept that should not be.
func (m *formMerger) dropConditions(d *Field) {
	unknown := func(c Condition) bool { return m.unsure[c.Variable] }
	if slices.ContainsFunc(d.ShowOn, unknown) {
		d.ShowOn, d.Required, d.Default = slices.DeleteFunc(slices.Clone(d.ShowOn), unknown), false, nil
	}
	d.Options = slices.Clone(d.Options)
	for i := range d.Options {
		d.Options[i].ShowOn = slices.DeleteFunc(slices.Clone(d.Options[i].ShowOn), unknown)
	}
}

// optional returns declarations that require nothing and fill in nothing.
func optional(declarations []Field) []Field {
	list := slices.Clone(declarations)
	for i := range list {
		list[i].Required, list[i].Default = false, nil
	}
	return list
}

// mergeField returns the declarations of a field of both forms: those of two declarations that hold
// at the same time, and then each alone.
func (m *formMerger) mergeField(provider, model *Field) []Field {
	typ := m.typeOf(provider, model)
	var list []Field
	if len(provider.Declarations)*len(model.Declarations) <= maxPairs {
		for i := range provider.Declarations {
			for j := range model.Declarations {
				if pair := intersect(&provider.Declarations[i], &model.Declarations[j]); !pair.contradicts() {
					list = append(list, pair)
				}
			}
		}
	}
	list = slices.Concat(list, optional(provider.Declarations), optional(model.Declarations))
	for i := range list {
		list[i].Type = typ
	}
	return needed(list)
}

// needed returns declarations without those that never are the first one that is shown, and those
// that say no more than a later one. What they allow, the other one allows.
func needed(declarations []Field) []Field {
	var list []Field
	for _, d := range declarations {
		if i := slices.IndexFunc(list, func(before Field) bool { return d.isShownOnlyIf(before.ShowOn) }); i >= 0 {
			list[i].widen(&d)
		} else {
			list = append(list, d)
		}
	}
	for i := len(list) - 1; i >= 0 && !list[i].Required && !hasDefault(list[i]); i-- {
		later := list[i+1:]
		if j := slices.IndexFunc(later, func(after Field) bool { return list[i].isShownOnlyIf(after.ShowOn) }); j >= 0 {
			wider := list[i]
			wider.ShowOn = later[j].ShowOn
			wider.widen(&later[j])
			later[j] = wider
			list = slices.Delete(list, i, i+1)
		}
	}
	return list
}

// typeOf returns the type of a field of both forms.
func (m *formMerger) typeOf(provider, model *Field) FieldType {
	types := []FieldType{provider.Type.values(), model.Type.values()}
	if types[0] == types[1] {
		return provider.Type
	}
	got, word := TypeAny, "any"
	isText := func(t FieldType) bool { return t == TypeTextInput || t == TypeSelect || t == TypeSecretInput }
	switch {
	case slices.Contains(types, TypeSecretInput) && isText(types[0]) && isText(types[1]):
		return TypeSecretInput // which holds any text
	case isText(types[0]) && isText(types[1]):
		got, word = TypeTextInput, "string"
	default:
		m.unsure[provider.Name] = true
	}
	m.diags = append(m.diags, Diagnostic{
		Pos: model.Pos, Severity: SeverityWarning, Rule: RuleMixedTypes,
		Message: text.Line(fmt.Sprintf("field %s has the type %s, but on line %d the type %s; what calls get has it as %s",
			text.Name(model.Name), text.Name(string(model.Type)), provider.Pos.Line, text.Name(string(provider.Type)), word)),
	})
	return got
}

// intersect returns what holds where a declaration of each form is shown.
func intersect(provider, model *Field) Field {
	d := *provider
	d.ShowOn = slices.Clone(provider.ShowOn)
	for _, c := range model.ShowOn {
		if !slices.Contains(d.ShowOn, c) {
			d.ShowOn = append(d.ShowOn, c)
		}
	}
	if d.Required = provider.Required && model.Required; !reflect.DeepEqual(provider.Default, model.Default) {
		d.Required, d.Default = false, nil // a form has filled it in, or has left it out
	}
	d.widen(model)
	return d
}

// widen allows in a declaration what another one allows.
func (f *Field) widen(other *Field) {
	if f.MaxLength > 0 && other.MaxLength > 0 {
		f.MaxLength = max(f.MaxLength, other.MaxLength)
	} else {
		f.MaxLength = 0
	}
	f.Also = append(slices.Clone(f.Also), other.Pos)
	f.Also = append(f.Also, other.Also...)
	if f.GoName.Name == "" {
		f.GoName = other.GoName
	}
	known := make(map[string][]int, len(f.Options))
	for i, o := range f.Options {
		known[o.Value] = append(known[o.Value], i)
	}
	f.Options = slices.Clone(f.Options)
	for _, o := range other.Options {
		i := slices.IndexFunc(known[o.Value], func(i int) bool { return slices.Equal(f.Options[i].ShowOn, o.ShowOn) })
		if i < 0 {
			f.Options = append(f.Options, o)
		} else if same := &f.Options[known[o.Value][i]]; same.GoName.Name == "" {
			same.GoName = o.GoName
		}
	}
}

// isShownOnlyIf reports whether a declaration is shown only under conditions that include others.
func (f *Field) isShownOnlyIf(conditions []Condition) bool {
	return !slices.ContainsFunc(conditions, func(c Condition) bool { return !slices.Contains(f.ShowOn, c) })
}

// contradicts reports whether the conditions of a declaration want two values of a variable.
func (f *Field) contradicts() bool {
	for i, c := range f.ShowOn {
		if slices.ContainsFunc(f.ShowOn[:i], func(other Condition) bool { return other.Variable == c.Variable && other.Value != c.Value }) {
			return true
		}
	}
	return false
}
