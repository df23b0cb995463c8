package gen

import (
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// types emits the types of an endpoint, in the order in which an author meets them.
func (e *endpoint) types(p *plan, f *file) {
	fields := []member{{nil, rt("EndpointCall")}, {nil, structField("Settings", id(p.section(model.SectionSettings).typ))}}
	if e.path != "" {
		fields = append(fields, member{nil, structField("Path", id(e.path))})
	}
	fields = append(fields, member{nil, structField("Dify", id(p.names.dify))})
	f.add(doc("%s is a request to the endpoint %s.", e.call, e.route()), structType(e.call, fields))
	if e.path == "" {
		return
	}
	values := make([]member, len(e.values))
	for i, v := range e.pattern.Values {
		values[i] = member{doc("%s %s", e.values[i], valueWords(v)), structField(e.values[i], id(pathValueKinds[v.Type].typ))}
	}
	f.add(doc("%s are the values in the path %s (%s).", e.path, text.Cut(text.Line(e.item.EndpointPath), 200), e.place()), structType(e.path, values))
}

// place is where the YAML has the endpoint.
func (e *endpoint) place() string { return place(e.file, e.item.Pos.Line, "") }

// methods are the author's method for an endpoint.
func (e *endpoint) methods(*plan) []contractMethod {
	return []contractMethod{{
		about: doc("%s answers %s (%s).", e.method, e.route(), e.place()), name: e.method, stub: e.stub(),
		signature: signature{
			[]param{{"w", std(httpPath, "ResponseWriter")}, {"r", ptr(std(httpPath, "Request"))}, {"call", ptr(id(e.call))}},
			[]code{errorType()},
		},
	}}
}

// stub is the comment of an endpoint's method in the stub: how the body of a request, or a value
// in its path, becomes a response.
func (e *endpoint) stub() []string {
	lines := append(doc("%s answers %s. Anyone who knows the address can send such requests.", e.method, e.route()), "")
	value, takes := "\"done\"", "It answers in JSON, for example, like this:"
	var read []string
	switch {
	case e.verb == "OPTIONS" || e.verb == "HEAD":
		return append(append(lines, "It answers without a body, for example, like this:", ""),
			"	w.WriteHeader(http.StatusNoContent)",
			"	return nil")
	case e.verb == "POST" || e.verb == "PUT":
		takes = "It takes and answers JSON, for example, like this:"
		value = "question.Text"
		read = []string{
			"	var question struct{ Text string }",
			"	body := http.MaxBytesReader(w, r.Body, 1<<20) // of at most 1 MiB",
			"	if err := json.NewDecoder(body).Decode(&question); err != nil {",
			"		http.Error(w, \"send JSON such as {\\\"text\\\": \\\"hello\\\"}\", http.StatusBadRequest)",
			"		return nil",
			"	}",
		}
	case len(e.values) > 0:
		value = "call.Path." + e.values[0]
	}
	lines = append(append(append(lines, takes), ""), read...)
	return append(lines,
		"	w.Header().Set(\"Content-Type\", \"application/json\")",
		"	return json.NewEncoder(w).Encode(map[string]any{\"answer\": "+value+"})")
}

// bindEndpoints binds the methods of endpoints.
func (p *plan) bindEndpoints(methods code) []code {
	settings := id(p.section(model.SectionSettings).typ)
	endpoints := itemsOf[*endpoint](p)
	list := make([]code, len(endpoints))
	for i, e := range endpoints {
		fields := []code{
			keyed(id("Method"), lit(e.verb)), keyed(id("Pattern"), lit(e.item.EndpointPath)), keyed(id("Segments"), e.segments()),
		}
		if len(e.values) > 0 {
			fields = append(fields, keyed(id("Values"), e.valueList()))
		}
		list[i] = element(append(fields, keyed(id("Serve"), p.bindServe(e, methods)))...)
	}
	return []code{keyed(id("Endpoints"), composite(slice(generic(rt("EndpointBinding"), settings)), list...))}
}

// bindServe binds the method that serves the requests to an endpoint.
func (p *plan) bindServe(e *endpoint, methods code) code {
	s := signature{[]param{
		{"w", std(httpPath, "ResponseWriter")},
		{"r", ptr(std(httpPath, "Request"))},
		{"call", rt("EndpointCall")},
		{"settings", id(p.section(model.SectionSettings).typ)},
		{"values", rt("PathValues")},
	}, []code{errorType()}}
	fields := []code{id("call"), id("settings")}
	if e.path != "" {
		var values []code
		for i, v := range e.pattern.Values {
			values = append(values, keyed(id(e.values[i]), call(dot(id("values"), pathValueKinds[v.Type].method), lit(v.Name))))
		}
		fields = append(fields, oneLine(id(e.path), values...))
	} else {
		s.params[4].name = "_"
	}
	fields = append(fields, call(id(p.names.difyFromContext), call(dot(id("r"), "Context"))))
	return literal(s, ret(call(dot(methods, e.method), id("w"), id("r"), address(oneLine(id(e.call), fields...)))))
}

// segments are those of the pattern, for the runtime.
func (e *endpoint) segments() code {
	var list []code
	for _, segment := range e.pattern.Segments {
		var fields []code
		add := func(name string, value any, isSet bool) {
			if isSet {
				fields = append(fields, keyed(id(name), lit(value)))
			}
		}
		add("Text", segment.Text, segment.Expression == "") // even if it is empty, as after a slash at the end
		add("Expression", segment.Expression, segment.Expression != "")
		add("Rest", segment.Rest, segment.Rest)
		add("Slash", segment.Slash, segment.Slash)
		add("Rank", segment.Rank, segment.Rank != 0)
		list = append(list, row(fields...))
	}
	return oneLine(slice(rt("PathSegment")), list...)
}

func (p *plan) endpointsConstructor() constructor {
	settings := p.section(model.SectionSettings)
	c := constructor{
		config: generic(p.kind.config(), id(settings.typ)),
		fields: []code{keyed(id("DecodeSettings"), id(settings.decode))},
	}
	if p.names.provider != "" {
		c.about = "lets Dify call the endpoints of " + p.label + ". For every request it calls the method of p for its path, with the settings of the endpoint."
		c.param = param{"p", ptr(id(p.names.provider))}
		p.bindContracts(&c)
		return c
	}
	c.about = "lets Dify call the endpoints of " + p.label + ". For every request it calls handler with the settings of the " +
		"endpoint, and serves the request with the handler that it returns."
	c.param = param{"handler", funcType(handlerSignature(settings))}
	c.fields = append(c.fields, keyed(id("Handler"), id("handler")))
	return c
}

// handlerSignature is that of the function that serves endpoints in code for credentials alone.
func handlerSignature(settings *section) signature {
	return signature{[]param{{"settings", id(settings.typ)}}, []code{std(httpPath, "Handler"), errorType()}}
}
