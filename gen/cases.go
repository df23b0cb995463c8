package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// cases plans when the fields of a form are shown, and sorts them so that a
// field stands behind those that its conditions ask for.
func (pl *planner) cases(s *Section, fields []model.Field) {
	byKey := make(map[string]*Field, len(s.Fields))
	for _, f := range s.Fields {
		byKey[f.Key] = f
	}
	conditions := func(list []model.Condition) []Condition {
		var out []Condition
		for _, c := range list {
			out = append(out, Condition{Field: byKey[c.Variable], Variable: c.Variable, Value: c.Value})
		}
		return out
	}
	for i, f := range s.Fields {
		for _, d := range fields[i].Declarations {
			c := &Case{
				Conditions: conditions(d.ShowOn), Required: d.Required,
				Default: defaultOf(f, d.Default), MaxLength: d.MaxLength,
			}
			for _, o := range d.Options {
				if option, ok := f.option(o.Value); ok {
					c.Options = append(c.Options, CaseOption{option, conditions(o.ShowOn)})
				}
			}
			f.Cases = append(f.Cases, c)
		}
		f.Required = f.Required && f.always()
	}
}

// option is the option of a select with that value.
func (f *Field) option(value string) (EnumOption, bool) {
	if f.Enum == nil {
		return EnumOption{}, false
	}
	i := slices.IndexFunc(f.Enum.Options, func(o EnumOption) bool { return o.Value == value })
	if i < 0 {
		return EnumOption{}, false
	}
	return f.Enum.Options[i], true
}

// always reports whether the field has one declaration and is always shown.
func (f *Field) always() bool {
	return len(f.Cases) == 0 || len(f.Cases) == 1 && len(f.Cases[0].Conditions) == 0
}

// dependencies are the fields that the cases of f ask for.
func (f *Field) dependencies() []*Field {
	var fields []*Field
	add := func(list []Condition) {
		for _, c := range list {
			if c.Field != nil && c.Field != f {
				fields = append(fields, c.Field)
			}
		}
	}
	for _, c := range f.Cases {
		add(c.Conditions)
		for _, o := range c.Options {
			add(o.Conditions)
		}
	}
	return fields
}

// inOrder returns the fields so that each stands behind those it depends on. A
// circle is cut where it closes.
func (s *Section) inOrder() []*Field {
	var order []*Field
	visited := make(map[*Field]bool)
	var visit func(f *Field)
	visit = func(f *Field) {
		if visited[f] {
			return
		}
		visited[f] = true
		for _, d := range f.dependencies() {
			visit(d)
		}
		order = append(order, f)
	}
	for _, f := range s.Fields {
		visit(f)
	}
	return order
}

// never reports whether no value fulfils c: it asks for a field or an option
// that is not there.
func (c Condition) never() bool {
	switch {
	case c.Field == nil:
		return c.Variable != model.ModelTypeVariable
	case c.Field.Form == FormSelect:
		_, ok := c.Field.option(c.Value)
		return !ok
	case c.Field.Form == FormBool:
		return c.Value != "true" && c.Value != "false"
	case c.Field.Form == FormText || c.Field.Form == FormSecret:
		return false
	}
	return true
}

func (c *Case) never() bool { return slices.ContainsFunc(c.Conditions, Condition.never) }

// disjoint reports whether two cases cannot both be shown, since they want
// different values of one variable.
func disjoint(a, b *Case) bool {
	for _, x := range a.Conditions {
		for _, y := range b.Conditions {
			if x.Variable == y.Variable && x.Value != y.Value {
				return true
			}
		}
	}
	return false
}
