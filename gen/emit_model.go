package gen

import (
	"fmt"
)

// toCallCredentials is the method of the values of a form that makes what calls get.
const toCallCredentials = "Credentials"

// modelTypes emits what the author meets in calls of models.
func (p *plan) modelTypes(f *file) {
	m := p.models
	if m == nil {
		return
	}
	var list []member
	add := func(base, about string, of code) {
		list = append(list, member{doc("%s %s", m.calls[base], about), alias(m.calls[base], of)})
	}
	for _, k := range m.kinds {
		for _, c := range k.calls {
			args := []code{id(m.creds.typ)}
			if c.hasParameters {
				args = append(args, id(m.parameters.typ))
			}
			add(c.base, c.about, generic(std(modelPath(k.pkg), c.typ), args...))
		}
	}
	if m.calls[customModelCall] != "" {
		add(customModelCall, "asks for the schema of a model that a user has added.", generic(rt("CustomModelCall"), id(m.creds.typ)))
	}
	f.add(doc("The types of calls."), aliases(list))
	if m.parameters != nil {
		p.parameterTypes(f, m.parameters)
	}
	if len(m.constants) > 0 {
		names := make([]member, len(m.constants))
		for i, c := range m.constants {
			names[i] = member{c.comment(), untypedConst(c.name, c.value)}
		}
		f.add(doc("The models that the YAML declares."), constants(names))
	}
}

// parameterTypes emits the struct of parameters, with the types of options.
func (p *plan) parameterTypes(f *file, s *section) {
	var fields []member
	for _, field := range s.fields {
		fields = append(fields, member{field.parameterComment(), structField(field.name, field.shape.goType(field))})
	}
	about := "Extra are the parameters of models that the YAML does not declare, and values of another type than the field's."
	fields = append(fields, member{doc("%s", about), structField("Extra", std(modelPath("llm"), "Extra"))})
	f.add(doc("%s are what users set for a language model. They are checked against the rules of the model; what its rules lack is absent.", s.typ),
		structType(s.typ, fields))
	for _, e := range s.enums() {
		e.emit(f)
	}
}

// modelFunctions emits the functions of what calls of models have.
func (p *plan) modelFunctions(f *file) {
	m := p.models
	if m == nil {
		return
	}
	for _, s := range p.sections {
		if s.isConverted {
			p.conversion(f, s)
		}
	}
	if m.parameters != nil {
		p.parameterFunctions(f, m.parameters)
	}
}

// conversion emits the method that makes what a call gets of the values of a form.
func (p *plan) conversion(f *file, s *section) {
	to := p.models.creds
	var elements, sets []code
	for _, field := range s.fields {
		for _, target := range to.fields {
			switch {
			case target.key != field.key:
			case target.isAny() && (!field.isRequired() || field.shape.zeroIsValue()): // nil, if the host does not send it
				sets = append(sets, when(field.shape.given(field.selected()), assign(dot(id("creds"), target.name), converted(field, target))))
			default:
				elements = append(elements, keyed(id(target.name), converted(field, target)))
			}
		}
	}
	value := composite(id(to.typ), elements...)
	body := []code{ret(value)}
	if len(sets) > 0 {
		body = append(append([]code{define("creds", value)}, sets...), ret(id("creds")))
	}
	f.add(doc("%s returns what calls of models get if a user enters c, so that a check of c can make one.", toCallCredentials),
		method("c", id(s.typ), toCallCredentials, signature{nil, []code{id(to.typ)}}, body...))
}

// isAny reports whether the field holds any value, or nil.
func (f *field) isAny() bool {
	shape, ok := f.shape.(valueShape)
	return ok && shape.method == anyShape.method
}

// converted is the value of a form's field as the field of what calls get.
func converted(from, to *field) code {
	x := from.selected()
	switch to.shape.(type) {
	case selectShape:
		if from.enum != nil && from.enum.typ == to.enum.typ {
			return x
		}
		return call(id(to.enum.typ), x)
	case secretShape:
		if from.shape.isSecret() {
			return x
		}
		return call(rt("NewSecret"), from.shape.wire(x))
	case textShape:
		return from.shape.wire(x)
	case selectorShape:
		if from.isRequired() {
			return address(x)
		}
	case valueShape:
		if _, ofDify := from.shape.(selectorShape); to.isAny() && !ofDify {
			return from.shape.wire(x)
		}
	}
	return x
}

