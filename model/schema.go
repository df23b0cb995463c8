package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Schema describes each field, by its path, with all that decoding its values depends on,
// such as "secret-input, required", and without the texts that people read. Code that was
// generated for a provider fits every provider with the same schema.
func (p *Provider) Schema() map[string]string {
	schema := make(map[string]string)
	for i := range p.Sections {
		s := &p.Sections[i]
		for _, f := range s.Effective() {
			var shapes []string
			for j := range f.Declarations {
				shapes = append(shapes, f.Declarations[j].shape())
			}
			schema[s.FieldPath(f.Name)] = strings.Join(slices.Compact(shapes), " | ")
		}
	}
	return schema
}

// FieldPath returns the path of the field of the section with the given name, such as
// "credentials_for_provider.api_key".
func (s *Section) FieldPath(name string) string { return s.Path + "." + name }

// shape describes all that decoding a value of the field depends on.
func (f *Field) shape() string {
	list := []string{string(f.Type)}
	add := func(is bool, format string, args ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(f.Required, "required")
	add(f.Multiple, "multiple")
	add(f.Default != nil, "default %s", f.spellDefault())
	add(len(f.Options) > 0, "options %s", spellOptions(f.Options))
	add(f.MaxLength > 0, "at most %d characters", f.MaxLength)
	if f.Min != nil {
		add(true, "min %v", *f.Min)
	}
	if f.Max != nil {
		add(true, "max %v", *f.Max)
	}
	if f.Precision != nil {
		add(true, "precision %d", *f.Precision)
	}
	add(len(f.ShowOn) > 0, "%s", spellConditions(f.ShowOn))
	return strings.Join(list, ", ")
}

// spellDefault formats the default, or a hash of it if it is secret or not a scalar.
func (f *Field) spellDefault() string {
	if s, ok := Scalar(f.Default); ok && f.Type != TypeSecretInput {
		return strconv.Quote(s)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %v", f.Default, f.Default))
	return "#" + hex.EncodeToString(sum[:4])
}

func spellOptions(options []Option) string {
	list := make([]string, len(options))
	for i, o := range options {
		list[i] = strconv.Quote(o.Value)
		if len(o.ShowOn) > 0 {
			list[i] += " " + spellConditions(o.ShowOn)
		}
	}
	return strings.Join(list, " ")
}

func spellConditions(conditions []Condition) string {
	list := make([]string, len(conditions))
	for i, c := range conditions {
		list[i] = c.Variable + "=" + strconv.Quote(c.Value)
	}
	return "shown if " + strings.Join(list, " and ")
}
