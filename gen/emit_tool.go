package gen

import (
	"github.com/difygen/difygen/internal/text"
)

// types emits the types of a tool, in the order in which an author meets them.
func (t *tool) types(p *plan, f *file) {
	fields := []member{{nil, rt("Call")}}
	if creds := p.callCredentials(); creds != nil {
		fields = append(fields, member{nil, structField("Credentials", creds)})
	}
	fields = append(fields, member{nil, structField("Parameters", id(t.params.typ))}, member{nil, structField("Dify", id(p.names.dify))})
	f.add(doc("%s is a call of the tool %s.", t.call, t.label), structType(t.call, fields))
	p.sectionTypes(f, t.params)
	t.output.emit(f)
}

// emit emits the type that sends what a method returns, with its setters.
func (r *results) emit(f *file) {
	f.add(doc("%s "+r.about, r.typ, r.of.label), structType(r.typ, []member{{nil, ptr(r.sender)}}))
	for _, s := range r.structs {
		s.emit(f)
	}
	for _, s := range r.setters {
		s.emit(f, r)
	}
}

// emit emits the setter, and for a text the method that sends pieces of it.
func (s *setter) emit(f *file, r *results) {
	add := func(about []string, name, use, value string, typ code) {
		send := ret(call(dot(id("o"), use), lit(s.output.Name), id(value)))
		f.add(about, method("o", ptr(id(r.typ)), name, signature{[]param{{value, typ}}, []code{errorType()}}, send))
	}
	about := append(doc("%s sets the output %s.", s.name, text.Name(s.output.Name)), separated(s.output.Description)...)
	about = append(about, "", "YAML: "+place(r.of.file, s.output.Pos.Line, "output_schema.properties."+s.output.Name))
	add(about, s.name, "Variable", "value", s.typ)
	if s.stream != "" {
		add(doc("%s appends to the output %s.", s.stream, text.Name(s.output.Name)), s.stream, "StreamVariable", "text", id("string"))
	}
}

func (s *outputStruct) emit(f *file) {
	var fields []member
	for _, field := range s.fields {
		tag := field.output.Name
		if field.isPtr {
			tag += ",omitempty"
		}
		fields = append(fields, member{paragraph(field.output.Description), taggedField(field.name, field.typ, tag)})
	}
	f.add(s.comment(), structType(s.typ, fields))
}

// about is the comment of a tool's method: what the YAML says of the tool.
func (t *tool) about() []string {
	lines := doc("%s is the tool %s (%s).", t.method, t.label, place(t.file, t.item.Pos.Line, ""))
	human := t.item.Description.Best()
	return append(append(lines, separated(human)...), forModel(t.item.LLMDescription, human)...)
}

// methods are the author's methods for a tool.
func (t *tool) methods(p *plan) []contractMethod {
	methods := []contractMethod{{
		about: t.about(), name: t.method, stub: t.stub(),
		signature: signature{
			[]param{ctxParam(), {"call", ptr(id(t.call))}, {"out", ptr(id(t.output.typ))}}, []code{errorType()},
		},
	}}
	for _, o := range t.options {
		methods = append(methods, p.choicesMethod(o, "of "+t.label))
	}
	if t.runtimeParameters != "" {
		about := doc("%s returns the parameters that %s has besides those in its YAML (has_runtime_parameters).", t.runtimeParameters, t.label)
		methods = append(methods, contractMethod{
			about: about, stub: about, name: t.runtimeParameters, zero: []code{null()},
			signature: signature{p.credentialsParams(), []code{slice(rt("Parameter")), errorType()}},
		})
	}
	return methods
}

// choicesMethod is the method that finds the choices of a parameter of what of names.
func (p *plan) choicesMethod(o *choices, of string) contractMethod {
	about := doc("%s returns the choices of the parameter %s %s (dynamic-select).", o.method, o.label, of)
	return contractMethod{
		about: about, stub: about, name: o.method, zero: []code{null()},
		signature: signature{p.credentialsParams(), []code{slice(rt("Choice")), errorType()}},
	}
}

// bindTools binds the methods of tools. The decoders of credentials that they share are
// variables; see decoders.
func (p *plan) bindTools(methods code) []code {
	var list []code
	for _, t := range itemsOf[*tool](p) {
		fields := []code{keyed(id("Name"), lit(t.item.Name)), keyed(id("Invoke"), p.bindInvoke(t, methods))}
		if len(t.options) > 0 {
			fields = append(fields, keyed(id("Options"), p.bindChoices(p.fetchDecoder(), t.options, methods)))
		}
		if t.runtimeParameters != "" {
			fields = append(fields, keyed(id("RuntimeParameters"), p.bindFetch("BindParameters", "Parameter", p.fetchDecoder(), dot(methods, t.runtimeParameters))))
		}
		list = append(list, element(fields...))
	}
	return []code{keyed(id("Tools"), composite(slice(rt("ToolBinding")), list...))}
}

// bindInvoke binds the method that a tool is called with.
func (p *plan) bindInvoke(t *tool, methods code) code {
	creds, values := p.callCredentials(), []code{id("call")}
	credsParam := param{"creds", creds}
	if creds != nil {
		values = append(values, id("creds"))
	} else {
		credsParam = param{"_", rt("NoCredentials")}
	}
	values = append(values, id("params"), call(id(p.names.difyFromContext), id("ctx")))
	s := signature{
		[]param{ctxParam(), {"call", rt("Call")}, credsParam, {"params", id(t.params.typ)}, {"out", ptr(rt("ToolOutput"))}},
		[]code{errorType()},
	}
	invoke := call(dot(methods, t.method), id("ctx"), address(oneLine(id(t.call), values...)), address(oneLine(id(t.output.typ), id("out"))))
	return call(rt("BindTool"), p.callDecoder(), id(t.params.decode), literal(s, ret(invoke)))
}

// bindChoices binds methods that find choices with the credentials that a function decodes.
func (p *plan) bindChoices(decoder code, list []*choices, methods code) code {
	var elements []code
	for _, o := range list {
		elements = append(elements, element(keyed(id("Parameter"), lit(o.parameter)),
			keyed(id("Fetch"), p.bindFetch("BindOptions", "Choice", decoder, dot(methods, o.method)))))
	}
	return composite(slice(rt("OptionsBinding")), elements...)
}

// bindFetch binds a method that is only called with credentials, which a function decodes, and returns a list.
func (p *plan) bindFetch(bind, result string, decoder, fetch code) code {
	if p.callCredentials() == nil {
		s := signature{[]param{ctxParam(), {"_", rt("NoCredentials")}}, []code{slice(rt(result)), errorType()}}
		fetch = literal(s, ret(call(fetch, id("ctx"))))
	}
	return call(rt(bind), decoder, fetch)
}

func texts(list []code) code { return wrapped(slice(id("string")), list...) }
