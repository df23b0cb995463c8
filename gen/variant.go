package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// variant is a declaration of a field, with the conditions under which it is shown.
// The first one whose conditions hold counts.
type variant struct {
	conditions []condition // none if it is always shown
	required   bool
	def        *defaultValue
	options    []variantOption // of a select
	bounds     bounds
}

// bounds are what a value must keep to.
type bounds struct {
	maxLength int // in characters; 0 for any
	min, max  *float64
	decimals  *int
}

// variantOption is an option that may have conditions of its own.
type variantOption struct {
	option
	conditions []condition
}

// condition compares a field of the struct, or the type of the model, with a value.
type condition struct {
	field    *field // nil for the type of the model, or an unknown variable
	variable string
	value    string
}

// planVariants plans the declarations of a field, given the fields of its section.
func (f *field) planVariants(byKey map[string]*field) []*variant {
	conditions := func(list []model.Condition) []condition {
		var out []condition
		for _, c := range list {
			out = append(out, condition{field: byKey[c.Variable], variable: c.Variable, value: c.Value})
		}
		return out
	}
	var variants []*variant
	for _, d := range f.about.Declarations {
		v := &variant{
			conditions: conditions(d.ShowOn), required: d.Required, def: f.shape.parse(f, d.Default),
			bounds: bounds{maxLength: d.MaxLength, min: finite(d.Min), max: finite(d.Max), decimals: d.Precision},
		}
		for _, o := range d.Options {
			if known, ok := f.option(o.Value); ok {
				v.options = append(v.options, variantOption{known, conditions(o.ShowOn)})
			}
		}
		variants = append(variants, v)
	}
	return variants
}

// isRequired reports whether the field must always be given.
func (f *field) isRequired() bool { return f.isAlwaysShown() && f.variants[0].required }

// isAlwaysShown reports whether the field has one declaration, without conditions.
func (f *field) isAlwaysShown() bool {
	return len(f.variants) == 1 && len(f.variants[0].conditions) == 0
}

// dependencies are the fields that the conditions of f ask for.
func (f *field) dependencies() []*field {
	var fields []*field
	add := func(list []condition) {
		for _, c := range list {
			if c.field != nil && c.field != f {
				fields = append(fields, c.field)
			}
		}
	}
	for _, v := range f.variants {
		add(v.conditions)
		for _, o := range v.options {
			add(o.conditions)
		}
	}
	return fields
}

// inOrder returns the fields so that each stands behind those it depends on. A
// circle is cut where it closes.
func (s *section) inOrder() []*field {
	var order []*field
	visited := make(map[*field]bool)
	var visit func(f *field)
	visit = func(f *field) {
		if visited[f] {
			return
		}
		visited[f] = true
		for _, d := range f.dependencies() {
			visit(d)
		}
		order = append(order, f)
	}
	for _, f := range s.fields {
		visit(f)
	}
	return order
}

// never reports whether no value fulfills c: it asks for a field or an option that
// is not there.
func (c condition) never() bool {
	if c.field == nil {
		return c.variable != model.ModelTypeVariable
	}
	return c.holds("") == nil
}

// holds is the expression for the field of c, in the struct of that name, to have
// the value of c; nil if it never does.
func (c condition) holds(holder string) code {
	return c.field.shape.equals(c.field, dot(id(holder), c.field.name), c.value)
}

// disjoint reports whether two variants cannot both be shown, since they want
// different values of one variable.
func disjoint(a, b *variant) bool {
	for _, x := range a.conditions {
		for _, y := range b.conditions {
			if x.variable == y.variable && x.value != y.value {
				return true
			}
		}
	}
	return false
}

// isPossible reports whether a section can meet a condition. Only model credentials
// know the type of the model.
func (s *section) isPossible(c condition) bool {
	return !c.never() && (c.field != nil || s.knowsModelType)
}

// possible are the variants of a field that can be shown.
func (s *section) possible(f *field) []*variant {
	return slices.DeleteFunc(slices.Clone(f.variants), func(v *variant) bool {
		return slices.ContainsFunc(v.conditions, func(c condition) bool { return !s.isPossible(c) })
	})
}

// optionsOf are the options that can be chosen in a variant: its own, and those of
// variants that may be shown as well.
func (s *section) optionsOf(f *field, v *variant) []option {
	var options []option
	for _, other := range s.possible(f) {
		if other != v && disjoint(v, other) {
			continue
		}
		for _, o := range other.options {
			same := func(x option) bool { return x.value == o.value }
			if !slices.ContainsFunc(options, same) {
				options = append(options, o.option)
			}
		}
	}
	return options
}
