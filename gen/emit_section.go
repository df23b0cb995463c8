package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// section emits a struct of credentials with its functions.
func (p *Plan) section(f *file, s *Section) {
	fields := make([]member, len(s.Fields))
	for i, field := range s.Fields {
		fields[i] = member{field.comment(), structField(field.Name, field.goType())}
	}
	f.add(doc("%s %s (%s).", s.Type, p.purpose(s), s.Path), structType(s.Type, fields))
	if s.IsForm {
		p.decodeForm(f, s)
		p.values(f, s)
		p.validateForm(f, s)
		return
	}
	p.decode(f, s)
	p.values(f, s)
	p.validateSection(f, s)
}

// purpose says who enters or yields the values of a section.
func (p *Plan) purpose(s *Section) string {
	switch s.Name {
	case model.SectionOAuthClient:
		return "is the OAuth client that an administrator registered with " + p.Label
	case model.SectionOAuthCredentials:
		return "are what the OAuth flow of " + p.Label + " yields and Dify stores"
	case model.SectionModelCredentials:
		return "are what a user enters to connect a model of " + p.Label
	case model.SectionParameters:
		return "are what a user chooses for a subscription to events of " + p.Label
	case model.SectionSubscription:
		return "are what is known of a subscription to events of " + p.Label
	case model.SectionSettings:
		return "are what a user enters to set up an endpoint of " + p.Label
	}
	return "are what a user enters to connect " + p.Label
}

// keys are the names of the fields on the wire.
func (s *Section) keys() []code {
	keys := make([]code, len(s.Fields))
	for i, f := range s.Fields {
		keys[i] = lit(f.Key)
	}
	return keys
}

func (f *Field) goType() code {
	switch f.Form {
	case FormSecret:
		return rt("Secret")
	case FormBool:
		return id("bool")
	case FormSelect:
		return id(f.Enum.Type)
	case FormApp:
		return f.optionalPtr(rt("AppSelector"))
	case FormModel:
		return f.optionalPtr(rt("ModelSelector"))
	case FormTools:
		return slice(rt("ToolSelector"))
	case FormNumber:
		return id("float64")
	case FormTexts:
		return slice(id("string"))
	case FormChoices:
		return slice(id(f.Enum.Type))
	case FormObject:
		return stringMap()
	case FormArray:
		return slice(id("any"))
	case FormFile:
		return rt("File")
	case FormFiles:
		return slice(rt("File"))
	case FormAny:
		return id("any")
	}
	return id("string")
}

func (f *Field) optionalPtr(t code) code {
	if f.Required {
		return t
	}
	return ptr(t)
}

func (f *Field) need() code {
	if f.Required {
		return rt("Required")
	}
	return rt("Optional")
}

// decode emits the function that reads a section from the wire.
func (p *Plan) decode(f *file, s *Section) {
	elements := make([]code, len(s.Fields))
	for i, field := range s.Fields {
		elements[i] = keyed(id(field.Name), field.decode(field.need()))
	}
	result := "creds"
	switch s.Name {
	case model.SectionOAuthClient:
		result = "client"
	case model.SectionSettings:
		result = "settings"
	case model.SectionParameters:
		result = "params"
	case model.SectionSubscription:
		result = "properties"
	}
	body := []code{
		define("d", call(rt("NewDecoder"), lit(p.Label), id("values"))),
		define(result, composite(id(s.Type), elements...)),
	}
	for _, field := range s.Fields {
		body = append(body, field.limits("d", dot(id(result), field.Name), field.need())...)
	}
	body = append(body,
		whenDefined(define("err", call(dot(id("d"), "Err"))), binary(id("err"), "!=", null()),
			ret(composite(id(s.Type)), id("err"))),
		ret(id(result), null()))
	f.add(doc("%s reads the values that Dify sends. Its error names every field at fault, and no value.", s.Decode),
		function(s.Decode, signature{[]param{valuesParam()}, []code{id(s.Type), errorType()}}, body...))
}

// decode is the expression that reads a field with the given need.
func (f *Field) decode(need code) code {
	key, label := lit(f.Key), lit(f.Label)
	method := func(name string, args ...code) code {
		return call(dot(id("d"), name), append([]code{key, label}, args...)...)
	}
	switch f.Form {
	case FormSecret:
		if f.Default != nil {
			return method("SecretOr", need, lit(f.Default))
		}
		return method("Secret", need)
	case FormBool:
		if f.Default == true {
			return method("BoolOr", lit(true))
		}
		if f.Default == false {
			return method("Bool", rt("Optional"))
		}
		return method("Bool", need)
	case FormSelect:
		d, options := address(id("d")), id(f.Enum.Values)
		if option, ok := f.Default.(EnumOption); ok {
			return call(rt("DecodeSelectOr"), d, key, label, need, options, id(option.Const))
		}
		return call(rt("DecodeSelect"), d, key, label, need, options)
	case FormApp, FormModel:
		name := map[Form]string{FormApp: "App", FormModel: "Model"}[f.Form]
		if !f.Required {
			name = "Optional" + name
		}
		return method(name)
	case FormTools:
		return method("Tools", need)
	case FormText:
	default:
		return f.decodeParameter(need)
	}
	if f.Default != nil {
		return method("TextOr", need, lit(f.Default))
	}
	return method("Text", need)
}

