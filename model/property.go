package model

import "github.com/difygen/difygen/internal/yamldoc"

// property is something that the YAML says of a field.
type property struct {
	key string // in the JSON of Inspect
	// show returns the value for Inspect and InspectItem, and whether it is given. Inspect
	// leaves out what is not.
	show func(*Section, *Field) (value any, given bool)
	in   lists // which of the two list it
}

// lists is a set of lists of properties.
type lists int

const (
	inProviders lists = 1 << iota // of Inspect
	inItem                        // of InspectItem
	inBoth      = inProviders | inItem
)

// properties are all properties of fields, in the order in which they are listed.
var properties = []property{
	{key: "name", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Name, true }},
	{key: "type", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Type, true }},
	{key: "form", in: inItem, show: func(_ *Section, f *Field) (any, bool) { return f.Form, f.Form != "" }},
	{key: "required", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Required, true }},
	{key: "multiple", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Multiple, f.Multiple }},
	{key: "default", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return yamldoc.Plain(f.Default), true }},
	{key: "options", in: inBoth, show: showOptions},
	{key: "max_length", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return f.MaxLength, f.MaxLength != 0 }},
	{key: "min", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return shown(f.Min) }},
	{key: "max", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return shown(f.Max) }},
	{key: "precision", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return shown(f.Precision) }},
	{key: "show_on", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return f.ShowOn, len(f.ShowOn) > 0 }},
	{key: "scope", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return f.Scope, f.Scope != nil }},
	{key: "label", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Label.English, true }},
	{key: "description", in: inItem, show: func(_ *Section, f *Field) (any, bool) { return showText(f.Help) }},
	{key: "help", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return showText(f.Help) }},
	{key: "url", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return f.URL, f.URL != "" }},
	{key: "placeholder", in: inProviders, show: func(_ *Section, f *Field) (any, bool) { return showText(f.Placeholder) }},
	{key: "line", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Pos.Line, true }},
	{key: "column", in: inBoth, show: func(_ *Section, f *Field) (any, bool) { return f.Pos.Column, true }},
}

// shown returns what p points to, and false if it is nil.
func shown[T any](p *T) (any, bool) {
	if p == nil {
		return nil, false
	}
	return yamldoc.Plain(any(*p)), true
}

func showText(t *Text) (any, bool) {
	if t == nil {
		return nil, false
	}
	return t.English, t.English != ""
}

func showOptions(s *Section, f *Field) (any, bool) {
	var list []inspectedOption
	for _, o := range f.Options {
		option := inspectedOption{Value: o.Value, Label: o.Label.English, ShowOn: o.ShowOn}
		if s.Name.info().rules.typedOptions {
			option.Value = yamldoc.Plain(o.Raw)
		}
		list = append(list, option)
	}
	return list, len(list) > 0
}
