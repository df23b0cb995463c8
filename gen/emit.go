package gen

import (
	"maps"
	"slices"

	"github.com/difygen/difygen/model"
)

const handshake = "Version3UpdateDifygenThenRunGoGenerate"

// Types that generated signatures use.
func ctxParam() param             { return param{"ctx", std("context", "Context")} }
func errorType() code             { return id("error") }
func valuesParam() param          { return param{"values", stringMap()} }
func oauthResult(typ string) code { return generic(rt("OAuthResult"), id(typ)) }

// generated is the file that difygen owns.
func (p *plan) generated() ([]byte, error) {
	f := newFile(p.pkg)
	f.header(header(p.source.ID))
	f.add(doc("If this line does not compile, do what the name says: this file and the runtime differ."),
		blankConst(rt(handshake)))
	if p.names.provider != "" {
		p.contract(f)
		p.newProvider(f)
	}
	if p.names.newEndpoints != "" {
		p.newEndpoints(f)
	}
	for _, s := range p.sections {
		p.emitSection(f, s)
		for _, e := range p.enums {
			if s.first(e) {
				p.enum(f, e)
			}
		}
	}
	if p.names.subscription != "" {
		p.subscription(f)
	}
	if p.names.anyCredentials != "" {
		p.anyCredentials(f)
	}
	return f.render()
}

// first reports whether s is where e is declared: the first section to use it.
func (s *section) first(e *enum) bool { return e.section == s.name }

