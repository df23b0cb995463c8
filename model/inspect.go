package model

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/difygen/difygen/internal/yamldoc"
)

type inspected struct {
	Kind     Kind               `json:"kind"`
	Name     string             `json:"name"`
	File     string             `json:"file"`
	Sections []inspectedSection `json:"sections"`
}

type inspectedSection struct {
	Name   SectionName      `json:"name"`
	Path   string           `json:"path"`
	Line   int              `json:"line"`
	Fields []inspectedField `json:"fields"`
}

type inspectedField struct {
	Name        string            `json:"name"`
	Type        FieldType         `json:"type"`
	Required    bool              `json:"required"`
	Default     any               `json:"default"`
	Options     []inspectedOption `json:"options,omitempty"`
	ShowOn      []Condition       `json:"show_on,omitempty"`
	Scope       *string           `json:"scope,omitempty"`
	Multiple    bool              `json:"multiple,omitempty"`
	MaxLength   int               `json:"max_length,omitempty"`
	Label       string            `json:"label"`
	Help        string            `json:"help,omitempty"`
	URL         string            `json:"url,omitempty"`
	Placeholder string            `json:"placeholder,omitempty"`
	Line        int               `json:"line"`
	Column      int               `json:"column"`
}

type inspectedOption struct {
	Value  any         `json:"value"`
	Label  string      `json:"label"`
	ShowOn []Condition `json:"show_on,omitempty"`
}

// Inspect returns what the host sees in providers as indented JSON: an array with an
// object for each. It lists every field that the host decodes, even one without a name or
// with a repeated one. Texts are in English.
func Inspect(providers []*Provider) ([]byte, error) {
	out := make([]inspected, 0, len(providers))
	for _, p := range providers {
		one := inspected{Kind: p.Kind, Name: p.Name, File: p.File, Sections: []inspectedSection{}}
		for i := range p.Sections {
			one.Sections = append(one.Sections, inspectSection(&p.Sections[i]))
		}
		out = append(out, one)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	return b.Bytes(), nil
}

func inspectSection(s *Section) inspectedSection {
	out := inspectedSection{Name: s.Name, Path: s.Path, Line: s.Line, Fields: []inspectedField{}}
	for i := range s.Fields {
		f := &s.Fields[i]
		field := inspectedField{
			Name: f.Name, Type: f.Type, Required: f.Required, Default: yamldoc.Plain(f.Default),
			Scope: f.Scope, Multiple: f.Multiple, MaxLength: f.MaxLength, ShowOn: f.ShowOn,
			Label: f.Label.English, URL: f.URL,
			Line: f.Pos.Line, Column: f.Pos.Column,
		}
		if f.Help != nil {
			field.Help = f.Help.English
		}
		if f.Placeholder != nil {
			field.Placeholder = f.Placeholder.English
		}
		for _, o := range f.Options {
			option := inspectedOption{Value: o.Value, Label: o.Label.English, ShowOn: o.ShowOn}
			if s.Name == SectionParameters {
				option.Value = yamldoc.Plain(o.Raw)
			}
			field.Options = append(field.Options, option)
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}
