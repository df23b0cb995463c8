package gen

import (
	"fmt"
	"maps"
	"slices"

	"github.com/difygen/difygen/model"
)

const handshake = "Version10UpdateDifygenThenRunGoGenerate"

// Types that generated signatures use.
func ctxParam() param             { return param{"ctx", std("context", "Context")} }
func errorType() code             { return id("error") }
func valuesParam() param          { return param{"values", stringMap()} }
func oauthResult(typ string) code { return generic(rt("OAuthResult"), id(typ)) }

// generated is the file that difygen owns. Types and interfaces come first, since the
// author reads them, then functions.
func (p *plan) generated() ([]byte, error) {
	f := newFile(p.pkg)
	f.header(p.source.header(p.whole).String())
	for _, s := range p.sections {
		p.sectionTypes(f, s)
	}
	p.anyCredentialsType(f)
	p.subscriptionType(f)
	p.interfaces(f)
	p.difyType(f)
	p.dispatchTypes(f)
	for _, item := range p.items {
		item.types(p, f)
	}
	p.modelTypes(f)
	for _, s := range p.allSections() {
		p.sectionFunctions(f, s)
	}
	p.anyCredentialsFunctions(f)
	p.subscriptionFunctions(f)
	p.difyFunction(f)
	p.modelFunctions(f)
	p.emitConstructor(f)
	f.add(doc("This file and package runtime must match. If this line does not compile, do what its name says."),
		blankConst(rt(handshake)))
	if err := p.declaredModels(f); err != nil {
		return nil, err
	}
	return f.render()
}

// interfaces emits the interfaces that the author's type must satisfy.
func (p *plan) interfaces(f *file) {
	for _, c := range p.demanded() {
		name := p.names.contracts[c]
		f.add(doc("%s "+c.about, name, p.label), interfaceType(name, c.members(p)))
	}
}

// assertions emits declarations for which the compiler reports missing methods, and editors
// offer to declare them.
func (p *plan) assertions(f *file) {
	self := call(parens(ptr(id(p.names.provider))), null())
	var assertions []code
	for _, c := range p.demanded() {
		assertions = append(assertions, blank(id(p.names.contracts[c]), self))
	}
	if len(assertions) > 0 {
		about := doc("If %s lacks a method, the compiler reports it here.", p.names.provider)
		if p.models != nil && p.models.parameters != nil {
			about = doc("If %s lacks a method, the compiler reports it here. An optional one, such as CountTokens, is only called if its types are right. Add a line here if you write it:", p.names.provider)
			about = append(about, "", "	_ llm.TokenCounter["+p.models.creds.typ+", "+p.models.parameters.typ+"] = (*"+p.names.provider+")(nil)")
		}
		f.add(about, variables(assertions...))
	}
}

// members are the methods of the interface.
func (c *contract) members(p *plan) []member {
	var list []member
	for _, m := range c.methods(p) {
		list = append(list, member{m.about, interfaceMethod(m.name, m.signature)})
	}
	return list
}

// checked are the sections whose values the author checks.
func (p *plan) checked() []*section {
	return slices.DeleteFunc(slices.Clone(p.sections), func(s *section) bool { return s.check == nil })
}

// signature is the method that checks the values of s, the section that c belongs to.
func (c *check) signature(s *section) signature {
	params := []param{ctxParam()}
	if c.params != nil {
		params = append(params, c.params()...)
	}
	return signature{append(params, param{"creds", id(s.typ)}), []code{errorType()}}
}

func (p *plan) checkMethods() []contractMethod {
	var methods []contractMethod
	for _, s := range p.checked() {
		m := contractMethod{
			about: doc("%s returns nil if creds work%s. Dify shows the error to the user. If the service "+
				"cannot be reached, return runtime.Unreachable(err), which does not say that creds are wrong.", s.check.method, s.check.about),
			name: s.check.method, signature: s.check.signature(s),
			stub: doc("%s asks the service whether creds work, by a call such as the one above.", s.check.method),
		}
		if len(methods) == 0 {
			m.stub = doc("%s asks the service whether creds work, by the cheapest call that needs them, such as:", s.check.method)
			m.stub = append(append(m.stub, ""), s.exampleCall()...)
		}
		methods = append(methods, m)
	}
	return methods
}

