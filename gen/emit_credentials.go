package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// anyCredentialsType emits the interface of the credentials of a call.
func (p *plan) anyCredentialsType(f *file) {
	n := p.names
	if n.anyCredentials == "" {
		return
	}
	ways := p.ways()
	names := ways[0].typ
	if len(ways) > 1 {
		names += " or " + ways[1].typ
	}
	f.add(doc("%s is what %s is called with: %s.", n.anyCredentials, p.kind.called, names),
		interfaceType(n.anyCredentials, []member{
			{nil, interfaceMethod("Values", signature{nil, []code{stringMap()}})},
			{nil, interfaceMethod(n.isAnyCredentials, signature{})},
		}))
}

func (p *plan) anyCredentialsFunctions(f *file) {
	n := p.names
	if n.anyCredentials == "" {
		return
	}
	ways := p.ways()
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
	f.add(doc("%s reads the values that Dify sends with a call; t says how the user authorized.", n.decodeAnyCredentials),
		function(n.decodeAnyCredentials,
			signature{[]param{{"t", rt("CredentialType")}, valuesParam()}, []code{id(n.anyCredentials), errorType()}},
			choose(id("t"), cases...),
			ret(null(), call(rt("UnsupportedCredentialType"), lit(p.label), id("t")))))
}

// ways are the sections whose values can authorize a call.
func (p *plan) ways() []*section {
	return slices.DeleteFunc(slices.Clone(p.sections), func(s *section) bool { return s.credentialTypes == nil })
}

// callCredentials is the type of the credentials of calls; nil if there are none.
func (p *plan) callCredentials() code {
	ways := p.ways()
	switch {
	case p.names.anyCredentials != "":
		return id(p.names.anyCredentials)
	case len(ways) > 0:
		return id(ways[0].typ)
	}
	return nil
}

// credentialsParams are the parameters of a method that only credentials are passed to.
func (p *plan) credentialsParams() []param {
	params := []param{ctxParam()}
	if creds := p.callCredentials(); creds != nil {
		params = append(params, param{"creds", creds})
	}
	return params
}

// The variables of a constructor that hold decoders of credentials.
const (
	decodeVariable      = "decode"
	decodeFetchVariable = "decodeFetch"
)

// callDecoder is the function that decodes the credentials of calls.
func (p *plan) callDecoder() code {
	switch {
	case p.callCredentials() == nil:
		return rt("DecodeNoCredentials")
	case p.names.anyCredentials == "", p.decoderName() == decodeVariable:
		return id(decodeVariable)
	}
	return id(p.names.decodeAnyCredentials)
}

// fetchDecoder is the function that decodes the credentials of requests for choices and
// parameters, which may lack their type.
func (p *plan) fetchDecoder() code {
	if name := p.decoderName(); name != "" {
		return id(name)
	}
	return p.callDecoder()
}

// decoderName is the variable that holds a decoder that guesses the type of credentials; empty if none is needed.
func (p *plan) decoderName() string {
	switch {
	case p.names.anyCredentials == "":
		return ""
	case p.kind.isUntyped:
		return decodeVariable
	case p.fetches():
		return decodeFetchVariable
	}
	return ""
}

// decoders defines the variables that hold decoders of credentials, where they are needed.
func (p *plan) decoders() []code {
	ways := p.ways()
	switch {
	case len(p.items) > 0 && len(ways) > 0 && p.names.anyCredentials == "":
		types := ways[0].credentialTypes()
		if ways[0].yaml.Name == model.SectionOAuthCredentials {
			types = append(types, lit(""))
		}
		args := append([]code{lit(p.label), id(ways[0].decode)}, types...)
		return []code{define(decodeVariable, call(rt("OneWay"), args...))}
	case p.decoderName() != "":
		args := []code{id(p.names.decodeAnyCredentials)}
		for _, s := range ways {
			args = append(args, s.way())
		}
		return []code{define(p.decoderName(), callLines(rt("AnyWay"), args...))}
	}
	return nil
}

// fetches reports whether the author has a method that is only called with credentials.
func (p *plan) fetches() bool {
	return len(p.options) > 0 || slices.ContainsFunc(p.items, plannedItem.fetches)
}

// way says by which keys credentials of a section are known.
func (s *section) way() code {
	var required, declared []code
	for _, f := range s.fields {
		if f.isRequired() && f.variants[0].def == nil {
			required = append(required, lit(f.key))
		}
		declared = append(declared, lit(f.key))
	}
	fields := []code{keyed(id("Type"), s.credentialTypes()[0])}
	if len(required) > 0 {
		fields = append(fields, keyed(id("Required"), texts(required)))
	}
	return oneLine(rt("Way"), append(fields, keyed(id("Declared"), texts(declared)))...)
}
