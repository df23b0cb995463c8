package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/difygen/difygen/model"
)

// The types of JSON.
const (
	textType   = "string"
	numberType = "number"
	boolType   = "boolean"
	mapType    = "object"
	listType   = "array"
	nullType   = "null"
)

var types = []string{textType, numberType, boolType, mapType, listType, nullType}

// booleanWords are the texts that the host takes for booleans. In YAML 1.1, an editor sees
// booleans instead.
const booleanWords = `^(y|Y|yes|on|n|N|no|off)$`

// trueWords are those of them that are true.
var trueWords = []string{"y", "Y", "yes", "on"}

// decimalPattern matches texts that are decimal numbers.
const decimalPattern = `^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`

// timePattern matches dates, and dates with times, as YAML spells them.
const timePattern = `^\d{4}-\d{1,2}-\d{1,2}(([Tt]|\s+)\d{1,2}:\d{1,2}:\d{1,2}(\.\d*)?\s*(Z|[-+]\d{1,2}(:?\d{2})?)?)?$`

// encoder turns specs into schemas.
type encoder struct {
	definitions members
}

// node returns the schema of a spec: a reference if the spec has a name.
func (e *encoder) node(s *model.Spec) *node {
	if s.Name == "" {
		return e.inline(s)
	}
	return &node{Description: s.Doc, Ref: "#/definitions/" + e.define(s)}
}

// define adds the schema of a spec with a name to the definitions, once.
func (e *encoder) define(s *model.Spec) string {
	if e.has(s.Name) {
		return s.Name
	}
	n := new(node)
	e.definitions = append(e.definitions, member{s.Name, n})
	plain := *s
	plain.Doc = ""
	*n = *e.inline(&plain)
	return s.Name
}

func (e *encoder) inline(s *model.Spec) *node {
	n := &node{Title: s.Title, Description: s.Doc, Minimum: s.Min, Maximum: s.Max}
	e.limits(n, s)
	switch s.Kind {
	case model.ValueAny:
		e.any(n, s)
	case model.ValueMap, model.ValueList, model.ValueMapOrList:
		e.collection(n, s)
	default:
		e.scalar(n, s)
	}
	for _, snip := range s.Snippets {
		n.Snippets = append(n.Snippets, snippet{snip.Label, snip.Doc, json.RawMessage(snip.Body)})
	}
	return n
}

// limits adds the limits of text.
func (e *encoder) limits(n *node, s *model.Spec) {
	if s.Required && (s.Kind == model.ValueText || s.Kind == model.ValueString) && s.Words == nil {
		n.MinLength = 1
	}
	if s.MaxLength > 0 {
		n.MaxLength = &s.MaxLength
	}
	if s.Pattern != "" && s.Words == nil && (s.Kind == model.ValueText || s.Kind == model.ValueString) {
		n.Pattern = s.Pattern
		if s.Want != "" {
			n.WrongText = "It must be " + s.Want + "."
		}
	}
}

// only returns a schema that takes values of some types alone, without proposing any. If
// other values come, editors say that the first type is wanted.
func only(wanted ...string) *node {
	var others []string
	for _, t := range types {
		if !slices.Contains(wanted, t) {
			others = append(others, t)
		}
	}
	return &node{If: &node{Type: others}, Then: &node{Type: wanted[0]}}
}

// orNull adds null to types unless a value is required, and maps and lists if the spec is
// loose.
func orNull(s *model.Spec, wanted ...string) []string {
	if !s.Required {
		wanted = append(wanted, nullType)
	}
	if s.Loose {
		wanted = append(wanted, mapType, listType)
	}
	return wanted
}

func (e *encoder) scalar(n *node, s *model.Spec) {
	switch s.Kind {
	case model.ValueText:
		e.text(n, s, textType, numberType, boolType)
	case model.ValueString:
		e.text(n, s, textType)
	case model.ValueBool, model.ValueBoolOrBit, model.ValueBoolText:
		e.boolean(n, s)
	case model.ValueNumber, model.ValueNumberText, model.ValueWhole, model.ValueDecimal:
		e.number(n, s)
	case model.ValueTime:
		if n.Pattern = timePattern; s.Required {
			n.Type = textType
			return
		}
		n.AnyOf = []*node{only(textType, nullType)}
	case model.ValueNothing:
		nothing := only(nullType, textType)
		nothing.Then.Wrong, n.WrongText = s.Want, s.Want
		n.Pattern, n.AnyOf = "^$", []*node{nothing}
	}
}

