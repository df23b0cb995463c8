package runtime

// Adapter is the untyped side of a provider: what Dify can ask of it, with values as they are
// on the wire. Generated functions such as NewProvider return one; the adapters of some kinds
// have more methods.
type Adapter interface {
	// Kind returns the kind of the provider.
	Kind() Kind
	// Name returns the name by which requests address the provider. For an endpoint
	// provider, which has no such name, it is the name of its file.
	Name() string
	// Routes returns everything that Dify can ask of the provider.
	Routes() []Route
}

// adapter implements most of Adapter for every kind.
type adapter struct {
	kind   Kind
	name   string
	fields *Fields
}

func (a *adapter) Kind() Kind   { return a.kind }
func (a *adapter) Name() string { return a.name }
