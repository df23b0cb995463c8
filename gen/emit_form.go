package gen

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// modelTypes are the constants of the runtime for types of models.
var modelTypes = map[string]string{
	"llm":            "ModelTypeLLM",
	"text-embedding": "ModelTypeTextEmbedding",
	"rerank":         "ModelTypeRerank",
	"speech2text":    "ModelTypeSpeech2Text",
	"moderation":     "ModelTypeModeration",
	"tts":            "ModelTypeTTS",
	"text2img":       "ModelTypeText2Img",
}

func modelTypeOf(value string) code {
	if name, ok := modelTypes[value]; ok {
		return rt(name)
	}
	return lit(value)
}

// formParams are the parameters of a function that looks at conditions: the type
// of the model decides in model credentials only.
func (s *Section) formParams(more ...param) []param {
	if s.Name == model.SectionModelCredentials {
		return append([]param{{"modelType", rt("ModelType")}}, more...)
	}
	return more
}

// shown is the expression for a case to be shown, given the variable that holds
// the struct; nil stands for always.
func (s *Section) shown(holder string, conditions []Condition) code {
	var all []code
	for _, c := range conditions {
		all = append(all, s.condition(holder, c))
	}
	return join("&&", all)
}

// join links expressions by an operator; nil for none.
func join(op string, list []code) code {
	var all code
	for i, x := range list {
		if i == 0 {
			all = x
			continue
		}
		all = binary(all, op, x)
	}
	return all
}

func (s *Section) condition(holder string, c Condition) code {
	if c.never() || c.Field == nil && s.Name != model.SectionModelCredentials {
		return id("false")
	}
	if c.Field == nil {
		return binary(id("modelType"), "==", modelTypeOf(c.Value))
	}
	x := dot(id(holder), c.Field.Name)
	switch c.Field.Form {
	case FormBool:
		if c.Value == "true" {
			return x
		}
		return not(x)
	case FormSelect:
		o, _ := c.Field.option(c.Value)
		return binary(x, "==", id(o.Const))
	case FormSecret:
		return binary(call(dot(x, "Reveal")), "==", lit(c.Value))
	}
	return binary(x, "==", lit(c.Value))
}

// possible are the cases that can be shown.
func (s *Section) possible(f *Field) []*Case {
	return slices.DeleteFunc(slices.Clone(f.Cases), func(c *Case) bool {
		return c.never() || s.Name != model.SectionModelCredentials && slices.ContainsFunc(c.Conditions, func(c Condition) bool { return c.Field == nil })
	})
}

// mayDefault reports whether a case gives a boolean the default true, so that it
// must be sent if it is false.
func (s *Section) mayDefault(f *Field) bool {
	return slices.ContainsFunc(s.possible(f), func(c *Case) bool { return c.Default == true })
}

// sentBool is the condition under which a boolean with a default is shown, as far
// as other fields decide; nil if they do not. The type of the model, which is not
// known here, hides it only when it is read.
func (s *Section) sentBool(f *Field) code {
	var cases []code
	for _, c := range s.possible(f) {
		fields := slices.DeleteFunc(slices.Clone(c.Conditions), func(c Condition) bool { return c.Field == nil })
		if len(fields) == 0 {
			return nil
		}
		cases = append(cases, s.shown("c", fields))
	}
	return join("||", cases)
}

// byCase emits what holds for a field in each of its cases; nothing if that is
// nothing in all of them.
func (s *Section) byCase(holder string, f *Field, body func(*Case) []code) []code {
	cases := s.possible(f)
	bodies := make([][]code, len(cases))
	empty := true
	for i, c := range cases {
		bodies[i] = body(c)
		empty = empty && len(bodies[i]) == 0
	}
	switch {
	case empty:
		return nil
	case len(cases[0].Conditions) == 0:
		return bodies[0]
	case len(cases) == 1:
		return []code{when(s.shown(holder, cases[0].Conditions), bodies[0]...)}
	}
	var list []code
	for i, c := range cases {
		if len(c.Conditions) == 0 {
			list = append(list, otherwise(bodies[i]...))
			break
		}
		list = append(list, caseOf([]code{s.shown(holder, c.Conditions)}, bodies[i]...))
	}
	return []code{chooseFirst(list...)}
}