// values emits the way back to the wire. An optional field that is not given is
// left out, unless leaving it out would give it a default.
func (p *Plan) values(f *file, s *Section) {
	var always, sometimes []code
	for _, field := range s.Fields {
		if condition := s.sentWhen(field); condition != nil {
			sometimes = append(sometimes, when(condition, assign(index(id("values"), lit(field.Key)), field.value())))
			continue
		}
		always = append(always, keyed(lit(field.Key), field.value()))
	}
	body := []code{ret(composite(stringMap(), always...))}
	if len(sometimes) > 0 {
		body = append([]code{define("values", composite(stringMap(), always...))}, sometimes...)
		body = append(body, ret(id("values")))
	}
	revealed := ""
	if slices.ContainsFunc(s.Fields, func(f *Field) bool { return f.Form == FormSecret }) {
		revealed = ", secrets revealed"
	}
	f.add(doc("Values returns the values as the wire has them%s: this is what goes to Dify.", revealed),
		method("c", id(s.Type), "Values", signature{nil, []code{stringMap()}}, body...))
}

func (f *Field) selected() code { return dot(id("c"), f.Name) }

// sentWhen is the condition under which a field goes to the wire; nil if it always
// does.
func (s *Section) sentWhen(f *Field) code {
	switch {
	case f.always() && (f.Required || f.Form == FormBool || f.Default != nil):
		return nil
	case f.Form == FormBool && s.mayDefault(f):
		return s.sentBool(f)
	}
	return f.given()
}

// given is the condition under which a field has a value.
func (f *Field) given() code {
	switch f.Form {
	case FormBool:
		return f.selected()
	case FormSecret:
		return not(call(dot(f.selected(), "IsZero")))
	case FormApp, FormModel:
		return binary(f.selected(), "!=", null())
	case FormTools, FormTexts, FormChoices, FormFiles:
		return binary(call(id("len"), f.selected()), ">", lit(0))
	case FormFile:
		return not(call(dot(f.selected(), "IsZero")))
	case FormNumber:
		return binary(f.selected(), "!=", lit(0))
	case FormObject, FormArray, FormAny:
		return binary(f.selected(), "!=", null())
	}
	return binary(f.selected(), "!=", lit(""))
}

func (f *Field) value() code {
	switch f.Form {
	case FormSecret:
		return call(dot(f.selected(), "Reveal"))
	case FormSelect:
		return call(id("string"), f.selected())
	case FormApp, FormModel:
		return call(dot(f.selected(), "Values"))
	case FormTools:
		return call(rt("ToolSelectorValues"), f.selected())
	case FormTexts, FormChoices:
		return call(rt("ChoiceValues"), f.selected())
	case FormFile:
		return call(dot(f.selected(), "Values"))
	case FormFiles:
		return call(rt("FileValues"), f.selected())
	}
	return f.selected()
}

// validateSection emits the check of a struct that the author filled.
func (p *Plan) validateSection(f *file, s *Section) {
	body := []code{define("v", call(rt("NewValidator"), lit(p.Label)))}
	for _, field := range s.Fields {
		if check := field.validate(field.need()); check != nil {
			body = append(body, check)
		}
		body = append(body, field.limits("v", field.selected(), field.need())...)
	}
	if body = append(body, ret(call(dot(id("v"), "Err")))); len(body) == 2 {
		body = []code{ret(null())}
	}
	f.add(doc("Validate checks that required fields are given and choices are among the options. Its error "+
		"names every field at fault, and no value."), method("c", id(s.Type), "Validate", signature{nil, []code{errorType()}}, body...))
}

// validate is the statement that checks a field with the given need; nil if there
// is nothing to check.
func (f *Field) validate(need code) code {
	key, label := lit(f.Key), lit(f.Label)
	method := func(name string, args ...code) code {
		return call(dot(id("v"), name), append([]code{key, label}, args...)...)
	}
	switch f.Form {
	case FormText:
		return method("Text", need, f.selected())
	case FormSecret:
		return method("Secret", need, f.selected())
	case FormSelect:
		return call(rt("ValidateSelect"), address(id("v")), key, label, need, id(f.Enum.Values), f.selected())
	case FormApp, FormModel:
		complete := not(call(dot(f.selected(), "IsZero")))
		if f.Required {
			return method("Present", complete)
		}
		return method("Complete", binary(binary(f.selected(), "==", null()), "||", complete))
	case FormChoices:
		return call(rt("ValidateChoices"), address(id("v")), key, label, need, id(f.Enum.Values), f.selected())
	case FormBool, FormNumber:
		return nil
	default:
		if f.Required {
			return method("Present", f.given())
		}
	}
	return nil
}

// enum emits the type of a select.
func (p *Plan) enum(f *file, e *Enum) {
	f.add(doc("%s is a choice of the field %s.", e.Type, shown(e.Field)),
		namedType(e.Type, id("string")))
	options := make([]member, len(e.Options))
	names := make([]code, len(e.Options))
	for i, o := range e.Options {
		options[i] = member{o.comment(), typedConst(o.Const, e.Type, o.Value)}
		names[i] = id(o.Const)
	}
	f.add(doc("The options of %s.", e.Type), constants(options))
	f.add(doc("%s returns every option, in the order of the form.", e.Values),
		function(e.Values, signature{nil, []code{slice(id(e.Type))}}, ret(composite(slice(id(e.Type)), names...))))
	const x = "x"
	f.add(doc("Valid reports whether x is one of the options."),
		method(x, id(e.Type), "Valid", signature{nil, []code{id("bool")}},
			choose(id(x), caseOf(names, ret(lit(true)))),
			ret(lit(false))))
	if e.Bool {
		f.add(doc(`Bool reports whether x is "true".`),
			method(x, id(e.Type), "Bool", signature{nil, []code{id("bool")}},
				ret(binary(id(x), "==", lit("true")))))
	}
}
