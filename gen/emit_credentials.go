package gen

import "slices"

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
