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

// withModelType adds the type of the model to the parameters of a function that checks
// conditions, where they can depend on it.
func (s *section) withModelType(more ...param) []param {
	if s.yaml.HasModelType() {
		return append([]param{{"modelType", rt("ModelType")}}, more...)
	}
	return more
}

// shown is the expression that reports whether all conditions hold. holder is the
// variable with the struct. A nil result means always.
func (s *section) shown(holder string, conditions []condition) code {
	if !s.canHold(conditions) {
		return id("false")
	}
	var all []code
	for _, c := range conditions {
		if c.field == nil {
			all = append(all, binary(id("modelType"), "==", modelTypeOf(c.value)))
		} else {
			all = append(all, c.holds(holder))
		}
	}
	return join("&&", all)
}

// anyShown is the expression that reports whether all conditions of one of some lists
// hold. A nil result means always.
func (s *section) anyShown(holder string, lists [][]condition) code {
	var distinct [][]condition
	var cases []code
	for _, conditions := range lists {
		if len(conditions) == 0 {
			return nil
		}
		same := func(other []condition) bool { return slices.Equal(other, conditions) }
		if !s.canHold(conditions) || slices.ContainsFunc(distinct, same) {
			continue
		}
		distinct = append(distinct, conditions)
		cases = append(cases, s.shown(holder, conditions))
	}
	if len(cases) == 0 {
		return id("false")
	}
	return join("||", cases)
}

// join joins expressions with an operator; nil for none.
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

// block is the code for a field: the body of the first case whose conditions hold.
// Without cases, there is nothing to do.
type block struct {
	field *field
	cases []blockCase
}

type blockCase struct {
	conditions []condition // none for always, or if when says it
	when       code        // nil for always
	body       []code
}

// byVariant is the block with a case for each variant of a field.
func (s *section) byVariant(holder string, f *field, body func(*variant) []code) block {
	b := block{field: f}
	empty := true
	for _, v := range s.possible(f) {
		c := blockCase{v.conditions, s.shown(holder, v.conditions), body(v)}
		empty = empty && len(c.body) == 0
		b.cases = append(b.cases, c)
		if c.when == nil {
			break
		}
	}
	if empty {
		return block{}
	}
	return b
}

// statements emits blocks one after the other; neighbors share their conditions.
func statements(blocks []block) []code {
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return len(b.cases) == 0 })
	var out []code
	for _, together := range neighbors(blocks) {
		cases := slices.Clone(together[0].cases)
		for i := range cases {
			for _, b := range together[1:] {
				cases[i].body = slices.Concat(cases[i].body, b.cases[i].body)
			}
		}
		out = append(out, firstOf(cases)...)
	}
	return out
}

// firstOf emits the body of the first case whose conditions hold.
func firstOf(cases []blockCase) []code {
	if len(cases) == 1 {
		if cases[0].when == nil {
			return cases[0].body
		}
		return []code{when(cases[0].when, cases[0].body...)}
	}
	var list []code
	for _, c := range cases {
		if c.when == nil {
			list = append(list, otherwise(c.body...))
			continue
		}
		list = append(list, caseOf([]code{c.when}, c.body...))
	}
	return []code{chooseFirst(list...)}
}

// neighbors cuts a list of blocks into those that can share their conditions. They have
// the same conditions, which refer to no field that one of them sets.
func neighbors(blocks []block) [][]block {
	var list [][]block
	for start, i := 0, 1; start < len(blocks); i++ {
		if i < len(blocks) && blocks[start].hasConditionsOf(blocks[i]) && !slices.ContainsFunc(blocks[start:i], blocks[start].dependsOn) {
			continue
		}
		list = append(list, blocks[start:i])
		start = i
	}
	return list
}

func (b block) hasConditionsOf(other block) bool {
	return len(b.cases[0].conditions) > 0 && slices.EqualFunc(b.cases, other.cases, func(x, y blockCase) bool {
		return slices.Equal(x.conditions, y.conditions)
	})
}

// dependsOn reports whether a condition of b refers to the field of the other.
func (b block) dependsOn(other block) bool {
	return slices.ContainsFunc(b.cases, func(x blockCase) bool {
		return slices.ContainsFunc(x.conditions, func(c condition) bool { return c.field == other.field })
	})
}

// need is whether a field must be given in a variant: if the variant requires it, or a later
// one that is shown too. None before it is shown, since the first one that is applies.
func (s *section) need(holder string, f *field, v *variant) code {
	if v.required {
		return rt("FieldRequired")
	}
	var others [][]condition
	possible := s.possible(f)
	for _, other := range possible[slices.Index(possible, v)+1:] {
		if other.required && !disjoint(v, other) {
			others = append(others, other.conditions)
		}
	}
	if len(others) == 0 {
		return rt("FieldOptional")
	}
	if condition := s.anyShown(holder, others); condition != nil {
		return call(rt("RequiredIf"), condition)
	}
	return rt("FieldRequired")
}

// limits emits the checks of bounds and of hidden options.
func (s *section) limits(holder, checker string, f *field, v *variant) []code {
	x := dot(id(holder), f.name)
	out := f.shape.limits(f, v.bounds, checker, s.need(holder, f, v), x)
	// An option that is listed again under other conditions, or in another variant, is shown under
	// either.
	var constants []string
	lists := make(map[string][][]condition)
	for _, o := range v.options {
		if lists[o.constant] == nil {
			constants = append(constants, o.constant)
		}
		lists[o.constant] = append(lists[o.constant], o.conditions)
	}
	for _, other := range s.possible(f) {
		if other == v || disjoint(v, other) {
			continue
		}
		for _, o := range other.options {
			if lists[o.constant] != nil {
				lists[o.constant] = append(lists[o.constant], slices.Concat(other.conditions, o.conditions))
			}
		}
	}
	for _, constant := range constants {
		if shown := s.anyShown(holder, lists[constant]); shown != nil {
			hidden := binary(x, "==", id(constant))
			if slices.ContainsFunc(lists[constant], s.canHold) {
				hidden = binary(hidden, "&&", not(parens(shown)))
			}
			out = append(out, when(hidden, f.method(checker, "NotShown")))
		}
	}
	return out
}

// sent is the block that sends a field to Dify; its body is the statement.
func (s *section) sent(f *field, body code) block {
	c := blockCase{body: []code{body}}
	always := f.isAlwaysShown() && (f.isRequired() || f.shape.zeroIsValue() || f.variants[0].def != nil)
	switch {
	case always:
	case s.mayBeTrue(f):
		c.conditions, c.when = s.whereSent(f)
	default:
		c.when = f.shape.given(f.selected())
	}
	return block{f, []blockCase{c}}
}

// whereSent is the condition to send a field that would otherwise default to true: that
// one of its variants is shown. The type of the model, which is not known here, hides the
// field only in decoding. If there is one variant only, its conditions are returned, too.
func (s *section) whereSent(f *field) ([]condition, code) {
	var lists [][]condition
	for _, v := range s.possible(f) {
		lists = append(lists, slices.DeleteFunc(slices.Clone(v.conditions), func(c condition) bool { return c.field == nil }))
	}
	when := s.anyShown("c", lists)
	if len(lists) == 1 && when != nil {
		return lists[0], when
	}
	return nil, when
}

// mayBeTrue reports whether a variant gives a boolean the default true, so that it
// must be sent if it is false.
func (s *section) mayBeTrue(f *field) bool {
	return slices.ContainsFunc(s.possible(f), func(v *variant) bool { return v.def != nil && v.def.isTrue })
}