func (e *encoder) text(n *node, s *model.Spec, wanted ...string) {
	switch {
	case s.Words == nil && s.Kind == model.ValueString:
		text := only(orNull(s, wanted...)...)
		text.Then.Wrong = s.Want
		n.AnyOf = []*node{text}
	case s.Words == nil && s.Pattern != "":
		n.AnyOf = []*node{matching(s)}
	case s.Words == nil:
		n.AnyOf = []*node{e.shared(s, only(orNull(s, wanted...)...))}
	case s.Open:
		n.AnyOf = []*node{words(s.Words), {Pattern: s.Pattern, WrongText: s.Want, If: only(orNull(s, textType)...).If, Then: &node{Type: textType}}}
	case s.Required:
		list := words(s.Words)
		n.Enum, n.EnumDocs = list.Enum, list.EnumDocs
	default:
		empty := only(nullType, textType)
		empty.MaxLength = new(int)
		n.AnyOf = []*node{words(s.Words), empty}
	}
}

// matching returns a schema of scalars that become text which can match a pattern. What the
// pattern says of text does not hold for numbers and booleans in JSON Schema.
func matching(s *model.Spec) *node {
	match := regexp.MustCompile(s.Pattern).MatchString
	wanted := []string{textType}
	whole, fraction := match("1"), match("1.5")
	if whole || fraction {
		wanted = append(wanted, numberType)
	}
	if match("true") {
		wanted = append(wanted, boolType)
	}
	n := only(orNull(s, wanted...)...)
	if whole && !fraction {
		n.AllOf = []*node{{If: &node{Type: numberType}, Then: &node{Type: "integer"}}}
	}
	return n
}

// shared returns a reference to the schema of scalars that become text, of which there are
// many.
func (e *encoder) shared(s *model.Spec, scalar *node) *node {
	name := "Scalar"
	if !s.Required {
		name = "OptionalScalar"
	}
	if !e.has(name) {
		e.definitions = append(e.definitions, member{name, scalar})
	}
	return &node{Ref: "#/definitions/" + name}
}

func (e *encoder) has(name string) bool {
	return slices.ContainsFunc(e.definitions, func(m member) bool { return m.name == name })
}

// words returns a schema of some words.
func words(list []model.Word) *node {
	n := new(node)
	documented := false
	for _, w := range list {
		n.Enum = append(n.Enum, w.Value)
		n.EnumDocs = append(n.EnumDocs, w.Doc)
		documented = documented || w.Doc != ""
	}
	if !documented {
		n.EnumDocs = nil
	}
	return n
}

func (e *encoder) boolean(n *node, s *model.Spec) {
	if s.Kind != model.ValueBool {
		var zero, one float64 = 0, 1
		n.Minimum, n.Maximum = &zero, &one
	}
	var other *node // what is neither true nor false
	switch s.Kind {
	case model.ValueBoolText:
		other = only(orNull(s, textType, numberType)...)
		other.Pattern, other.WrongText = s.Pattern, s.Want
	case model.ValueBoolOrBit:
		other = only(orNull(s, numberType, textType)...)
		other.MaxLength = new(int)
	default:
		other = only(orNull(s, textType)...)
		other.Pattern = booleanWords
	}
	other.Then.Type = boolType // not what the words are, but what is wanted
	// With a title, editors do not show that of each alternative.
	n.AnyOf = []*node{{Title: "true or false", Type: boolType}, other}
}

func (e *encoder) number(n *node, s *model.Spec) {
	wanted := "number"
	if s.Kind == model.ValueWhole {
		wanted = "integer"
	}
	switch {
	case s.Kind == model.ValueDecimal:
		n.Pattern, n.AnyOf = decimalPattern, []*node{only(orNull(s, numberType, textType)...)}
	case s.Kind == model.ValueNumberText:
		n.Pattern, n.WrongText, n.AnyOf = s.Pattern, s.Want, []*node{only(orNull(s, numberType, textType)...)}
	case s.Required:
		n.Type = wanted
	case s.Kind == model.ValueWhole:
		number := only(orNull(s, numberType)...)
		number.AllOf = []*node{{If: &node{Type: numberType}, Then: &node{Type: wanted}}}
		n.AnyOf = []*node{number}
	default:
		n.AnyOf = []*node{only(orNull(s, numberType)...)}
	}
}

// any adds what is said of values that can have any type.
func (e *encoder) any(n *node, s *model.Spec) {
	switch {
	case s.Required:
		n.AnyOf = []*node{{If: &node{Type: nullType}, Then: &node{Type: textType}}}
	case s.Words == nil && s.Keys == nil:
		n.AnyOf = []*node{whether(true)} // with a keyword, editors complete a key with its colon
	}
	if s.Words != nil {
		list := words(s.Words)
		list.Enum = append(list.Enum, nullType)
		n.AnyOf = []*node{list, {If: &node{Not: &node{Type: []string{listType, nullType}}}, Then: &node{Type: listType}, Items: &node{Enum: list.Enum}}}
	}
	if s.Keys != nil {
		e.keys(n, s)
	}
}

