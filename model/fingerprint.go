package model

import (
	"slices"
	"strings"
)

// Fingerprint describes each field, by its path, with all that decoding its values depends on,
// such as "secret-input, required", and without the texts that people read. Code that was
// generated for a provider fits every provider with the same fingerprint.
func (p *Provider) Fingerprint() map[string]string {
	fingerprint := make(map[string]string)
	for i := range p.Sections {
		s := &p.Sections[i]
		for _, f := range s.Effective() {
			var shapes []string
			for j := range f.Declarations {
				shapes = append(shapes, f.Declarations[j].shape())
			}
			fingerprint[s.FieldPath(f.Name)] = strings.Join(slices.Compact(shapes), " | ")
		}
	}
	return fingerprint
}

// FieldPath returns the path of the field of the section with the given name, such as
// "credentials_for_provider.api_key".
func (s *Section) FieldPath(name string) string { return s.Path + "." + name }
