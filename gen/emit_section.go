package gen

// emitSection emits a struct of values with its functions.
func (p *plan) emitSection(f *file, s *section) {
	fields := make([]member, len(s.fields))
	for i, field := range s.fields {
		fields[i] = member{field.comment(), structField(field.name, field.shape.goType(field))}
	}
	f.add(doc("%s "+s.about+" (%s).", s.typ, p.label, s.path), structType(s.typ, fields))
	p.decode(f, s)
	p.values(f, s)
	p.validate(f, s)
}

// keys are the names of the fields on the wire.
func (s *section) keys() []code {
	keys := make([]code, len(s.fields))
	for i, f := range s.fields {
		keys[i] = lit(f.key)
	}
	return keys
}

// decode emits the function that reads a section from the wire.
func (p *plan) decode(f *file, s *section) {
	result, decoder := s.variable, "NewDecoder"
	about := "%s reads the values that Dify sends. "
	if s.isForm {
		decoder = "NewFormDecoder"
		about += "Hidden fields are neither required nor kept. "
	}
	body := []code{define("d", call(rt(decoder), lit(p.label), id("values")))}
	body = append(body, s.read(result)...)
	body = append(body,
		whenDefined(define("err", call(dot(id("d"), "Err"))), binary(id("err"), "!=", null()),
			ret(composite(id(s.typ)), id("err"))),
		ret(id(result), null()))
	f.add(doc(about+"Its error names every field at fault, and no value.", s.decode),
		function(s.decode, signature{s.withModelType(valuesParam()), []code{id(s.typ), errorType()}}, body...))
}

// read emits the statements that read the fields into a variable: where none of them
// depends on another, as one literal.
func (s *section) read(result string) []code {
	var elements, statements []code
	for _, f := range s.inOrder() {
		statements = append(statements, s.byVariant(result, f, func(v *variant) []code {
			value := f.shape.decode(reading{f, s.need(result, f, v), v.def, s.optionsOf(f, v)})
			limits := s.limits(result, "d", f, v)
			if s.isForm {
				return append([]code{assign(dot(id(result), f.name), value)}, limits...)
			}
			elements = append(elements, keyed(id(f.name), value))
			return limits
		})...)
	}
	start := declare(result, id(s.typ))
	if !s.isForm {
		start = define(result, composite(id(s.typ), elements...))
	}
	return append([]code{start}, statements...)
}

// values emits the way back to the wire. An optional field that is not given is
// left out, unless leaving it out would give it a default.
func (p *plan) values(f *file, s *section) {
	var always, sometimes []code
	isSecret := false
	for _, field := range s.fields {
		isSecret = isSecret || field.shape.isSecret()
		value := field.shape.wire(field.selected())
		if condition := s.sentWhen(field); condition != nil {
			sometimes = append(sometimes, when(condition, assign(index(id("values"), lit(field.key)), value)))
			continue
		}
		always = append(always, keyed(lit(field.key), value))
	}
	body := []code{ret(composite(stringMap(), always...))}
	if len(sometimes) > 0 {
		body = append([]code{define("values", composite(stringMap(), always...))}, sometimes...)
		body = append(body, ret(id("values")))
	}
	revealed := ""
	if isSecret {
		revealed = ", secrets revealed"
	}
	f.add(doc("Values returns the values as the wire has them%s: this is what goes to Dify.", revealed),
		method("c", id(s.typ), "Values", signature{nil, []code{stringMap()}}, body...))
}

func (f *field) selected() code { return dot(id("c"), f.name) }

// sentWhen is the condition under which a field goes to the wire; nil if it always
// does.
func (s *section) sentWhen(f *field) code {
	switch {
	case f.isAlwaysShown() && (f.required || f.shape.zeroIsValue() || f.variants[0].def != nil):
		return nil
	case f.shape.zeroIsValue() && s.mayBeTrue(f):
		return s.sentBool(f)
	}
	return f.shape.given(f.selected())
}

// validate emits the check of a struct that the author filled.
func (p *plan) validate(f *file, s *section) {
	var checks []code
	for _, field := range s.fields {
		checks = append(checks, s.byVariant("c", field, func(v *variant) []code {
			var out []code
			if check := field.shape.check(field, s.need("c", field, v), field.selected()); check != nil {
				out = append(out, check)
			}
			return append(out, s.limits("c", "v", field, v)...)
		})...)
	}
	body := []code{ret(null())}
	if len(checks) > 0 {
		body = append([]code{define("v", call(rt("NewValidator"), lit(p.label)))}, checks...)
		body = append(body, ret(call(dot(id("v"), "Err"))))
	}
	about := "required fields are given"
	if s.isForm {
		about = "the fields that are shown are given as required"
	}
	f.add(doc("Validate checks that %s and choices are among the options. Its error names every field at fault, and no value.", about),
		method("c", id(s.typ), "Validate", signature{s.withModelType(), []code{errorType()}}, body...))
}

// enum emits the type of a select.
func (p *plan) enum(f *file, e *enum) {
	f.add(doc("%s is a choice of the field %s.", e.typ, shown(e.label)),
		namedType(e.typ, id("string")))
	options := make([]member, len(e.options))
	names := make([]code, len(e.options))
	for i, o := range e.options {
		options[i] = member{o.comment(), typedConst(o.constant, e.typ, o.value)}
		names[i] = id(o.constant)
	}
	f.add(doc("The options of %s.", e.typ), constants(options))
	f.add(doc("%s returns every option, in the order of the form.", e.values),
		function(e.values, signature{nil, []code{slice(id(e.typ))}}, ret(composite(slice(id(e.typ)), names...))))
	const x = "x"
	f.add(doc("Valid reports whether x is one of the options."),
		method(x, id(e.typ), "Valid", signature{nil, []code{id("bool")}},
			choose(id(x), caseOf(names, ret(lit(true)))),
			ret(lit(false))))
	if e.isBool {
		f.add(doc(`Bool reports whether x is "true".`),
			method(x, id(e.typ), "Bool", signature{nil, []code{id("bool")}},
				ret(binary(id(x), "==", lit("true")))))
	}
}