// contract emits the interfaces that the author's type must satisfy, and the
// assertions that make the compiler say what is missing.
func (p *plan) contract(f *file) {
	n := p.names
	self := call(parens(ptr(id(n.provider))), null())
	var assertions []code
	if n.credentialsValidator != "" {
		f.add(doc("%s checks what a user entered to connect %s.", n.credentialsValidator, p.label),
			interfaceType(n.credentialsValidator, p.checkMethods()))
		assertions = append(assertions, blank(id(n.credentialsValidator), self))
	}
	if n.oauthFlow != "" {
		f.add(doc("%s is the OAuth 2.0 authorization code grant (RFC 6749, section 4.1) of %s.", n.oauthFlow, p.label),
			interfaceType(n.oauthFlow, p.flowMethods()))
		assertions = append(assertions, blank(id(n.oauthFlow), self))
	}
	if n.subscriptionConstructor != "" {
		f.add(doc("%s makes subscriptions to the events of %s.", n.subscriptionConstructor, p.label),
			interfaceType(n.subscriptionConstructor, p.subscriptionMethods()))
		assertions = append(assertions, blank(id(n.subscriptionConstructor), self))
	}
	f.add(doc("The compiler says here which methods %s lacks.", n.provider), variables(assertions...))
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

func (p *plan) checkMethods() []member {
	var methods []member
	for _, s := range p.checked() {
		methods = append(methods, member{
			doc("%s returns nil if creds work%s. Dify shows the error to the user. An error of asking "+
				"the service, marked with runtime.Unreachable, does not blame the credentials.", s.check.method, s.check.about),
			interfaceMethod(s.check.method, s.check.signature(s)),
		})
	}
	return methods
}

func (p *plan) flowMethods() []member {
	client := p.section(model.SectionOAuthClient).typ
	creds := p.section(model.SectionOAuthCredentials).typ
	start := []param{ctxParam(), {"redirectURI", id("string")}, {"client", id(client)}}
	with := func(more param) []param { return append(start[:len(start):len(start)], more) }
	return []member{
		{
			doc("OAuthGetAuthorizationURL returns where the user's browser goes to authorize. From there it " +
				"comes back to redirectURI, which is the same in all three calls."),
			interfaceMethod("OAuthGetAuthorizationURL", signature{start, []code{id("string"), errorType()}}),
		},
		{
			doc("OAuthGetCredentials exchanges the authorization code in the callback for credentials. Look at " +
				"the callback's error parameter first."),
			interfaceMethod("OAuthGetCredentials", signature{
				with(param{"callback", ptr(std("net/http", "Request"))}), []code{oauthResult(creds), errorType()},
			}),
		},
		{
			doc("OAuthRefreshCredentials returns fresh credentials, which replace creds as a whole: keep the " +
				"refresh token if the server sends no new one."),
			interfaceMethod("OAuthRefreshCredentials", signature{
				with(param{"creds", id(creds)}), []code{oauthResult(creds), errorType()},
			}),
		},
	}
}

// newProvider emits the function that makes the adapter from the typed methods.
func (p *plan) newProvider(f *file) {
	n := p.names
	args := []code{lit(p.identity)}
	if p.source.Provider.Kind == model.KindModel {
		args = append(args, p.bindCheck(model.SectionProviderCredentials), p.bindCheck(model.SectionModelCredentials))
	} else {
		oauth := null()
		if n.oauthFlow != "" {
			client, creds := p.section(model.SectionOAuthClient), p.section(model.SectionOAuthCredentials)
			// With the types written out, the compiler says once which method is missing.
			oauth = call(generic(rt("BindOAuth"), id(client.typ), id(creds.typ)), id("p"), id(client.decode), id(creds.decode))
		}
		args = append(args, p.bindCheck(model.SectionCredentials), oauth)
	}
	if p.source.Provider.Kind == model.KindTrigger {
		args = append(args, p.bindSubscriptions())
	}
	args = append(args, p.schema())
	f.add(doc("%s returns p as Dify addresses it: by the name %s, with untyped values.", n.newProvider, shown(p.identity)),
		function(n.newProvider,
			signature{[]param{{"p", ptr(id(n.provider))}}, []code{rt(p.kind.adapter)}},
			ret(callLines(rt(p.kind.constructor), args...))))
}

// newEndpoints emits the bridge from a handler with typed settings to the wire.
func (p *plan) newEndpoints(f *file) {
	settings := p.section(model.SectionSettings)
	handler := std("net/http", "Handler")
	f.add(doc("%s returns the endpoints of %s as Dify calls them. For every request, handler makes what answers it, "+
		"with the settings of the endpoint that it came to.", p.names.newEndpoints, p.label),
		function(p.names.newEndpoints,
			signature{
				[]param{{"handler", funcType(signature{[]param{{"settings", id(settings.typ)}}, []code{handler, errorType()}})}},
				[]code{rt(p.kind.adapter)},
			},
			ret(callLines(rt(p.kind.constructor), lit(p.identity), id(settings.decode), id("handler"), p.schema()))))
}

// schema is what serve compares with the YAML that the plugin runs with.
func (p *plan) schema() code {
	schema := p.source.Provider.Schema()
	var entries []code
	for _, path := range slices.Sorted(maps.Keys(schema)) {
		entries = append(entries, keyed(lit(path), lit(schema[path])))
	}
	return composite(rt("Schema"), entries...)
}

// bindCheck is the binding of a check of the author to the wire; nil for a section
// that is not there.
func (p *plan) bindCheck(name model.SectionName) code {
	s := p.section(name)
	if s == nil {
		return null()
	}
	args := []code{id(s.decode), dot(id("p"), s.check.method)}
	if s.isForm {
		args = append(args, s.keys()...)
	}
	return call(rt(s.check.bind), args...)
}

// anyCredentials emits the sum of the ways to authorize.
func (p *plan) anyCredentials(f *file) {
	n := p.names
	ways := p.ways()
	names := ways[0].typ
	if len(ways) > 1 {
		names += " or " + ways[1].typ
	}
	f.add(doc("%s is what %s is called with: %s.", n.anyCredentials, p.kind.called, names),
		interfaceType(n.anyCredentials, []member{
			{nil, interfaceMethod("Values", signature{nil, []code{stringMap()}})},
			{nil, interfaceMethod("Validate", signature{nil, []code{errorType()}})},
			{nil, interfaceMethod(n.isAnyCredentials, signature{})},
		}))
	for _, s := range ways {
		f.add(nil, method("", id(s.typ), n.isAnyCredentials, signature{}))
	}
	var cases []code
	for _, s := range ways {
		cases = append(cases, caseOf(s.credentialTypes(),
			define2("creds", "err", call(id(s.decode), id("values"))),
			when(binary(id("err"), "!=", null()), ret(null(), id("err"))),
			ret(id("creds"), null())))
	}
	f.add(doc("%s reads the values that Dify sends with a call; t says how the user authorized. "+
		"Its error names every field at fault, and no value.", n.decodeAnyCredentials),
		function(n.decodeAnyCredentials,
			signature{[]param{{"t", rt("CredentialType")}, valuesParam()}, []code{id(n.anyCredentials), errorType()}},
			choose(id("t"), cases...),
			ret(null(), call(rt("UnsupportedCredentialType"), lit(p.label), id("t")))))
}

// ways are the sections with whose values a call can be authorized.
func (p *plan) ways() []*section {
	return slices.DeleteFunc(slices.Clone(p.sections), func(s *section) bool { return s.credentialTypes == nil })
}
