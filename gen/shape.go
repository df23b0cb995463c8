package gen

import "github.com/difygen/difygen/model"

// shape is a field's Go type and code. Shapes embed plain, which has the methods that most
// of them share.
type shape interface {
	// goType is the type of the field.
	goType(f *field) code
	// parse reads the default that the YAML declares. It returns nil if there is
	// none, or if it is not a value of the field.
	parse(f *field, v any) *defaultValue
	// decode is the expression that reads the field with the decoder d.
	decode(r reading) code
	// given is the expression that reports whether x has a value.
	given(x code) code
	// wire is x as it is sent to Dify.
	wire(x code) code
	// check is the statement that checks x with the validator v; nil if every value is
	// valid.
	check(f *field, need, x code) code
	// equals is the expression that reports whether x has the value written so in the
	// YAML; nil if x never has it.
	equals(f *field, x code, value string) code
	// limits are the statements that check x against the bounds, with the decoder or
	// validator of that name.
	limits(f *field, b bounds, checker string, need, x code) []code
	// limitWords describes the bounds for comments.
	limitWords(b bounds) []string

	// isSecret reports whether the value must be kept out of logs and comments.
	isSecret() bool
	// zeroIsValue reports whether a user can choose the zero value, so that it goes
	// to Dify wherever the field is shown.
	zeroIsValue() bool
}

// shapes are the shapes of a type of field.
type shapes struct {
	one     shape
	several shape // of a field that takes several values
	open    shape // in a section that takes values of any type
	call    shape // of one value, in parameters of a call; nil if it is the same
	agent   shape // in parameters of an agent strategy; nil if it is the same
}

var (
	asText    = shapes{one: textShape{}, several: textsShape{}, open: textShape{}}
	asSelect  = shapes{one: selectShape{}, several: selectsShape{}, open: selectShape{}}
	asFile    = shapes{one: fileShape, several: filesShape, open: fileShape}
	asUnknown = shapes{one: textShape{}, several: textsShape{}, open: anyShape}
	asNumber  = shapes{one: numberShape{}, several: numberShape{}, open: numberShape{}, call: quantityShape{}}
)

// as returns shapes that are the same everywhere.
func as(s shape) shapes { return shapes{one: s, several: s, open: s} }

// filled returns shapes that are the same everywhere, but for the default that a call has.
func filled(s valueShape) shapes { return shapes{one: s, several: s, open: s, call: filledShape{s}} }

// chosenBy returns shapes that are the same everywhere, but for agents.
func chosenBy(s, agent shape) shapes { return shapes{one: s, several: s, open: s, agent: agent} }

// fieldType is the Go side of a type of field.
type fieldType struct {
	shapes
	// isList: a field takes several values where it can, even if it is not declared as
	// multiple.
	isList bool
	// isOffered: the values are chosen from an offer, so that a call can have several.
	isOffered bool
}

// fieldTypes are the types of field that Dify knows.
var fieldTypes = map[model.FieldType]fieldType{
	model.TypeTextInput:     {shapes: asText},
	model.TypeString:        {shapes: asText},
	model.TypeDynamicSelect: {shapes: asUnknown, isOffered: true},
	model.TypeSecretInput:   {shapes: as(secretShape{})},
	model.TypeSelect:        {shapes: asSelect, isOffered: true},
	model.TypeRadio:         {shapes: asSelect, isOffered: true},
	model.TypeCheckbox:      {shapes: asSelect, isList: true},
	model.TypeBoolean:       {shapes: as(boolShape{})},
	model.TypeSwitch:        {shapes: as(boolShape{})},
	model.TypeAppSelector:   {shapes: as(appShape)},
	model.TypeModelSelector: {shapes: chosenBy(modelShape, agentModelShape{})},
	model.TypeArrayTools:    {shapes: chosenBy(toolsShape, agentToolsShape{})},
	model.TypeNumber:        {shapes: asNumber},
	model.TypeObject:        {shapes: filled(objectShape)},
	model.TypeArray:         {shapes: filled(arrayShape)},
	model.TypeFile:          {shapes: asFile},
	model.TypeFiles:         {shapes: as(filesShape)},
	model.TypeAny:           {shapes: filled(anyShape)},
	model.TypeDate:          {shapes: asText},
	model.TypeDateRange:     {shapes: asText},
	model.TypeText:          {shapes: asText},
	model.TypeFloat:         {shapes: asNumber},
	model.TypeInt:           {shapes: asNumber},
}

// fieldTypeOf returns the row of a type of field, also for one that Dify does not know.
func fieldTypeOf(t model.FieldType) fieldType {
	if known, ok := fieldTypes[t]; ok {
		return known
	}
	return fieldType{shapes: asUnknown}
}

// in is the shape of a field in a section.
func (t fieldType) in(s sectionKind, multiple bool) shape {
	switch {
	case s.isAgent && t.agent != nil:
		return t.agent
	case s.takesLists && (multiple && (t.isOffered || !s.isCall) || t.isList):
		return t.several
	case s.isCall && t.call != nil:
		return t.call
	case s.takesAny:
		return t.open
	}
	return t.one
}

// defaultValue is the value of a field that is not given.
type defaultValue struct {
	words  string // for comments; "" to leave it out
	values []code // one, or those of a list
	isTrue bool   // it is the boolean true
}

// reading is what the code that decodes a field depends on.
type reading struct {
	field   *field
	need    code
	def     *defaultValue // nil for none
	options []option      // those that can be chosen
}

// or calls the method of the decoder that reads the field: name or, if there is a
// default, nameOr.
func (r reading) or(name string) code {
	if r.def == nil {
		return r.field.method("d", name, r.need)
	}
	return r.field.method("d", name+"Or", append([]code{r.need}, r.def.values...)...)
}

// method calls a method of a decoder or validator for the field.
func (f *field) method(checker, name string, args ...code) code {
	return call(dot(id(checker), name), append([]code{lit(f.key), lit(f.label)}, args...)...)
}

// function calls a function of the runtime with a decoder or validator for the field.
func (f *field) function(fn code, checker string, args ...code) code {
	return call(fn, append([]code{address(id(checker)), lit(f.key), lit(f.label)}, args...)...)
}

// plain has the methods that most shapes share.
type plain struct{}

func (plain) parse(*field, any) *defaultValue                  { return nil }
func (plain) wire(x code) code                                 { return x }
func (plain) equals(*field, code, string) code                 { return nil }
func (plain) limits(*field, bounds, string, code, code) []code { return nil }
func (plain) limitWords(bounds) []string                       { return nil }
func (plain) isSecret() bool                                   { return false }
func (plain) zeroIsValue() bool                                { return false }
func (plain) check(*field, code, code) code                    { return nil }

// isGiven is the statement that checks that a required field is given.
func isGiven(f *field, given code) code {
	if !f.isRequired() {
		return nil
	}
	return f.method("v", "Present", given)
}

func notZero(x code) code  { return not(call(dot(x, "IsZero"))) }
func notEmpty(x code) code { return binary(call(id("len"), x), ">", lit(0)) }
func notNil(x code) code   { return binary(x, "!=", null()) }
func values(x code) code   { return call(dot(x, "Values")) }
