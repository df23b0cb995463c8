package gen

import (
	"slices"
	"strings"
)

// sectionTypes emits a struct of values, with the types of its selects.
func (p *plan) sectionTypes(f *file, s *section) {
	fields := make([]member, len(s.fields))
	for i, field := range s.fields {
		fields[i] = member{field.comment(), structField(field.name, field.shape.goType(field))}
	}
	about := doc("%s "+s.about+" (%s). %s", s.typ, s.label, s.place, s.note)
	f.add(about, structType(s.typ, fields))
	for _, e := range s.enums() {
		e.emit(f)
	}
}

// emit emits the type of a select, with its options.
func (e *enum) emit(f *file) {
	f.add(e.comment(), namedType(e.typ, id("string")))
	options := make([]member, len(e.options))
	for i, o := range e.options {
		options[i] = member{o.comment(), typedConst(o.constant, e.typ, o.value)}
	}
	f.add(nil, constants(options))
}

// sectionFunctions emits the functions of a struct and of the types of its selects.
func (p *plan) sectionFunctions(f *file, s *section) {
	p.decode(f, s)
	if !s.isCall {
		p.values(f, s)
	}
	if s.isValidated {
		p.validate(f, s)
	}
	for _, e := range s.enums() {
		e.functions(f)
	}
}

// keys are the names of the fields on the wire.
func (s *section) keys() []code {
	keys := make([]code, len(s.fields))
	for i, f := range s.fields {
		keys[i] = lit(f.key)
	}
	return keys
}

// decode emits the function that decodes a section from the wire.
func (p *plan) decode(f *file, s *section) {
	if len(s.fields) == 0 {
		f.add(doc("%s returns no error: there is nothing to read.", s.decode),
			function(s.decode, signature{s.withModelType(param{"_", stringMap()}), []code{id(s.typ), errorType()}}, ret(composite(id(s.typ)), null())))
		return
	}
	result, decoder := s.variable, "NewDecoder"
	switch {
	case s.yaml.IsForm():
		decoder = "NewFormDecoder"
	case s.isCall:
		decoder = "NewParameterDecoder"
	}
	about := "%s reads the values that Dify sends."
	if s.isConditional() {
		about += " Hidden fields are neither required nor kept."
	}
	if s == p.allSections()[0] {
		about += " Its error names every invalid field, but no value."
	}
	d := call(rt(decoder), lit(s.label), id("values"))
	body := append([]code{define("d", d)}, s.decoded(result)...)
	if s.read != "" {
		body = []code{ret(call(id(s.read), d))}
	}
	f.add(doc(about, s.decode),
		function(s.decode, signature{s.withModelType(valuesParam()), []code{id(s.typ), errorType()}}, body...))
	if s.read != "" {
		f.add(nil, function(s.read, signature{[]param{{"d", rt("Decoder")}}, []code{id(s.typ), errorType()}}, s.decoded(result)...))
	}
}

// decoded emits the statements that read the fields, and return them or an error.
func (s *section) decoded(result string) []code {
	return append(s.fieldsRead(result),
		whenDefined(define("err", call(dot(id("d"), "Err"))), binary(id("err"), "!=", null()),
			ret(composite(id(s.typ)), id("err"))),
		ret(id(result), null()))
}

// isConditional reports whether a field of the section can be hidden.
func (s *section) isConditional() bool {
	return slices.ContainsFunc(s.fields, func(f *field) bool { return !f.isAlwaysShown() })
}

// fieldsRead emits the statements that read the fields into a variable. If no field depends on
// another, that is one literal.
func (s *section) fieldsRead(result string) []code {
	var elements []code
	var blocks []block
	assigns := s.isConditional()
	for _, f := range s.inOrder() {
		blocks = append(blocks, s.byVariant(result, f, func(v *variant) []code {
			value := f.shape.decode(reading{f, s.need(result, f, v), v.def, s.optionsOf(f, v)})
			limits := s.limits(result, "d", f, v)
			if assigns {
				return append([]code{assign(dot(id(result), f.name), value)}, limits...)
			}
			elements = append(elements, keyed(id(f.name), value))
			return limits
		}))
	}
	start := declare(result, id(s.typ))
	if !assigns {
		start = define(result, composite(id(s.typ), elements...))
	}
	return append([]code{start}, statements(blocks)...)
}

// values emits the method that encodes a struct for the wire. Optional fields that are
// not given are left out, except those that Dify would give a default.
func (p *plan) values(f *file, s *section) {
	var always []code
	var sometimes []block
	isSecret := false
	for _, field := range s.fields {
		isSecret = isSecret || field.shape.isSecret()
		value := field.shape.wire(field.selected())
		if b := s.sent(field, assign(index(id("values"), lit(field.key)), value)); b.cases[0].when != nil {
			sometimes = append(sometimes, b)
			continue
		}
		always = append(always, keyed(lit(field.key), value))
	}
	body := []code{ret(composite(stringMap(), always...))}
	if len(sometimes) > 0 {
		body = append([]code{define("values", composite(stringMap(), always...))}, statements(sometimes)...)
		body = append(body, ret(id("values")))
	}
	revealed := ""
	if isSecret {
		revealed = ", secrets revealed"
	}
	f.add(doc("Values returns the values for Dify%s.", revealed),
		method("c", id(s.typ), "Values", signature{nil, []code{stringMap()}}, body...))
}

func (f *field) selected() code { return dot(id("c"), f.name) }

// validate emits the check of a struct that the author filled.
func (p *plan) validate(f *file, s *section) {
	var checks []block
	for _, field := range s.fields {
		checks = append(checks, s.byVariant("c", field, func(v *variant) []code {
			var out []code
			if check := field.shape.check(field, s.need("c", field, v), field.selected()); check != nil {
				out = append(out, check)
			}
			return append(out, s.limits("c", "v", field, v)...)
		}))
	}
	body, about := []code{ret(null())}, "Validate returns nil: every value is valid."
	if list := statements(checks); len(list) > 0 {
		body = append([]code{define("v", call(rt("NewValidator"), lit(p.label)))}, list...)
		body = append(body, ret(call(dot(id("v"), "Err"))))
		about = "Validate checks that " + s.rules() + "."
	}
	f.add(wrap(about), method("c", id(s.typ), "Validate", signature{s.withModelType(), []code{errorType()}}, body...))
}

// rules describes what Validate checks.
func (s *section) rules() string {
	has := func(is func(f *field, v *variant) bool) bool {
		return slices.ContainsFunc(s.fields, func(f *field) bool {
			return slices.ContainsFunc(f.variants, func(v *variant) bool { return is(f, v) })
		})
	}
	var rules []string
	if has(func(_ *field, v *variant) bool { return v.required }) {
		rules = append(rules, "required fields are given")
	}
	if has(func(f *field, _ *variant) bool { return f.enum != nil }) {
		rules = append(rules, "choices are among the options")
	}
	if has(func(f *field, v *variant) bool { return len(f.shape.limitWords(v.bounds)) > 0 }) {
		rules = append(rules, "values keep to their bounds")
	}
	switch len(rules) {
	case 0:
		return "values are complete and not masked"
	case 1:
		return rules[0]
	}
	return strings.Join(rules[:len(rules)-1], ", ") + " and " + rules[len(rules)-1]
}

// functions emits the functions of the type of a select.
func (e *enum) functions(f *file) {
	names := make([]code, len(e.options))
	for i, o := range e.options {
		names[i] = id(o.constant)
	}
	f.add(doc("%s returns every option, in the order of the YAML.", e.values),
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