func (p *plan) bindChecks(methods code) []code {
	var fields []code
	for _, s := range p.checked() {
		args := []code{id(s.decode), dot(methods, s.check.method)}
		if s.yaml.IsForm() {
			args = append(args, s.keys()...)
		}
		fields = append(fields, keyed(id(s.check.method), call(rt(s.check.bind), args...)))
	}
	return fields
}

func (p *plan) bindFlow(methods code) []code {
	client, creds := p.section(model.SectionOAuthClient), p.section(model.SectionOAuthCredentials)
	return []code{keyed(id("OAuth"), call(rt("BindOAuth"), methods, id(client.decode), id(creds.decode)))}
}

func (p *plan) flowMethods() []contractMethod {
	client := p.section(model.SectionOAuthClient).typ
	creds := p.section(model.SectionOAuthCredentials).typ
	start := []param{ctxParam(), {"redirectURI", id("string")}, {"client", id(client)}}
	with := func(more param) []param { return append(start[:len(start):len(start)], more) }
	one := func(about []string, name string, params []param, result, zero code) contractMethod {
		return contractMethod{about: about, name: name, signature: signature{params, []code{result, errorType()}}, zero: []code{zero}}
	}
	result := func() code { return oauthResult(creds) }
	return []contractMethod{
		one(doc("OAuthGetAuthorizationURL returns where the user's browser goes to authorize. The service then "+
			"redirects it to redirectURI, which is the same in all three calls."),
			AuthorizationMethod, start, id("string"), lit("")),
		one(doc("OAuthGetCredentials exchanges the authorization code in the callback for credentials. Look at "+
			"the callback's error parameter first."),
			ExchangeMethod, with(param{"callback", ptr(std(httpPath, "Request"))}), result(), composite(result())),
		one(doc("OAuthRefreshCredentials returns fresh credentials, which replace creds as a whole: keep the "+
			"refresh token if the server sends no new one."),
			RefreshMethod, with(param{"creds", id(creds)}), result(), composite(result())),
	}
}

// The methods of an OAuth flow. The type FlowType of the package FlowPath has them, too, so that
// a type that embeds it needs none.
const (
	AuthorizationMethod = "OAuthGetAuthorizationURL"
	ExchangeMethod      = "OAuthGetCredentials"
	RefreshMethod       = "OAuthRefreshCredentials"

	FlowPath = authcodePath
	FlowType = "Flow"
)

// flowConstructor is the function that makes the author's type, with the OAuth flow that it
// embeds and that has the methods of the contract.
func (p *plan) flowConstructor(contract string) authorConstructor {
	client, creds := p.section(model.SectionOAuthClient), p.section(model.SectionOAuthCredentials)
	config := generic(std(authcodePath, "Config"), id(client.typ), id(creds.typ))
	fields := []code{
		keyed(id("Endpoint"), composite(std(oauth2Path, "Endpoint"),
			keyed(id("AuthURL"), lit("https://service.example/authorize")), keyed(id("TokenURL"), lit("https://service.example/token")))),
		keyed(id("Scopes"), texts([]code{lit("read")})),
	}
	fields = append(fields, client.named("ClientIDField", "client_id", false)...)
	fields = append(fields, client.named("ClientSecretField", "client_secret", true)...)
	fields = append(fields, keyed(id(clientField), id("client")))
	flow := call(std(authcodePath, "MustNew"), id(creds.decode), composite(config, fields...))
	return authorConstructor{
		about: doc("%s returns the provider with its OAuth flow, which sends requests with client. Call it in main.go. The embedded flow has the methods of %s.",
			p.names.newProvider, contract),
		fields: []string{
			fmt.Sprintf("*authcode.%s[%s, %s]", FlowType, client.typ, creds.typ),
			clientField + " *http.Client // " + clientAbout,
		},
		name:      p.names.newProvider,
		signature: signature{[]param{{"client", ptr(std(httpPath, "Client"))}}, []code{ptr(id(p.names.provider))}},
		body:      []code{ret(address(composite(id(p.names.provider), keyed(id(FlowType), flow), keyed(id(clientField), id("client")))))},
	}
}

