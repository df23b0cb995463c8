package gen

import "slices"

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

// withModelType are the parameters of a function that looks at conditions: the type
// of the model decides in model credentials only.
func (s *section) withModelType(more ...param) []param {
	if s.knowsModelType {
		return append([]param{{"modelType", rt("ModelType")}}, more...)
	}
	return more
}

// shown is the expression for conditions to hold, given the name of the variable
// that holds the struct; nil stands for always.
func (s *section) shown(holder string, conditions []condition) code {
	var all []code
	for _, c := range conditions {
		all = append(all, s.condition(holder, c))
	}
	return join("&&", all)
}

func (s *section) condition(holder string, c condition) code {
	switch {
	case !s.isPossible(c):
		return id("false")
	case c.field == nil:
		return binary(id("modelType"), "==", modelTypeOf(c.value))
	}
	return c.holds(holder)
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

// byVariant emits what holds for a field in each of its variants; nothing if that is
// nothing in all of them.
func (s *section) byVariant(holder string, f *field, body func(*variant) []code) []code {
	variants := s.possible(f)
	bodies := make([][]code, len(variants))
	empty := true
	for i, v := range variants {
		bodies[i] = body(v)
		empty = empty && len(bodies[i]) == 0
	}
	switch {
	case empty:
		return nil
	case len(variants[0].conditions) == 0:
		return bodies[0]
	case len(variants) == 1:
		return []code{when(s.shown(holder, variants[0].conditions), bodies[0]...)}
	}
	var list []code
	for i, v := range variants {
		if len(v.conditions) == 0 {
			list = append(list, otherwise(bodies[i]...))
			break
		}
		list = append(list, caseOf([]code{s.shown(holder, v.conditions)}, bodies[i]...))
	}
	return []code{chooseFirst(list...)}
}

// need is whether a field must be given in a variant: if the variant or another one
// that is shown as well says so.
func (s *section) need(holder string, f *field, v *variant) code {
	if v.required {
		return rt("Required")
	}
	var others []code
	for _, other := range s.possible(f) {
		if other == v || !other.required || disjoint(v, other) {
			continue
		}
		if len(other.conditions) == 0 {
			return rt("Required")
		}
		others = append(others, s.shown(holder, other.conditions))
	}
	if len(others) == 0 {
		return rt("Optional")
	}
	return call(rt("Need"), join("||", others))
}

// limits emits the checks of bounds, and of options that are not shown.
func (s *section) limits(holder, checker string, f *field, v *variant) []code {
	x := dot(id(holder), f.name)
	out := f.shape.limits(f, v.bounds, checker, s.need(holder, f, v), x)
	for _, o := range v.options {
		if len(o.conditions) == 0 {
			continue
		}
		hidden := not(parens(s.shown(holder, o.conditions)))
		out = append(out, when(binary(binary(x, "==", id(o.constant)), "&&", hidden), f.method(checker, "NotShown")))
	}
	return out
}

// mayBeTrue reports whether a variant gives a boolean the default true, so that it
// must be sent if it is false.
func (s *section) mayBeTrue(f *field) bool {
	return slices.ContainsFunc(s.possible(f), func(v *variant) bool { return v.def != nil && v.def.isTrue })
}

// sentBool is the condition under which a boolean with a default is shown, as far
// as other fields decide; nil if they do not. The type of the model, which is not
// known here, hides it only when it is read.
func (s *section) sentBool(f *field) code {
	var cases []code
	for _, v := range s.possible(f) {
		fields := slices.DeleteFunc(slices.Clone(v.conditions), func(c condition) bool { return c.field == nil })
		if len(fields) == 0 {
			return nil
		}
		cases = append(cases, s.shown("c", fields))
	}
	return join("||", cases)
}