// parameterFunctions emits the functions of the struct of parameters.
func (p *plan) parameterFunctions(f *file, s *section) {
	var elements, sets []code
	for _, field := range s.fields {
		elements = append(elements, keyed(id(field.name), field.shape.decode(reading{field: field})))
		value := id("v")
		if field.enum != nil {
			value = call(id("string"), value)
		}
		sets = append(sets, whenDefined(define2("v", "ok", call(dot(dot(id("p"), field.name), "Get"))), id("ok"),
			assign(index(id("values"), lit(field.key)), value)))
	}
	elements = append(elements, keyed(id("Extra"), call(dot(id("r"), "Extra"))))
	f.add(doc("%s reads the checked parameters of a call.", s.decode),
		function(s.decode, signature{[]param{{"r", ptr(std(modelPath("llm"), "ParameterReader"))}}, []code{id(s.typ)}}, ret(composite(id(s.typ), elements...))))
	extra := call(dot(dot(id("p"), "Extra"), "Values"))
	body := []code{ret(extra)}
	if len(sets) > 0 {
		body = append(append([]code{define("values", extra)}, sets...), ret(id("values")))
	}
	f.add(doc("Values returns the parameters that are set, by their names for Dify."),
		method("p", id(s.typ), "Values", signature{nil, []code{stringMap()}}, body...))
	for _, e := range s.enums() {
		e.functions(f)
	}
}

// modelMethods are the methods that Dify needs for the models.
func (p *plan) modelMethods() []contractMethod {
	var methods []contractMethod
	for _, k := range p.models.kinds {
		for i := range k.methods {
			if m := &k.methods[i]; m.feature == "" || p.models.has(k.typ, m.feature) {
				methods = append(methods, p.modelMethod(m))
			}
		}
	}
	if p.source.Provider.HasCustomModels {
		methods = append(methods, p.modelMethod(&customModel))
	}
	return methods
}

func (p *plan) modelMethod(m *modelMethod) contractMethod {
	stub := doc("%s %s %s", m.name, m.about, m.note)
	if len(m.example) > 0 {
		stub = append(append(stub, ""), m.example...)
	}
	c := contractMethod{
		about: doc("%s %s", m.name, m.about), name: m.name, stub: stub,
		signature: signature{[]param{ctxParam(), {"call", ptr(id(p.models.calls[m.call]))}}, []code{errorType()}},
	}
	if m.out != nil {
		c.signature.params = append(c.signature.params, param{"out", ptr(m.out())})
	}
	if m.result != nil {
		c.signature.results = []code{m.result(), errorType()}
		c.zero = []code{m.zero}
	}
	if m.body != nil {
		c.body = []code{ret(m.body(), null())}
	}
	return c
}

// bindModels binds the methods that run the models.
func (p *plan) bindModels(methods code) []code {
	m := p.models
	var fields, actions []code
	if m.declared != "" {
		fields = append(fields, keyed(id("Models"), id(m.declared)))
	}
	if p.source.Provider.HasCustomModels {
		fields = append(fields, keyed(id("CustomModel"), call(rt("BindCustomModel"), id(m.creds.decode), dot(methods, customModel.name))))
	}
	for _, k := range m.kinds {
		args := []code{methods, id(m.creds.decode)}
		if k.typ == modelTypeLLM {
			args = append(args, id(m.parameters.decode))
		}
		actions = append(actions, call(std(modelPath(k.pkg), k.bind), args...))
	}
	switch len(actions) {
	case 0:
		return fields
	case 1:
		return append(fields, keyed(id("Actions"), actions[0]))
	}
	return append(fields, keyed(id("Actions"), callLines(std("slices", "Concat"), actions...)))
}

// declaredModels emits what Dify is told about the models that the YAML declares.
func (p *plan) declaredModels(f *file) error {
	if p.models == nil || p.models.declared == "" {
		return nil
	}
	var list []code
	for _, item := range p.models.items {
		line, err := lineJSON(item.WireForm())
		if err != nil {
			return fmt.Errorf("model: %w", err)
		}
		list = append(list, rawText(line))
	}
	f.add(doc("%s are the models that the YAML declares, as Dify is told about them.", p.models.declared),
		variable(p.models.declared, composite(slice(id("string")), list...)))
	return nil
}
