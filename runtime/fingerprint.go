package runtime

import "maps"

// Fingerprint describes the YAML that code was generated from. It maps the path of each
// field in the YAML to what the field's decoder depends on, such as
// "secret-input, required". Package serve compares it with the YAML that a plugin runs
// with.
type Fingerprint map[string]string

// Declared describes the YAML that a provider's code was generated from. Every adapter
// implements it.
type Declared interface {
	// Kind returns the kind of the provider.
	Kind() Kind
	// Name returns the name by which requests address the provider. For an endpoint
	// provider, which has no such name, it is the name of its file.
	Name() string
	// Fingerprint describes the YAML that the code was generated from. It is nil if
	// that is not known.
	Fingerprint() Fingerprint
}

// declared implements Declared for every kind.
type declared struct {
	kind        Kind
	name        string
	fingerprint Fingerprint
}

func (d *declared) Kind() Kind               { return d.kind }
func (d *declared) Name() string             { return d.name }
func (d *declared) Fingerprint() Fingerprint { return maps.Clone(d.fingerprint) }
