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
	// stubbed are the methods that the provider's stub has; nil if it has none.
	stubbed func(*plan) []contractMethod
	// constructor is a function that makes the author's type with an embedded one that has the
	// methods, so that the author needs to write none of them. It is nil if there is none.
	constructor func(p *plan, contract string) authorConstructor
}

// contractMethod is a method of a contract.
type contractMethod struct {
	about     []string // its comment
	name      string
	signature signature
	zero      []code   // the results before the error, where there is nothing to return
	body      []code   // what the method can be as it is; nil if only the author knows
	stub      []string // its comment in a stub; nil for a method that has none
}

// authorConstructor is a function that makes the author's type.
type authorConstructor struct {
	about     []string // its comment
	name      string
	signature signature
	body      []code
	fields    []string // those of the type that it sets, as source; the first one is embedded
}

// contracts are all contracts, in the order of the generated code.
var contracts = []*contract{credentialsValidator, oauthFlow, subscriptionConstructor, toolsContract, modelsContract, datasourcesContract, endpointsContract, eventsContract, strategiesContract}

var (
	credentialsValidator = &contract{
		base: "CredentialsValidator", about: "checks what a user entered to connect %s.",
		methods: (*plan).checkMethods, bind: (*plan).bindChecks, stubbed: (*plan).checkMethods,
	}
	oauthFlow = &contract{
		base: "OAuthFlow", about: "is the OAuth 2.0 authorization code grant (RFC 6749, section 4.1) of %s.",
		methods: (*plan).flowMethods, bind: (*plan).bindFlow, constructor: (*plan).flowConstructor,
	}
	subscriptionConstructor = &contract{
		base: "SubscriptionConstructor", about: "makes subscriptions to the events of %s.",
		methods: (*plan).subscriptionMethods, bind: (*plan).bindSubscriptions,
	}
	toolsContract = &contract{
		base: "Tools", about: "are what %s offers.", local: "tools",
		methods: (*plan).itemMethods, bind: (*plan).bindTools,
	}
	modelsContract = &contract{
		base: "Models", about: "are what %s offers.", local: "models",
		methods: (*plan).modelMethods, bind: (*plan).bindModels, stubbed: (*plan).modelMethods,
	}
	datasourcesContract = &contract{
		base: "Datasources", about: "are what %s offers.", local: "datasources",
		methods: (*plan).itemMethods, bind: (*plan).bindDatasources,
	}
	endpointsContract = &contract{
		base: "Endpoints", about: "answer the requests to %s. If a method returns an error, it is logged, and the caller gets the status 500 or, if the answer has begun, no more of it.", local: "endpoints",
		methods: (*plan).itemMethods, bind: (*plan).bindEndpoints,
	}
	eventsContract = &contract{
		base: "Trigger", about: "turns the webhooks of %s into events. If no workflow is to start, the method of an event returns runtime.ErrIgnore.", local: "events",
		methods: (*plan).eventMethods, bind: (*plan).bindEvents, stubbed: (*plan).dispatchMethods,
	}
	strategiesContract = &contract{
		base: "Strategies", about: "are the agent strategies of %s.", local: "strategies",
		methods: (*plan).itemMethods, bind: (*plan).bindStrategies,
	}
)

// source is the method as the author can paste it.
func (m *contractMethod) source(authorType string) (Func, error) {
	return pasted(m.name, method("p", ptr(id(authorType)), m.name, m.signature, m.code()...))
}

// source is the function as the author can paste it, with its comment.
func (c *authorConstructor) source() (Func, error) {
	f, err := pasted(c.name, function(c.name, c.signature, c.body...))
	f.Code = "// " + strings.Join(c.about, "\n// ") + "\n" + f.Code
	return f, err
}

// pasted is a method or another function as the author can paste it.
func pasted(name string, decl code) (Func, error) {
	src, err := source(decl)
	if err != nil {
		return Func{}, err
	}
	f := newFile("p")
	f.add(nil, decl)
	imports, err := f.imports()
	return Func{name, src, imports}, err
}

// code is the body of the method: what it can be or, until its author writes it, an error.
func (m *contractMethod) code() []code {
	if m.body != nil {
		return m.body
	}
	return []code{ret(append(m.zero[:len(m.zero):len(m.zero)], rt("ErrNotImplemented"))...)}
}

// Requirement is an interface that the author's type must satisfy.
type Requirement struct {
	Source    string // the ID of the provider's source
	Type      string // of the author
	Interface string
	Methods   []Func // all of the interface
	Types     []Type // that calls of the interface's methods have, and only the author can declare
	// Constructor is a function with which Type needs to have none of the methods; nil if there
	// is none.
	Constructor *Constructor
}

// Func is a method or another function.
type Func struct {
	Name    string
	Code    string   // ready to paste
	Imports []string // the paths of the packages that Code uses, sorted
}

// Constructor is a function that makes the author's type.
type Constructor struct {
	Func

	// Fields are lines of code: the fields of the type that the function sets, of which the first
	// is embedded and has the methods. FieldImports are the paths of the packages that they use.
	Fields, FieldImports []string
}

// Requirements returns the interfaces that the compiler asks for, grouped by provider.
func (p *Package) Requirements() ([]Requirement, error) {
	var list []Requirement
	for _, plan := range p.plans {
		for _, c := range plan.demanded() {
			r, err := plan.requirement(c)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
	}
	return list, nil
}

// demanded are the contracts that the author must satisfy.
func (p *plan) demanded() []*contract {
	return slices.DeleteFunc(slices.Clone(contracts), func(c *contract) bool { return p.names.contracts[c] == "" })
}

// requirement is what a contract requires.
func (p *plan) requirement(c *contract) (Requirement, error) {
	r := Requirement{Source: p.source.ID, Type: p.names.provider, Interface: p.names.contracts[c]}
	for _, m := range c.methods(p) {
		f, err := m.source(p.names.provider)
		if err != nil {
			return Requirement{}, err
		}
		r.Methods = append(r.Methods, f)
	}
	if c == p.kind.items {
		types, err := p.authorTypes()
		if err != nil {
			return Requirement{}, err
		}
		r.Types = types
	}
	if c.constructor == nil {
		return r, nil
	}
	constructor := c.constructor(p, r.Interface)
	f, err := constructor.source()
	r.Constructor = &Constructor{f, constructor.fields, []string{authcodePath, httpPath}}
	return r, err
}
