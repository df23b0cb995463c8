package gen

import (
	"maps"
	"slices"

	"github.com/difygen/difygen/model"
)

const handshake = "Version4UpdateDifygenThenRunGoGenerate"

// Types that generated signatures use.
func ctxParam() param             { return param{"ctx", std("context", "Context")} }
func errorType() code             { return id("error") }
func valuesParam() param          { return param{"values", stringMap()} }
func oauthResult(typ string) code { return generic(rt("OAuthResult"), id(typ)) }

// generated is the file that difygen owns. Types and interfaces come first, since the
// author reads them, then functions.
func (p *plan) generated() ([]byte, error) {
	f := newFile(p.pkg)
	f.header(p.source.header().String())
	for _, s := range p.sections {
		p.sectionTypes(f, s)
	}
	p.anyCredentialsType(f)
	p.subscriptionType(f)
	p.interfaces(f)
	for _, s := range p.sections {
		p.sectionFunctions(f, s)
	}
	p.anyCredentialsFunctions(f)
	p.subscriptionFunctions(f)
	p.assertions(f)
	p.emitConstructor(f)
	f.add(doc("This file and package runtime must match. If this line does not compile, do what its name says."),
		blankConst(rt(handshake)))
	return f.render()
}

// interfaces emits the interfaces that the author's type must satisfy.
func (p *plan) interfaces(f *file) {
	for _, c := range contracts {
		if name := p.names.contracts[c]; name != "" {
			f.add(doc("%s "+c.about, name, p.label), interfaceType(name, c.members(p)))
		}
	}
}

// assertions emits declarations for which the compiler reports missing methods.
func (p *plan) assertions(f *file) {
	self := call(parens(ptr(id(p.names.provider))), null())
	var assertions []code
	for _, c := range contracts {
		if name := p.names.contracts[c]; name != "" {
			assertions = append(assertions, blank(id(name), self))
		}
	}
	if len(assertions) > 0 {
		f.add(doc("If %s lacks a method, the compiler reports it here.", p.names.provider), variables(assertions...))
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
		methods = append(methods, contractMethod{
			doc("%s returns nil if creds work%s. Dify shows the error to the user. If the service "+
				"cannot be reached, return runtime.Unreachable(err), which does not say that creds are wrong.", s.check.method, s.check.about),
			s.check.method, s.check.signature(s),
		})
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
	return []contractMethod{
		{
			doc("OAuthGetAuthorizationURL returns where the user's browser goes to authorize. The service then " +
				"redirects it to redirectURI, which is the same in all three calls."),
			"OAuthGetAuthorizationURL", signature{start, []code{id("string"), errorType()}},
		},
		{
			doc("OAuthGetCredentials exchanges the authorization code in the callback for credentials. Look at " +
				"the callback's error parameter first."),
			"OAuthGetCredentials", signature{
				with(param{"callback", ptr(std("net/http", "Request"))}), []code{oauthResult(creds), errorType()},
			},
		},
		{
			doc("OAuthRefreshCredentials returns fresh credentials, which replace creds as a whole: keep the " +
				"refresh token if the server sends no new one."),
			"OAuthRefreshCredentials", signature{
				with(param{"creds", id(creds)}), []code{oauthResult(creds), errorType()},
			},
		},
	}
}

// emitConstructor emits the function that makes the adapter.
func (p *plan) emitConstructor(f *file) {
	if p.names.newAdapter == "" {
		return
	}
	c := p.kind.constructor(p)
	fields := append([]code{keyed(id("Name"), lit(p.identity))}, c.fields...)
	fields = append(fields, keyed(id("Fingerprint"), p.fingerprint()))
	f.add(doc("%s %s", p.names.newAdapter, c.about),
		function(p.names.newAdapter, signature{[]param{c.param}, []code{rt(p.kind.adapter)}},
			ret(call(rt("New"+p.kind.runtimeName), composite(c.config, fields...)))))
}

// config is the type of the runtime that an adapter is made from.
func (k kind) config() code { return rt(k.runtimeName + "Config") }

// providerConstructor converts p to the interfaces that it must satisfy, so that the
// compiler reports missing methods.
func (p *plan) providerConstructor() constructor {
	c := constructor{
		about: "lets Dify call p as the provider " + shown(p.identity) + ". It converts between the values that Dify sends and the types above.",
		param: param{"p", ptr(id(p.names.provider))}, config: p.kind.config(),
	}
	for _, contract := range contracts {
		if name := p.names.contracts[contract]; name != "" {
			c.fields = append(c.fields, contract.bind(p, call(id(name), id("p")))...)
		}
	}
	return c
}

func (p *plan) endpointsConstructor() constructor {
	settings := p.section(p.kind.handled)
	return constructor{
		about: "lets Dify call the endpoints of " + p.label + ". For every request it calls handler with the settings of the " +
			"endpoint, and serves the request with the handler that it returns.",
		param: param{"handler", funcType(signature{
			[]param{{"settings", id(settings.typ)}}, []code{std("net/http", "Handler"), errorType()},
		})},
		config: generic(p.kind.config(), id(settings.typ)),
		fields: []code{keyed(id("DecodeSettings"), id(settings.decode)), keyed(id("Handler"), id("handler"))},
	}
}

// fingerprint is the fingerprint of the YAML, which serve compares with the YAML that the
// plugin runs with.
func (p *plan) fingerprint() code {
	fingerprint := p.source.Provider.Fingerprint()
	var elements []code
	for _, path := range slices.Sorted(maps.Keys(fingerprint)) {
		elements = append(elements, keyed(lit(path), lit(fingerprint[path])))
	}
	return composite(rt("Fingerprint"), elements...)
}
