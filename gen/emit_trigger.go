package gen

// types emits the types of an event, in the order in which an author meets them.
func (e *event) types(p *plan, f *file) {
	fields := []member{{nil, std(triggerPath, "EventCall")}}
	fields = append(fields, p.webhookFields()...)
	fields = append(fields,
		member{doc("Payload is what Dispatch has passed on. Dify keeps it as JSON, in which numbers are as exact as a float64."), structField("Payload", id(e.payload))},
		member{nil, structField("Parameters", id(e.params.typ))}, member{nil, structField("Dify", id(p.names.dify))})
	f.add(doc("%s is a call of the event %s.", e.call, e.label), structType(e.call, fields))
	p.sectionTypes(f, e.params)
	e.variables.emit(f)
	for _, s := range e.structs {
		s.emit(f)
	}
}

// webhookFields are the fields of calls with what a webhook belongs to.
func (p *plan) webhookFields() []member {
	fields := []member{{nil, structField("Subscription", id(p.names.subscription))}}
	if creds := p.callCredentials(); creds != nil {
		fields = append(fields, member{doc("Credentials are nil if there are none."), structField("Credentials", creds)})
	}
	return fields
}

// dispatchTypes emits the types of the method Dispatch.
func (p *plan) dispatchTypes(f *file) {
	if p.names.dispatcher == "" {
		return
	}
	fields := append([]member{{nil, rt("Call")}}, p.webhookFields()...)
	fields = append(fields, member{nil, structField("Dify", id(p.names.dify))})
	f.add(doc("%s is a webhook from %s, or from anyone else who knows the address.", p.names.dispatchCall, p.label),
		structType(p.names.dispatchCall, fields))
	f.add(doc("%s passes a webhook on to events. One webhook has one payload.", p.names.dispatcher),
		structType(p.names.dispatcher, []member{{nil, ptr(std(triggerPath, "Dispatcher"))}}))
	for _, e := range itemsOf[*event](p) {
		f.add(doc("%s passes the webhook on to the event %s.", e.method, e.label),
			method("d", ptr(id(p.names.dispatcher)), e.method, signature{[]param{{"payload", id(e.payload)}}, []code{errorType()}},
				ret(call(dot(id("d"), dispatchMethod), lit(e.item.Name), id("payload")))))
	}
}

// methods are the author's methods for an event.
func (e *event) methods(p *plan) []contractMethod {
	about := doc("%s makes the variables of the event %s (%s).", e.method, e.label, place(e.file, e.item.Pos.Line, ""))
	methods := []contractMethod{{
		about: append(about, separated(e.item.Description.Best())...), name: e.method, stub: e.stub(), zero: []code{composite(id(e.variables.typ))},
		signature: signature{
			[]param{ctxParam(), {"call", ptr(id(e.call))}}, []code{id(e.variables.typ), errorType()},
		},
	}}
	for _, o := range e.options {
		m := p.choicesMethod(o, "of "+e.label)
		if p.callCredentials() != nil {
			m.about = append(m.about, separated("If a user has set up the subscription by hand, creds are nil.")...)
			m.stub = m.about
		}
		methods = append(methods, m)
	}
	return methods
}

// eventMethods are all methods of the contract.
func (p *plan) eventMethods() []contractMethod {
	return append(p.dispatchMethods(), p.itemMethods()...)
}

// dispatchMethods are the method that passes webhooks on to events.
func (p *plan) dispatchMethods() []contractMethod {
	const about = dispatchMethod + " verifies a webhook, answers it on w, and passes it on to events with the methods of to. "
	return []contractMethod{{
		about: doc(about + "If it returns an error, no event happens, and the sender gets the status 401 for webhook.ErrSignature, " +
			"of package runtime/webhook, or else 500. Webhooks also arrive while a user sets up a subscription, whose properties can be zero then."),
		name: dispatchMethod, stub: p.dispatchStub(about),
		signature: signature{[]param{
			{"w", std(httpPath, "ResponseWriter")}, {"r", ptr(std(httpPath, "Request"))},
			{"call", ptr(id(p.names.dispatchCall))}, {"to", ptr(id(p.names.dispatcher))},
		}, []code{errorType()}},
	}}
}

// bindEvents binds Dispatch and the methods of events.
func (p *plan) bindEvents(methods code) []code {
	fields := []code{keyed(id("Dispatch"), p.bindDispatch(methods))}
	var list []code
	for _, e := range itemsOf[*event](p) {
		binding := []code{keyed(id("Name"), lit(e.item.Name)), keyed(id("Invoke"), p.bindEvent(e, methods))}
		if len(e.options) > 0 {
			binding = append(binding, keyed(id("Options"), p.bindChoices(p.openDecoder(), e.options, methods)))
		}
		list = append(list, element(binding...))
	}
	if len(list) > 0 {
		fields = append(fields, keyed(id("Events"), composite(slice(rt("EventBinding")), list...)))
	}
	return fields
}

// credsParam is the parameter with the credentials of a call, and its value for the author.
func (p *plan) credsParam() (param, []code) {
	if creds := p.callCredentials(); creds != nil {
		return param{"creds", creds}, []code{id("creds")}
	}
	return param{"_", rt("NoCredentials")}, nil
}

// openDecoder is the function that decodes the credentials of requests for the choices of parameters of events,
// which may have none.
func (p *plan) openDecoder() code {
	if p.callCredentials() == nil {
		return p.fetchDecoder()
	}
	return call(rt("OrNone"), p.fetchDecoder())
}

// bindDispatch binds the method that passes webhooks on to events.
func (p *plan) bindDispatch(methods code) code {
	creds, value := p.credsParam()
	s := signature{[]param{
		{"w", std(httpPath, "ResponseWriter")}, {"r", ptr(std(httpPath, "Request"))}, {"call", rt("Call")},
		{"sub", id(p.names.subscription)}, creds, {"to", ptr(std(triggerPath, "Dispatcher"))},
	}, []code{errorType()}}
	fields := append([]code{id("call"), id("sub")}, value...)
	fields = append(fields, call(id(p.names.difyFromContext), call(dot(id("r"), "Context"))))
	dispatch := call(dot(methods, dispatchMethod), id("w"), id("r"),
		address(oneLine(id(p.names.dispatchCall), fields...)), address(oneLine(id(p.names.dispatcher), id("to"))))
	return call(std(triggerPath, "BindDispatch"), id(p.names.draftSubscription), p.callDecoder(), literal(s, ret(dispatch)))
}

// bindEvent binds the method of an event.
func (p *plan) bindEvent(e *event, methods code) code {
	creds, value := p.credsParam()
	s := signature{[]param{
		ctxParam(), {"call", std(triggerPath, "EventCall")}, {"payload", id(e.payload)},
		{"sub", id(p.names.subscription)}, creds, {"params", id(e.params.typ)},
	}, []code{id(e.variables.typ), errorType()}}
	fields := append([]code{id("call"), id("sub")}, value...)
	fields = append(fields, id("payload"), id("params"), call(id(p.names.difyFromContext), id("ctx")))
	invoke := call(dot(methods, e.method), id("ctx"), address(oneLine(id(e.call), fields...)))
	return call(std(triggerPath, "BindEvent"), id(p.names.draftSubscription), p.callDecoder(), id(e.params.decode), literal(s, ret(invoke)))
}