// named is the element of a literal that names the field of the section for what is usually
// in the field usual: the only text or, if secret, the only secret. It is nil if the usual
// field exists, or none can be meant.
func (s *section) named(element, usual string, secret bool) []code {
	var keys []string
	for _, f := range s.fields {
		if _, isText := f.shape.(textShape); f.key == usual || isText && !secret || f.shape.isSecret() && secret {
			keys = append(keys, f.key)
		}
	}
	if len(keys) != 1 || keys[0] == usual {
		return nil
	}
	return []code{keyed(id(element), lit(keys[0]))}
}

// emitConstructor emits the function that makes the adapter.
func (p *plan) emitConstructor(f *file) {
	if p.names.newAdapter == "" {
		return
	}
	c := p.kind.constructor(p)
	fields := append([]code{keyed(id("Name"), lit(p.identity))}, c.fields...)
	fields = append(fields, keyed(id("Fields"), p.fieldNames()))
	c.start = append(c.start, ret(call(rt("New"+p.kind.runtimeName), composite(c.config, fields...))))
	f.add(doc("%s %s", p.names.newAdapter, c.about),
		function(p.names.newAdapter, signature{[]param{c.param}, []code{rt(p.kind.adapter)}}, c.start...))
}

// config is the type of the runtime that an adapter is made from.
func (k kind) config() code { return rt(k.runtimeName + "Config") }

// providerConstructor converts p to the interfaces that it must satisfy, so that the
// compiler reports missing methods.
func (p *plan) providerConstructor() constructor {
	c := constructor{
		about: "lets Dify call p as the provider " + shown(p.identity) + ". It converts between the values that Dify sends and the types above.",
		param: param{"p", ptr(id(p.names.provider))}, config: p.kind.config(), start: p.decoders(),
	}
	p.bindContracts(&c)
	return c
}

// bindContracts adds what the contracts of the author bind.
func (p *plan) bindContracts(c *constructor) {
	for _, contract := range p.demanded() {
		methods := call(id(p.names.contracts[contract]), id("p"))
		if contract.local != "" && len(contract.methods(p)) > 0 { // a variable that is not used does not compile
			c.start = append(c.start, define(contract.local, methods))
			methods = id(contract.local)
		}
		c.fields = append(c.fields, contract.bind(p, methods)...)
	}
}

// fieldNames are the names of the provider's fields and its items' parameters, by whether they
// hold secrets. A name that is secret in one section is secret in all.
func (p *plan) fieldNames() code {
	isSecret := make(map[string]bool)
	for i := range p.source.Provider.Sections {
		for _, f := range p.source.Provider.Sections[i].Fields {
			isSecret[f.Name] = isSecret[f.Name] || f.HoldsSecret()
		}
	}
	for _, item := range p.items {
		params := item.parameters()
		if params == nil {
			continue
		}
		for _, f := range params.yaml.Fields {
			isSecret[f.Name] = isSecret[f.Name] || f.Type == model.TypeSecretInput
		}
	}
	if p.models != nil && p.models.parameters != nil {
		for _, f := range p.models.parameters.fields {
			if _, known := isSecret[f.key]; !known { // no parameter of a model is a secret
				isSecret[f.key] = false
			}
		}
	}
	var secret, public, elements []code
	for _, name := range slices.Sorted(maps.Keys(isSecret)) {
		switch {
		case name == "": // left out
		case isSecret[name]:
			secret = append(secret, lit(name))
		default:
			public = append(public, lit(name))
		}
	}
	if len(secret) > 0 {
		elements = append(elements, keyed(id("Secret"), texts(secret)))
	}
	if len(public) > 0 {
		elements = append(elements, keyed(id("Public"), texts(public)))
	}
	return address(composite(rt("Fields"), elements...))
}
