package gen

import "strings"

// types emits the types of a data source, in the order in which an author meets them.
func (d *datasource) types(p *plan, f *file) {
	for _, a := range d.actions {
		fields := []member{{nil, rt("Call")}}
		if a.request != "" {
			fields = append(fields, member{nil, std(datasourcePath, a.request)})
		}
		if creds := p.callCredentials(); creds != nil {
			fields = append(fields, member{nil, structField("Credentials", creds)})
		}
		if a.hasParameters {
			fields = append(fields, member{nil, structField("Parameters", id(d.params.typ))})
		}
		fields = append(fields, member{nil, structField("Dify", id(p.names.dify))})
		f.add(doc("%s is a call of %s.", a.call, a.method), structType(a.call, fields))
		if a.hasParameters {
			p.sectionTypes(f, d.params)
		}
		if a.output != nil {
			a.output.emit(f)
		}
	}
}

// methods are the author's methods for a data source.
func (d *datasource) methods(*plan) []contractMethod {
	var methods []contractMethod
	for i, a := range d.actions {
		start := a.method + " " + a.about + " the data source " + d.label + a.aim
		about, stub := doc("%s.", start), doc("%s.", start)
		if i == 0 {
			about = append(doc("%s (%s).", start, place(d.file, d.item.Pos.Line, "")), separated(d.item.Description.Best())...)
			stub = append(stub, separated(d.item.Description.Best())...)
		}
		m := contractMethod{
			about: about, name: a.method, stub: append(append(stub, "", a.note, ""), d.exampleOf(a)...),
			signature: signature{[]param{ctxParam(), {"call", ptr(id(a.call))}}, []code{errorType()}},
		}
		if a.out != "" {
			m.signature.params = append(m.signature.params, param{"out", ptr(a.outType())})
		}
		if a.result != nil {
			m.signature.results, m.zero = []code{a.result(), errorType()}, []code{null()}
		}
		methods = append(methods, m)
	}
	return methods
}

// outType is the type that sends the results, as the author's method gets it.
func (a *datasourceAction) outType() code {
	if a.output != nil {
		return id(a.output.typ)
	}
	return std(datasourcePath, a.out)
}

// exampleOf is the code of a method's example, with a parameter where users enter what it holds.
func (d *datasource) exampleOf(a datasourceAction) []string {
	if a.text == "" {
		return a.example
	}
	parameter, ok := d.params.textParameter()
	if !ok {
		return a.example
	}
	lines := make([]string, len(a.example))
	for i, line := range a.example {
		lines[i] = strings.Replace(line, a.text, parameter, 1)
	}
	return lines
}

// bindDatasources binds the methods of data sources. The decoder of credentials that they share is a
// variable; see decoders.
func (p *plan) bindDatasources(methods code) []code {
	var list []code
	for _, d := range itemsOf[*datasource](p) {
		for _, a := range d.actions {
			list = append(list, p.bindAction(d, a, methods))
		}
	}
	return []code{keyed(id("Actions"), composite(slice(rt("DatasourceAction")), list...))}
}

// bindAction binds a method of a data source.
func (p *plan) bindAction(d *datasource, a datasourceAction, methods code) code {
	args := []code{lit(d.item.Name), p.callDecoder()}
	s := signature{[]param{ctxParam(), {"call", rt("Call")}}, []code{errorType()}}
	add := func(name string, typ code) { s.params = append(s.params, param{name, typ}) }
	values := []code{id("call")}
	if a.request != "" {
		values = append(values, id(a.variable))
	}
	if creds := p.callCredentials(); creds != nil {
		add("creds", creds)
		values = append(values, id("creds"))
	} else {
		add("_", rt("NoCredentials"))
	}
	if a.request != "" {
		add(a.variable, std(datasourcePath, a.request))
	}
	if a.hasParameters {
		args = append(args, id(d.params.decode))
		add("params", id(d.params.typ))
		values = append(values, id("params"))
	}
	values = append(values, call(id(p.names.difyFromContext), id("ctx")))
	given := []code{id("ctx"), address(oneLine(id(a.call), values...))}
	if a.out != "" {
		add("out", ptr(std(datasourcePath, a.out)))
		out := id("out")
		if a.output != nil {
			out = address(oneLine(id(a.output.typ), out))
		}
		given = append(given, out)
	}
	if a.result != nil {
		s.results = []code{a.result(), errorType()}
	}
	return call(std(datasourcePath, "Bind"+a.base), append(args, literal(s, ret(call(dot(methods, a.method), given...))))...)
}
