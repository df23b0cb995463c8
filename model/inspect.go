package model

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	return Indent(out)
}

// maxIndented is the depth up to which JSON is indented. The spaces of deeper values would
// be much more than the values.
const maxIndented = 200

// Indent returns a value as JSON, indented unless it is nested absurdly deep.
func Indent(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	if depth(b.Bytes()) > maxIndented {
		return b.Bytes(), nil
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, b.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("inspect: %w", err)
	}
	return indented.Bytes(), nil
}

// depth returns how deep JSON is nested, or more, since brackets in texts count, too.
func depth(data []byte) (deepest int) {
	level := 0
	for _, c := range data {
		switch c {
		case '{', '[':
			level++
			deepest = max(deepest, level)
		case '}', ']':
			level--
		}
	}
	return deepest
}

type inspectedItem struct {
	Kind         string           `json:"kind"`
	Name         string           `json:"name"`
	File         string           `json:"file"`
	Parameters   []inspectedField `json:"parameters"`
	OutputSchema map[string]any   `json:"output_schema"`
}

// InspectItem returns what the host sees in an item as indented JSON: an object. Like
// Inspect, it lists every parameter that the host decodes.
func InspectItem(item *Item) ([]byte, error) {
	info, _ := item.Kind.info()
	out := inspectedItem{Kind: info.itemKind(), Name: item.Name, File: item.File, Parameters: []inspectedField{}, OutputSchema: item.OutputSchema}
	if s := item.Parameters; s != nil {
		for i := range s.Fields {
			out.Parameters = append(out.Parameters, inspectedField{s, &s.Fields[i], inItem})
		}
	}
	return Indent(out)
}

func inspectSection(s *Section) inspectedSection {
	out := inspectedSection{Name: s.Name, Path: s.Path, Line: s.Line, Fields: []inspectedField{}}
	for i := range s.Fields {
		out.Fields = append(out.Fields, inspectedField{s, &s.Fields[i], inProviders})
	}
	return out
}

// inspectedField is a field as JSON has it: an object with its properties, in the order
// of the table.
type inspectedField struct {
	section *Section
	field   *Field
	in      lists // which properties it has
}

// MarshalJSON leaves out properties of a provider's field that are not given.
func (f inspectedField) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	separator := byte('{')
	for _, p := range properties {
		if p.in&f.in == 0 {
			continue
		}
		value, given := p.show(f.section, f.field)
		if !given && f.in == inProviders {
			continue
		}
		b.WriteByte(separator)
		separator = ','
		fmt.Fprintf(&b, "%q:", p.key)
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
