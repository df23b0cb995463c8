package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// variant is a declaration of a field, with the conditions under which it is shown. The
// first variant whose conditions hold applies.
type variant struct {
	conditions []condition // none if it is always shown
	required   bool
	def        *defaultValue
	options    []variantOption // of a select
	bounds     bounds
}

// bounds limit a value.
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

// condition requires a value of a field of the struct, or of the type of the model.
type condition struct {
	field    *field // nil for the type of the model, or an unknown variable
	variable string
	value    string
}

// planVariants plans the declarations of all fields.
func (s *section) planVariants() {
	byKey := make(map[string]*field, len(s.fields))
	for _, f := range s.fields {
		byKey[f.key] = f
	}
	for _, f := range s.fields {
		f.variants = f.planVariants(byKey)
	}
}

// planVariants plans the declarations of a field, given the fields of its section.
func (f *field) planVariants(byKey map[string]*field) []*variant {
	conditions := func(list []model.Condition) []condition {
		var out []condition
		for _, c := range list {
			planned := condition{field: byKey[c.Variable], variable: c.Variable, value: c.Value}
			if !slices.Contains(out, planned) {
				out = append(out, planned)
			}
		}
		return out
	}
	var variants []*variant
	for _, d := range f.about.Declarations {
		v := &variant{
			conditions: conditions(d.ShowOn), required: d.Required, def: f.shape.parse(f, d.Default),
			bounds: bounds{maxLength: max(d.MaxLength, 0), min: finite(d.Min), max: finite(d.Max), decimals: d.Precision},
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

// dependencies are the fields that the conditions of f refer to.
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

// inOrder sorts the fields so that each comes after those it depends on. A cycle is
// broken where it closes.
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

// never reports whether no value satisfies c, since its field or option does not exist.
func (c condition) never() bool {
	if c.field == nil {
		return c.variable != model.ModelTypeVariable
	}
	return c.holds("") == nil
}

// holds is the expression that reports whether the field of c has the value of c; nil if
// it never does. holder is the variable with the struct.
func (c condition) holds(holder string) code {
	return c.field.shape.equals(c.field, dot(id(holder), c.field.name), c.value)
}

// disjoint reports whether two variants cannot both be shown, since they require
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

// isPossible reports whether a condition can hold in a section. Only model credentials
// know the type of the model.
func (s *section) isPossible(c condition) bool {
	return !c.never() && (c.field != nil || s.yaml.HasModelType())
}

// possible are the variants of a field that can be shown.
func (s *section) possible(f *field) []*variant {
	return slices.DeleteFunc(slices.Clone(f.variants), func(v *variant) bool { return !s.canHold(v.conditions) })
}

// canHold reports whether all conditions can hold at once.
func (s *section) canHold(conditions []condition) bool {
	for i, c := range conditions {
		contradicts := func(other condition) bool { return other.variable == c.variable && other.value != c.value }
		if !s.isPossible(c) || slices.ContainsFunc(conditions[:i], contradicts) {
			return false
		}
	}
	return true
}

// optionsOf are the options that can be chosen in a variant: its own, and those of
// variants that can be shown at the same time.
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
