package gen

import (
	"slices"
	"strings"
)

// contract is an interface that the author's type must satisfy.
type contract struct {
	base    string // its Go name without prefix
	about   string // what the comment says after the name, with the provider's label
	methods func(*plan) []contractMethod
	// bind returns the fields of the runtime's XConfig for the contract. methods is the
	// author's value, as the interface.
	bind func(p *plan, methods code) []code
	// local is the variable that holds the author's value as the interface; empty if it is
	// converted where it is used.
	local string
	// isStubbed: the provider's stub has the methods.
	isStubbed bool
	// ready is a function with which the author needs none of the methods: it makes the author's
	// type with an embedded one that has them. It is nil if there is none.
	ready func(p *plan, contract string) contractMethod
}

// contractMethod is a method of a contract.
type contractMethod struct {
	about     []string // its comment
	name      string
	signature signature
	zero      []code   // the results before the error, where there is nothing to return
	body      []code   // what the method can be as it is; nil if only the author knows
	stub      []string // its comment in a stub; nil for a method that has none
	// isFunction: it is no method, but a function.
	isFunction bool
	// fields are those of the author's type that the function sets, as source.
	fields []string
}

// contracts are all contracts, in the order of the generated code.
var contracts = []*contract{credentialsValidator, oauthFlow, subscriptionConstructor, toolsContract, endpointHandler}

var (
	credentialsValidator = &contract{
		base: "CredentialsValidator", about: "checks what a user entered to connect %s.",
		methods: (*plan).checkMethods, bind: (*plan).bindChecks, isStubbed: true,
	}
	oauthFlow = &contract{
		base: "OAuthFlow", about: "is the OAuth 2.0 authorization code grant (RFC 6749, section 4.1) of %s.",
		methods: (*plan).flowMethods, bind: (*plan).bindFlow, ready: (*plan).flowFunction,
	}
	subscriptionConstructor = &contract{
		base: "SubscriptionConstructor", about: "makes subscriptions to the events of %s.",
		methods: (*plan).subscriptionMethods, bind: (*plan).bindSubscriptions,
	}
	toolsContract = &contract{
		base: "Tools", about: "are what %s offers.", local: "tools",
		methods: (*plan).toolMethods, bind: (*plan).bindTools,
	}
	endpointHandler = &contract{
		base: "EndpointHandler", about: "serves the requests to the endpoints of %s.",
		methods: (*plan).handlerMethods, bind: (*plan).bindHandler, isStubbed: true,
	}
)

// source is the method as the author can paste it, with the paths of the packages that it
// uses, sorted. A function has its comment.
func (m *contractMethod) source(authorType string) (src string, imports []string, err error) {
	decl, comment := method("p", ptr(id(authorType)), m.name, m.signature, m.code()...), ""
	if m.isFunction {
		decl, comment = function(m.name, m.signature, m.code()...), "// "+strings.Join(m.about, "\n// ")+"\n"
	}
	if src, err = source(decl); err != nil {
		return "", nil, err
	}
	src = comment + src
	f := newFile("p")
	f.add(nil, decl)
	imports, err = f.imports()
	return src, imports, err
}

// code is the body of the method: what it can be or, until its author writes it, an error.
func (m *contractMethod) code() []code {
	if m.body != nil {
		return m.body
	}
	return []code{ret(append(m.zero[:len(m.zero):len(m.zero)], rt("ErrNotImplemented"))...)}
}

// Requirement is a method of the author's type.
type Requirement struct {
	Source    string   // the ID of the provider's source
	Type      string   // of the author
	Interface string   // that has the method
	Method    string   // its name, or that of the function
	Code      string   // the method, ready to paste
	Imports   []string // the paths of the packages that Code uses, sorted
	// IsFunction: it is no method, but a function with which none of the methods of the
	// interface is needed.
	IsFunction bool
	// Fields are lines of code: the fields of Type that a function sets, of which the first is
	// embedded and has the methods. FieldImports are the paths of the packages that they use.
	Fields, FieldImports []string
}

// Requirements returns the methods that the compiler asks for, grouped by provider and
// interface.
func (p *Package) Requirements() ([]Requirement, error) {
	var list []Requirement
	for _, plan := range p.plans {
		for _, c := range plan.demanded() {
			more, err := plan.requirements(c)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

// demanded are the contracts that the author must satisfy.
func (p *plan) demanded() []*contract {
	return slices.DeleteFunc(slices.Clone(contracts), func(c *contract) bool { return p.names.contracts[c] == "" })
}

// requirements are the methods of a contract.
func (p *plan) requirements(c *contract) ([]Requirement, error) {
	var list []Requirement
	for _, m := range p.withReady(c) {
		src, imports, err := m.source(p.names.provider)
		if err != nil {
			return nil, err
		}
		list = append(list, Requirement{
			Source: p.source.ID, Type: p.names.provider, Interface: p.names.contracts[c], Method: m.name, Code: src, Imports: imports,
			IsFunction: m.isFunction, Fields: m.fields, FieldImports: fieldImports(m.fields),
		})
	}
	return list, nil
}

// fieldImports are the paths of the packages that the fields of a function use.
func fieldImports(fields []string) []string {
	if fields == nil {
		return nil
	}
	return []string{authcodePath, httpPath}
}

// withReady are the methods of a contract, after the function that can replace them.
func (p *plan) withReady(c *contract) []contractMethod {
	if c.ready == nil {
		return c.methods(p)
	}
	return append([]contractMethod{c.ready(p, p.names.contracts[c])}, c.methods(p)...)
}
