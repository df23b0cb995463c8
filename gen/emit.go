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
func (p *Plan) generated() ([]byte, error) {
	f := newFile(p.Package)
	f.header(Header[len("// "):] + p.Source + HeaderEnd)
	f.add(doc("If this line does not compile, do what the name says: this file and the runtime differ."),
		blankConst(rt(handshake)))
	if p.Names.Provider != "" {
		p.contract(f)
		p.newProvider(f)
	}
	if p.Names.NewEndpoints != "" {
		p.newEndpoints(f)
	}
	for _, s := range p.Sections {
		p.section(f, s)
		for _, e := range p.enums {
			if s.first(e) {
				p.enum(f, e)
			}
		}
	}
	if p.Names.Subscription != "" {
		p.subscription(f)
	}
	if p.Names.AnyCredentials != "" {
		p.anyCredentials(f)
	}
	return f.render()
}

// first reports whether s is where e is declared: the first section to use it.
func (s *Section) first(e *enum) bool { return e.section == s.Name }

// contract emits the interfaces that the author's type must satisfy, and the
// assertions that make the compiler say what is missing.
func (p *Plan) contract(f *file) {
	n := p.Names
	self := call(parens(ptr(id(n.Provider))), null())
	var assertions []code
	if n.CredentialsValidator != "" {
		f.add(doc("%s checks what a user entered to connect %s.", n.CredentialsValidator, p.Label),
			interfaceType(n.CredentialsValidator, p.validateMethods()))
		assertions = append(assertions, blank(id(n.CredentialsValidator), self))
	}
	if n.OAuthFlow != "" {
		f.add(doc("%s is the OAuth 2.0 authorization code grant (RFC 6749, section 4.1) of %s.", n.OAuthFlow, p.Label),
			interfaceType(n.OAuthFlow, p.flowMethods()))
		assertions = append(assertions, blank(id(n.OAuthFlow), self))
	}
	if n.SubscriptionConstructor != "" {
		f.add(doc("%s makes subscriptions to the events of %s.", n.SubscriptionConstructor, p.Label),
			interfaceType(n.SubscriptionConstructor, p.subscriptionMethods()))
		assertions = append(assertions, blank(id(n.SubscriptionConstructor), self))
	}
	f.add(doc("The compiler says here which methods %s lacks.", n.Provider), variables(assertions...))
}

// validation is a method of the author that checks the credentials of a section.
type validation struct {
	name, about string
	section     *Section
	params      []param
}

// validations are the checks that the author writes.
func (p *Plan) validations() []validation {
	var list []validation
	add := func(name model.SectionName, method, about string, params ...param) {
		if s := p.Section(name); s != nil {
			list = append(list, validation{method, about, s, append(params, param{"creds", id(s.Type)})})
		}
	}
	add(model.SectionCredentials, "ValidateCredentials", "")
	add(model.SectionProviderCredentials, "ValidateProviderCredentials", " for the provider as a whole")
	add(model.SectionModelCredentials, "ValidateModelCredentials", " for the model of that type and name",
		param{"modelType", rt("ModelType")}, param{"model", id("string")})
	return list
}

func (p *Plan) validateMethods() []member {
	var methods []member
	for _, v := range p.validations() {
		methods = append(methods, member{
			doc("%s returns nil if creds work%s. Dify shows the error to the user. An error of asking "+
				"the service, marked with runtime.Unreachable, does not blame the credentials.", v.name, v.about),
			interfaceMethod(v.name, signature{append([]param{ctxParam()}, v.params...), []code{errorType()}}),
		})
	}
	return methods
}

