package gen

import "github.com/difygen/difygen/model"

// credentialsType is what a trigger's methods are called with.
func (p *Plan) credentialsType() code {
	if p.Names.AnyCredentials == "" {
		return rt("NoCredentials")
	}
	return id(p.Names.AnyCredentials)
}

func (p *Plan) bindSubscriptions() code {
	n := p.Names
	if n.Subscription == "" {
		return null()
	}
	decode := rt("DecodeNoCredentials")
	if n.AnyCredentials != "" {
		decode = id(n.DecodeAnyCredentials)
	}
	params := p.Section(model.SectionParameters)
	return call(generic(rt("BindSubscriptions"), id(params.Type), id(n.Subscription), p.credentialsType()),
		id("p"), id(params.Decode), id(n.DecodeSubscription), decode)
}

func (p *Plan) subscriptionMethods() []member {
	sub := id(p.Names.Subscription)
	creds := param{"creds", p.credentialsType()}
	return []member{
		{
			doc("CreateSubscription asks the service to call endpoint with the events that params describe. " +
				"What refreshing and deleting need to know goes into the properties."),
			interfaceMethod("CreateSubscription", signature{
				[]param{ctxParam(), {"endpoint", id("string")}, {"params", id(p.Section(model.SectionParameters).Type)}, creds},
				[]code{sub, errorType()},
			}),
		},
		{
			doc("RefreshSubscription keeps a subscription alive; it returns sub with its new expiry."),
			interfaceMethod("RefreshSubscription", signature{[]param{ctxParam(), {"sub", sub}, creds}, []code{sub, errorType()}}),
		},
		{
			doc("DeleteSubscription asks the service to stop. That the service knows nothing of it is no error."),
			interfaceMethod("DeleteSubscription", signature{[]param{ctxParam(), {"sub", sub}, creds}, []code{errorType()}}),
		},
	}
}

// subscription emits the typed subscription.
func (p *Plan) subscription(f *file) {
	n := p.Names
	params, props := p.Section(model.SectionParameters), p.Section(model.SectionSubscription)
	f.add(doc("%s is a subscription to events of %s.", n.Subscription, p.Label), structType(n.Subscription, []member{
		{doc("Endpoint is the URL that the service calls."), structField("Endpoint", id("string"))},
		{doc("Parameters are what the user chose."), structField("Parameters", id(params.Type))},
		{doc("Properties are what the plugin needs to know of it."), structField("Properties", id(props.Type))},
		{doc("Extra are properties that %s does not declare, such as the service's own name for the subscription.", props.Path), structField("Extra", stringMap())},
		{doc("ExpiresAt is when Dify must refresh it. The zero time means never."), structField("ExpiresAt", std("time", "Time"))},
	}))
	field := func(name string) code { return dot(id("s"), name) }
	undeclared := append([]code{field("Properties")}, props.keys()...)
	f.add(doc("%s reads a subscription as Dify stores it.", n.DecodeSubscription),
		function(n.DecodeSubscription, signature{[]param{{"s", rt("Subscription")}}, []code{id(n.Subscription), errorType()}},
			define2("params", "err", call(id(params.Decode), field("Parameters"))),
			when(binary(id("err"), "!=", null()), ret(composite(id(n.Subscription)), id("err"))),
			define2("properties", "err", call(id(props.Decode), field("Properties"))),
			when(binary(id("err"), "!=", null()), ret(composite(id(n.Subscription)), id("err"))),
			ret(composite(id(n.Subscription),
				keyed(id("Endpoint"), field("Endpoint")), keyed(id("Parameters"), id("params")),
				keyed(id("Properties"), id("properties")),
				keyed(id("Extra"), call(rt("Undeclared"), undeclared...)), keyed(id("ExpiresAt"), call(field("Expiry")))), null())))
	f.add(doc("Wire returns the subscription as Dify stores it, secrets revealed."),
		method("s", id(n.Subscription), "Wire", signature{nil, []code{rt("Subscription")}},
			ret(call(rt("NewSubscription"), field("Endpoint"), call(dot(field("Parameters"), "Values")),
				call(dot(field("Properties"), "Values")), field("Extra"), field("ExpiresAt")))))
}