// caseNeed is whether a field must be given in a case: if the case or another one
// that is shown as well says so.
func (s *Section) caseNeed(holder string, f *Field, c *Case) code {
	if c.Required {
		return rt("Required")
	}
	var others []code
	for _, other := range s.possible(f) {
		if other == c || !other.Required || disjoint(c, other) {
			continue
		}
		if len(other.Conditions) == 0 {
			return rt("Required")
		}
		others = append(others, s.shown(holder, other.Conditions))
	}
	if len(others) == 0 {
		return rt("Optional")
	}
	return call(rt("Need"), join("||", others))
}

// caseOptions are the options that can be chosen in a case.
func (s *Section) caseOptions(f *Field, c *Case) []EnumOption {
	var options []EnumOption
	for _, other := range s.possible(f) {
		if other != c && disjoint(c, other) {
			continue
		}
		for _, o := range other.Options {
			same := func(x EnumOption) bool { return x.Value == o.Value }
			if !slices.ContainsFunc(options, same) {
				options = append(options, o.EnumOption)
			}
		}
	}
	return options
}

// decodeForm emits the function that reads a form from the wire.
func (p *Plan) decodeForm(f *file, s *Section) {
	body := []code{
		define("d", call(rt("NewFormDecoder"), lit(p.Label), id("values"))),
		declare("creds", id(s.Type)),
	}
	for _, field := range s.inOrder() {
		body = append(body, s.byCase("creds", field, func(c *Case) []code {
			out := []code{assign(dot(id("creds"), field.Name), s.decodeCase(field, c))}
			return append(out, s.checkCase("creds", "d", field, c)...)
		})...)
	}
	body = append(body,
		whenDefined(define("err", call(dot(id("d"), "Err"))), binary(id("err"), "!=", null()),
			ret(composite(id(s.Type)), id("err"))),
		ret(id("creds"), null()))
	what := "%s reads the values that Dify sends. Hidden fields are neither required nor kept. " +
		"Its error names every field at fault, and no value."
	f.add(doc(what, s.Decode),
		function(s.Decode, signature{s.formParams(valuesParam()), []code{id(s.Type), errorType()}}, body...))
}

// decodeCase reads a field as one of its cases declares it.
func (s *Section) decodeCase(f *Field, c *Case) code {
	need := s.caseNeed("creds", f, c)
	if f.Form != FormSelect || len(s.caseOptions(f, c)) == len(f.Enum.Options) {
		as := *f
		as.Default = c.Default
		return as.decode(need)
	}
	otherwise := lit("")
	if o, ok := c.Default.(EnumOption); ok {
		otherwise = id(o.Const)
	}
	args := []code{address(id("d")), lit(f.Key), lit(f.Label), need, otherwise}
	for _, o := range s.caseOptions(f, c) {
		args = append(args, id(o.Const))
	}
	return call(generic(rt("DecodeChoice"), id(f.Enum.Type)), args...)
}

// checkCase emits what decoding does not check: lengths, and options that are not
// shown.
func (s *Section) checkCase(holder, checker string, f *Field, c *Case) []code {
	var out []code
	x := dot(id(holder), f.Name)
	if c.MaxLength > 0 && (f.Form == FormText || f.Form == FormSecret) {
		if f.Form == FormSecret {
			x = call(dot(x, "Reveal"))
		}
		out = append(out, call(dot(id(checker), "MaxLength"), lit(f.Key), lit(f.Label), lit(c.MaxLength), x))
	}
	for _, o := range c.Options {
		if len(o.Conditions) == 0 {
			continue
		}
		hidden := not(parens(s.shown(holder, o.Conditions)))
		out = append(out, when(binary(binary(x, "==", id(o.Const)), "&&", hidden),
			call(dot(id(checker), "NotShown"), lit(f.Key), lit(f.Label))))
	}
	return out
}

// validateForm emits the check of a form that the author filled.
func (p *Plan) validateForm(f *file, s *Section) {
	body := []code{define("v", call(rt("NewValidator"), lit(p.Label)))}
	for _, field := range s.Fields {
		body = append(body, s.byCase("c", field, func(c *Case) []code {
			var out []code
			if check := field.validate(s.caseNeed("c", field, c)); check != nil {
				out = append(out, check)
			}
			return append(out, s.checkCase("c", "v", field, c)...)
		})...)
	}
	body = append(body, ret(call(dot(id("v"), "Err"))))
	f.add(doc("Validate checks that the fields that are shown are given as required and choices are among the "+
		"options. Its error names every field at fault, and no value."),
		method("c", id(s.Type), "Validate", signature{s.formParams(), []code{errorType()}}, body...))
}
