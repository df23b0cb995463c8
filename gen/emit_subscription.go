package gen

import "github.com/difygen/difygen/model"

// credentialsType is what a trigger's methods are called with.
func (p *plan) credentialsType() code {
	if p.names.anyCredentials == "" {
		return rt("NoCredentials")
	}
	return id(p.names.anyCredentials)
}

func (p *plan) subscriptionMethods() []contractMethod {
	sub := id(p.names.subscription)
	creds := param{"creds", p.credentialsType()}
	methods := []contractMethod{
		{
			about: doc("CreateSubscription asks the service to call endpoint with the events that params describe. " +
				"Put what refreshing and deleting need into the properties."),
			name: "CreateSubscription", zero: []code{composite(sub)},
			signature: signature{
				[]param{ctxParam(), {"endpoint", id("string")}, {"params", id(p.section(model.SectionParameters).typ)}, creds},
				[]code{sub, errorType()},
			},
		},
		{
			about: doc("RefreshSubscription keeps a subscription alive; it returns sub with its new expiry."),
			name:  "RefreshSubscription", zero: []code{composite(sub)},
			signature: signature{[]param{ctxParam(), {"sub", sub}, creds}, []code{sub, errorType()}},
		},
		{
			about: doc("DeleteSubscription asks the service to stop. It is not an error if the service does not know the subscription."),
			name:  "DeleteSubscription", signature: signature{[]param{ctxParam(), {"sub", sub}, creds}, []code{errorType()}},
		},
	}
	for _, o := range p.options {
		methods = append(methods, p.choicesMethod(o, "of subscriptions"))
	}
	return methods
}

func (p *plan) bindSubscriptions(methods code) []code {
	n := p.names
	params, decode := p.section(model.SectionParameters), rt("DecodeNoCredentials")
	if n.anyCredentials != "" {
		decode = id(n.decodeAnyCredentials)
	}
	fields := []code{keyed(id("Subscriptions"),
		call(rt("BindSubscriptions"), methods, id(params.decode), id(n.decodeSubscription), decode))}
	if len(p.options) > 0 {
		fields = append(fields, keyed(id("Options"), p.bindChoices(p.fetchDecoder(), p.options, methods)))
	}
	return fields
}

// subscriptionType emits the typed subscription.
func (p *plan) subscriptionType(f *file) {
	n := p.names
	if n.subscription == "" {
		return
	}
	params, props := p.section(model.SectionParameters), p.section(model.SectionSubscription)
	fields := []member{{doc("Endpoint is the URL that the service calls."), structField("Endpoint", id("string"))}}
	if params != nil {
		fields = append(fields, member{doc("Parameters are what the user chose."), structField("Parameters", id(params.typ))})
	}
	f.add(doc("%s is a subscription to events of %s.", n.subscription, p.label), structType(n.subscription, append(fields,
		member{doc("Properties are what the plugin needs to know about it."), structField("Properties", id(props.typ))},
		member{doc("Extra are properties that %s does not declare, so that Dify stores them in plain text. Declare what you can, which gives it a field of Properties.", props.yaml.Path), structField("Extra", stringMap())},
		member{doc("ExpiresAt is when Dify must refresh it. The zero time means never."), structField("ExpiresAt", std("time", "Time"))},
	)))
}

// subscriptionFields are the elements of a literal of the typed subscription that is made from s, but for
// those of sections, which are in variables.
func (p *plan) subscriptionFields() []code {
	props := p.section(model.SectionSubscription)
	fields := []code{keyed(id("Endpoint"), dot(id("s"), "Endpoint"))}
	if p.section(model.SectionParameters) != nil {
		fields = append(fields, keyed(id("Parameters"), id("params")))
	}
	undeclared := append([]code{revealed("Properties")}, props.keys()...)
	return append(fields, keyed(id("Properties"), id("properties")),
		keyed(id("Extra"), call(rt("Undeclared"), undeclared...)), keyed(id("ExpiresAt"), call(dot(id("s"), "Expiry"))))
}

// revealed are the values of a field of s, as Dify stores them.
func revealed(field string) code { return call(dot(dot(id("s"), field), "Reveal")) }

// draftFunction emits the function that reads a subscription that may be incomplete.
func (p *plan) draftFunction(f *file) {
	n := p.names
	if n.draftSubscription == "" {
		return
	}
	var body []code
	read := func(name string, s *section, values string) {
		switch {
		case s == nil:
		case s.read == "":
			body = append(body, declare(name, id(s.typ)))
		default:
			decoder := call(rt("NewDraftDecoder"), lit(s.label), revealed(values))
			body = append(body, define2(name, "_", call(id(s.read), decoder)))
		}
	}
	read("params", p.section(model.SectionParameters), "Parameters")
	read("properties", p.section(model.SectionSubscription), "Properties")
	about := "%s reads a subscription that may be incomplete, since a user is setting it up: what is missing or wrong is zero."
	f.add(doc(about, n.draftSubscription),
		function(n.draftSubscription, signature{[]param{{"s", rt("Subscription")}}, []code{id(n.subscription)}},
			append(body, ret(composite(id(n.subscription), p.subscriptionFields()...)))...))
}

func (p *plan) subscriptionFunctions(f *file) {
	p.draftFunction(f)
	n := p.names
	if n.decodeSubscription == "" {
		return
	}
	params, props := p.section(model.SectionParameters), p.section(model.SectionSubscription)
	field := func(name string) code { return dot(id("s"), name) }
	f.add(doc("%s reads a subscription as Dify stores it.", n.decodeSubscription),
		function(n.decodeSubscription, signature{[]param{{"s", rt("Subscription")}}, []code{id(n.subscription), errorType()}},
			define2("params", "err", call(id(params.decode), revealed("Parameters"))),
			when(binary(id("err"), "!=", null()), ret(composite(id(n.subscription)), id("err"))),
			define2("properties", "err", call(id(props.decode), revealed("Properties"))),
			when(binary(id("err"), "!=", null()), ret(composite(id(n.subscription)), id("err"))),
			ret(composite(id(n.subscription), p.subscriptionFields()...), null())))
	err := define("err", call(dot(field("Parameters"), "Validate")))
	f.add(doc("Validate checks Parameters and Properties."),
		method("s", id(n.subscription), "Validate", signature{nil, []code{errorType()}},
			whenDefined(err, binary(id("err"), "!=", null()), ret(id("err"))),
			ret(call(dot(field("Properties"), "Validate")))))
	f.add(doc("Wire returns the subscription as Dify stores it, secrets revealed."),
		method("s", id(n.subscription), "Wire", signature{nil, []code{rt("Subscription")}},
			ret(call(rt("NewSubscription"), field("Endpoint"), call(dot(field("Parameters"), "Values")),
				call(dot(field("Properties"), "Values")), field("Extra"), field("ExpiresAt")))))
}