func (p *Plan) flowMethods() []member {
	client := p.Section(model.SectionOAuthClient).Type
	creds := p.Section(model.SectionOAuthCredentials).Type
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

// newProvider emits the bridge from the typed methods to the wire.
func (p *Plan) newProvider(f *file) {
	n := p.Names
	args := []code{lit(p.Identity)}
	if p.Kind == model.KindModel {
		args = append(args, p.validate("BindProviderCredentials", model.SectionProviderCredentials, "ValidateProviderCredentials"),
			p.validate("BindModelCredentials", model.SectionModelCredentials, "ValidateModelCredentials"))
	} else {
		oauth := null()
		if n.OAuthFlow != "" {
			client, creds := p.Section(model.SectionOAuthClient), p.Section(model.SectionOAuthCredentials)
			// With the types written out, the compiler says once which method is missing.
			oauth = call(generic(rt("BindOAuth"), id(client.Type), id(creds.Type)), id("p"), id(client.Decode), id(creds.Decode))
		}
		args = append(args, p.validate("BindCredentials", model.SectionCredentials, "ValidateCredentials"), oauth)
	}
	if p.Kind == model.KindTrigger {
		args = append(args, p.bindSubscriptions())
	}
	args = append(args, p.schema())
	f.add(doc("%s returns p as Dify addresses it: by the name %s, with untyped values.", n.NewProvider, shown(p.Identity)),
		function(n.NewProvider,
			signature{[]param{{"p", ptr(id(n.Provider))}}, []code{rt(faces[p.Kind].result)}},
			ret(callLines(rt(faces[p.Kind].constructor), args...))))
}

// newEndpoints emits the bridge from a handler with typed settings to the wire.
func (p *Plan) newEndpoints(f *file) {
	settings := p.Section(model.SectionSettings)
	handler := std("net/http", "Handler")
	f.add(doc("%s returns the endpoints of %s as Dify calls them. For every request, handler makes what answers it, "+
		"with the settings of the endpoint that it came to.", p.Names.NewEndpoints, p.Label),
		function(p.Names.NewEndpoints,
			signature{
				[]param{{"handler", funcType(signature{[]param{{"settings", id(settings.Type)}}, []code{handler, errorType()}})}},
				[]code{rt("Endpoints")},
			},
			ret(callLines(rt("NewEndpoints"), lit(p.Identity), id(settings.Decode), id("handler"), p.schema()))))
}

// schema is what serve compares with the YAML that the plugin runs with.
func (p *Plan) schema() code {
	var entries []code
	for _, path := range slices.Sorted(maps.Keys(p.Schema)) {
		entries = append(entries, keyed(lit(path), lit(p.Schema[path])))
	}
	return composite(rt("Schema"), entries...)
}

// validate is the binding of a check of the author to the wire; nil for a section
// that is not there.
func (p *Plan) validate(bind string, section model.SectionName, method string) code {
	s := p.Section(section)
	if s == nil {
		return null()
	}
	args := []code{id(s.Decode), dot(id("p"), method)}
	if s.IsForm {
		args = append(args, s.keys()...)
	}
	return call(rt(bind), args...)
}

// faces are the functions of the runtime that give each kind its untyped face, and
// what they return.
var faces = map[model.Kind]struct{ constructor, result string }{
	model.KindTool:       {"NewTool", "Provider"},
	model.KindDatasource: {"NewDatasource", "Provider"},
	model.KindModel:      {"NewModel", "ModelProvider"},
	model.KindTrigger:    {"NewTrigger", "TriggerProvider"},
}

// anyCredentials emits the sum of the ways to authorize.
func (p *Plan) anyCredentials(f *file) {
	n := p.Names
	ways := p.ways()
	names := ways[0].Type
	if len(ways) > 1 {
		names += " or " + ways[1].Type
	}
	f.add(doc("%s is what a "+string(p.Kind)+" is called with: %s.", n.AnyCredentials, names),
		interfaceType(n.AnyCredentials, []member{
			{nil, interfaceMethod("Values", signature{nil, []code{stringMap()}})},
			{nil, interfaceMethod("Validate", signature{nil, []code{errorType()}})},
			{nil, interfaceMethod(n.IsAnyCredentials, signature{})},
		}))
	for _, s := range ways {
		f.add(nil, method("", id(s.Type), n.IsAnyCredentials, signature{}))
	}
	var cases []code
	for _, s := range ways {
		types := []code{rt("CredentialTypeOAuth2")}
		if s.Name == model.SectionCredentials {
			types = []code{rt("CredentialTypeAPIKey"), lit("")}
		}
		cases = append(cases, caseOf(types,
			define2("creds", "err", call(id(s.Decode), id("values"))),
			when(binary(id("err"), "!=", null()), ret(null(), id("err"))),
			ret(id("creds"), null())))
	}
	f.add(doc("%s reads the values that Dify sends with a call; t says how the user authorized. "+
		"Its error names every field at fault, and no value.", n.DecodeAnyCredentials),
		function(n.DecodeAnyCredentials,
			signature{[]param{{"t", rt("CredentialType")}, valuesParam()}, []code{id(n.AnyCredentials), errorType()}},
			choose(id("t"), cases...),
			ret(null(), call(rt("UnsupportedCredentialType"), lit(p.Label), id("t")))))
}
