package runtime

import "maps"

// Fingerprint says what code was generated from: for every field, by its path in the
// YAML, all that decoding its values depends on, such as "secret-input, required".
// serve compares it with the YAML that a plugin runs with.
type Fingerprint map[string]string

// Declared is what every adapter says of the provider's YAML that it was generated from.
type Declared interface {
	// Kind says which kind of provider this is.
	Kind() Kind
	// Name is the identity name, by which requests address the provider; for an
	// endpoint provider, which has none, the name of its file.
	Name() string
	// Fingerprint is what the code was generated from; nil if it is not known.
	Fingerprint() Fingerprint
}

// declared is the Declared of every kind.
type declared struct {
	kind        Kind
	name        string
	fingerprint Fingerprint
}

func (d *declared) Kind() Kind               { return d.kind }
func (d *declared) Name() string             { return d.name }
func (d *declared) Fingerprint() Fingerprint { return maps.Clone(d.fingerprint) }
