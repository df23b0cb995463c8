package runtime

import "maps"

// Schema says what code was generated from: for every field, by its path in the
// YAML, all that decoding its values depends on, such as "secret-input, required".
// serve compares it with the YAML that a plugin runs with.
type Schema map[string]string

// Declared is what every adapter says of the provider's YAML that it was generated from.
type Declared interface {
	// Kind says which kind of provider this is.
	Kind() Kind
	// Name is the identity name, by which requests address the provider; for an
	// endpoint group, which has none, the name of its file.
	Name() string
	// Schema is what the code was generated from; nil if it is not known.
	Schema() Schema
}

// declared is the Declared of every kind.
type declared struct {
	kind   Kind
	name   string
	schema Schema
}

func (d *declared) Kind() Kind     { return d.kind }
func (d *declared) Name() string   { return d.name }
func (d *declared) Schema() Schema { return maps.Clone(d.schema) }