// collection adds what is said of a map or list.
func (e *encoder) collection(n *node, s *model.Spec) {
	wanted := map[model.ValueKind][]string{model.ValueMap: {mapType}, model.ValueList: {listType}, model.ValueMapOrList: {mapType, listType}}[s.Kind]
	switch {
	case s.Required && len(wanted) == 1:
		n.Type = wanted[0]
	case s.Required:
		n.Type = wanted
	default:
		o := only(append(slices.Clone(wanted), nullType)...)
		n.If, n.Then = o.If, o.Then
	}
	if s.Items != nil {
		n.Items = e.node(s.Items)
	}
	n.MinItems, n.MaxItems = s.MinItems, s.MaxItems
	if s.Kind != model.ValueList {
		e.keys(n, s)
	}
}

// keys adds the keys of a map.
func (e *encoder) keys(n *node, s *model.Spec) {
	for _, k := range s.Keys {
		if k.Refused {
			n.Properties = append(n.Properties, member{k.Key, whether(false)})
			continue
		}
		n.Properties = append(n.Properties, member{k.Key, e.node(k.Spec)})
		if k.Spec.Required && !k.MayLack {
			n.Required = append(n.Required, k.Key)
		}
	}
	for _, need := range s.Needs {
		n.Needs = append(n.Needs, member{need.Key, []string{need.Needed}})
	}
	e.rest(n, s)
	for _, c := range s.Cases {
		n.AllOf = append(n.AllOf, e.condition(c))
	}
	if s.Switch != "" {
		n.AllOf = append(n.AllOf, switched(s))
	}
	if len(s.OneNeeded) > 0 {
		one := &node{}
		wrong := "One of these is needed: " + strings.Join(s.OneNeeded, ", ") + "."
		for _, key := range s.OneNeeded {
			is := &node{If: &node{Type: nullType}, Then: &node{Type: textType}, MinItems: 1}
			one.AnyOf = append(one.AnyOf, &node{Properties: members{{key, is}}, Required: []string{key}, Wrong: wrong})
		}
		n.AllOf = append(n.AllOf, one)
	}
}

// switched returns that a map in which a key is true has the switch, which is true, too.
func switched(s *model.Spec) *node {
	is := func(key string) *node {
		on := &node{AnyOf: []*node{{Const: true}, {Enum: trueWords}}}
		return &node{Properties: members{{key, on}}, Required: []string{key}}
	}
	others := &node{}
	for _, k := range s.Keys {
		if k.Key != s.Switch {
			others.AnyOf = append(others.AnyOf, is(k.Key))
		}
	}
	then := is(s.Switch)
	then.Wrong = s.Switch + " must be true, or the others have no effect."
	return &node{If: others, Then: then}
}

// rest adds the keys that a map has beside those with names.
func (e *encoder) rest(n *node, s *model.Spec) {
	if len(s.NotKeys) > 0 {
		n.Patterns = append(n.Patterns, member{"^(" + strings.Join(s.NotKeys, "|") + ")$", whether(false)})
	}
	switch {
	case s.Rest == nil:
		n.Rest = whether(false)
	case s.RestKeys != "":
		n.Patterns = append(n.Patterns, member{s.RestKeys, e.other(s.Rest)})
		n.Rest = whether(false)
	default:
		n.Rest = e.other(s.Rest)
	}
	if s.KeyLength > 0 {
		n.Names = &node{MinLength: 1, MaxLength: &s.KeyLength}
	}
}

// other returns the schema of keys without names; nil if they can be anything.
func (e *encoder) other(s *model.Spec) *node {
	if s.Name == "" && s.Kind == model.ValueAny && !s.Required && s.Keys == nil && s.Words == nil {
		return whether(true)
	}
	return e.node(s)
}

// condition returns what a map has if a key has one of some values.
func (e *encoder) condition(c model.SpecCase) *node {
	then := &node{}
	for _, k := range c.Keys {
		then.Properties = append(then.Properties, member{k.Key, e.node(k.Spec)})
		if k.Spec.Required {
			then.Required = append(then.Required, k.Key)
		}
	}
	is := &node{Properties: members{{c.Key, &node{Enum: c.Values}}}, Required: []string{c.Key}}
	return &node{If: is, Then: then}
}
