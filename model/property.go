package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// property is something that the YAML says of a field.
type property struct {
	key string // in the JSON of Inspect
	// show returns the value for Inspect and InspectItem, and whether it is given. Inspect
	// leaves out what is not.
	show func(*Section, *Field) (value any, given bool)
	in   lists // which of the two list it
	// fingerprint says what decoding a value of the field depends on, "" if that is nothing.
	// Nil for a property that decoding never depends on.
	fingerprint func(*Field) string
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
	{
		key: "type", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return f.Type, true },
		fingerprint: func(f *Field) string { return string(f.Type) },
	},
	{key: "form", in: inItem, show: func(_ *Section, f *Field) (any, bool) { return f.Form, f.Form != "" }},
	{
		key: "required", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return f.Required, true },
		fingerprint: func(f *Field) string { return wordIf(f.Required, "required") },
	},
	{
		key: "multiple", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return f.Multiple, f.Multiple },
		fingerprint: func(f *Field) string { return wordIf(f.Multiple, "multiple") },
	},
	{
		key: "default", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return yamldoc.Plain(f.Default), true },
		fingerprint: (*Field).spellDefault,
	},
	{key: "options", in: inBoth, show: showOptions, fingerprint: (*Field).spellOptions},
	{
		key: "max_length", in: inProviders,
		show:        func(_ *Section, f *Field) (any, bool) { return f.MaxLength, f.MaxLength != 0 },
		fingerprint: func(f *Field) string { return wordIf(f.MaxLength > 0, "at most %d characters", f.MaxLength) },
	},
	{
		key: "min", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return shown(f.Min) },
		fingerprint: func(f *Field) string { return spellBound("min", f.Min) },
	},
	{
		key: "max", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return shown(f.Max) },
		fingerprint: func(f *Field) string { return spellBound("max", f.Max) },
	},
	{
		key: "precision", in: inBoth,
		show:        func(_ *Section, f *Field) (any, bool) { return shown(f.Precision) },
		fingerprint: func(f *Field) string { return spellBound("precision", f.Precision) },
	},
	{
		key: "show_on", in: inProviders,
		show:        func(_ *Section, f *Field) (any, bool) { return f.ShowOn, len(f.ShowOn) > 0 },
		fingerprint: func(f *Field) string { return spellConditions(f.ShowOn) },
	},
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

// shape describes all that decoding a value of the field depends on.
func (f *Field) shape() string {
	var list []string
	for _, p := range properties {
		if p.fingerprint == nil {
			continue
		}
		if words := p.fingerprint(f); words != "" {
			list = append(list, words)
		}
	}
	return strings.Join(list, ", ")
}

// wordIf formats words if a condition holds.
func wordIf(is bool, format string, args ...any) string {
	if !is {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func spellBound[T any](word string, bound *T) string {
	if bound == nil {
		return ""
	}
	return fmt.Sprintf("%s %v", word, *bound)
}

// spellDefault formats the default, or a hash of it if it is secret or not a scalar.
func (f *Field) spellDefault() string {
	if f.Default == nil {
		return ""
	}
	if s, ok := Scalar(f.Default); ok && f.Type != TypeSecretInput {
		return "default " + strconv.Quote(s)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %v", f.Default, f.Default))
	return "default #" + hex.EncodeToString(sum[:4])
}

func (f *Field) spellOptions() string {
	if len(f.Options) == 0 {
		return ""
	}
	words := []string{"options"}
	for _, o := range f.Options {
		words = append(words, strconv.Quote(o.Value))
		if len(o.ShowOn) > 0 {
			words = append(words, spellConditions(o.ShowOn))
		}
	}
	return strings.Join(words, " ")
}

func spellConditions(conditions []Condition) string {
	if len(conditions) == 0 {
		return ""
	}
	list := make([]string, len(conditions))
	for i, c := range conditions {
		list[i] = c.Variable + "=" + strconv.Quote(c.Value)
	}
	return "shown if " + strings.Join(list, " and ")
}
