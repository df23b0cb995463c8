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

// block is what is to be done for a field under conditions.
type block struct {
	field      *field
	conditions []condition // none for always, or if when says it
	when       code        // nil for always
	body       []code
}

// byVariant is what is to be done for a field in each of its variants. Its body is
// empty if that is nothing in all of them.
func (s *section) byVariant(holder string, f *field, body func(*variant) []code) block {
	variants := s.possible(f)
	bodies := make([][]code, len(variants))
	empty := true
	for i, v := range variants {
		bodies[i] = body(v)
		empty = empty && len(bodies[i]) == 0
	}
	switch {
	case empty:
		return block{}
	case len(variants) == 1 || len(variants[0].conditions) == 0:
		conditions := variants[0].conditions
		return block{f, conditions, s.shown(holder, conditions), bodies[0]}
	}
	var list []code
	for i, v := range variants {
		if len(v.conditions) == 0 {
			list = append(list, otherwise(bodies[i]...))
			break
		}
		list = append(list, caseOf([]code{s.shown(holder, v.conditions)}, bodies[i]...))
	}
	return block{field: f, body: []code{chooseFirst(list...)}}
}

// statements emits blocks one after the other; neighbors share their conditions.
func statements(blocks []block) []code {
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return len(b.body) == 0 })
	var out []code
	for _, together := range neighbors(blocks) {
		var body []code
		for _, b := range together {
			body = append(body, b.body...)
		}
		if condition := together[0].when; condition != nil {
			body = []code{when(condition, body...)}
		}
		out = append(out, body...)
	}
	return out
}

// neighbors cuts a list of blocks into those that can stand under one condition. They
// have the same conditions, which ask for no field that one of them sets.
func neighbors(blocks []block) [][]block {
	var list [][]block
	for start, i := 0, 1; start < len(blocks); i++ {
		if i < len(blocks) && len(blocks[i].conditions) > 0 && slices.Equal(blocks[i].conditions, blocks[start].conditions) &&
			!slices.ContainsFunc(blocks[start:i], blocks[start].asksFor) {
			continue
		}
		list = append(list, blocks[start:i])
		start = i
	}
	return list
}

// asksFor reports whether a condition of b asks for the field of the other.
func (b block) asksFor(other block) bool {
	return slices.ContainsFunc(b.conditions, func(c condition) bool { return c.field == other.field })
}

// need is whether a field must be given in a variant: if the variant or another one
// that is shown as well says so.
func (s *section) need(holder string, f *field, v *variant) code {
	if v.required {
		return rt("FieldRequired")
	}
	var others []code
	for _, other := range s.possible(f) {
		if other == v || !other.required || disjoint(v, other) {
			continue
		}
		if len(other.conditions) == 0 {
			return rt("FieldRequired")
		}
		others = append(others, s.shown(holder, other.conditions))
	}
	if len(others) == 0 {
		return rt("FieldOptional")
	}
	return call(rt("RequiredIf"), join("||", others))
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

// sent is the block that sends a field to Dify; its body is the statement.
func (s *section) sent(f *field, body code) block {
	b := block{field: f, body: []code{body}}
	if f.isAlwaysShown() && (f.isRequired() || f.shape.zeroIsValue() || f.variants[0].def != nil) {
		return b
	}
	if !s.mayBeTrue(f) {
		b.when = f.shape.given(f.selected())
		return b
	}
	// A value that is not sent would default to true. The type of the model, which is
	// not known here, hides the field only when it is read.
	var cases []code
	for _, v := range s.possible(f) {
		conditions := slices.DeleteFunc(slices.Clone(v.conditions), func(c condition) bool { return c.field == nil })
		if len(conditions) == 0 {
			return block{field: f, body: b.body}
		}
		b.conditions = conditions
		cases = append(cases, s.shown("c", conditions))
	}
	if len(cases) > 1 {
		b.conditions = nil
	}
	b.when = join("||", cases)
	return b
}

// mayBeTrue reports whether a variant gives a boolean the default true, so that it
// must be sent if it is false.
func (s *section) mayBeTrue(f *field) bool {
	return slices.ContainsFunc(s.possible(f), func(v *variant) bool { return v.def != nil && v.def.isTrue })
}
