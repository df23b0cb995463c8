package model

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// field returns the spec of a field of a section with rules. Named means that the field has
// its name in it.
func (s *specMaker) field(rules *sectionRules, named, required bool) *Spec {
	return s.structure(role{typ: rules.host, rules: rules, named: named, required: required})
}

// special adds what no key alone says to the spec of a struct.
func (s *specMaker) special(r role, spec *Spec) {
	switch {
	case r.typ == reflect.TypeFor[hostPlugins]():
		for _, k := range spec.Keys {
			spec.OneNeeded = append(spec.OneNeeded, k.Key)
		}
	case r.typ == reflect.TypeFor[hostModelPermission]():
		spec.Switch = "enabled"
	case r.typ == reflect.TypeFor[hostAutoGenerate](), r.typ == reflect.TypeFor[hostTemplate]():
		spec.Rest = &Spec{} // the host ignores other keys, and no check looks at them
	case r.rules == nil:
	case r.typ == r.rules.host:
		s.fieldRules(r, spec)
	case r.typ == r.rules.hostOption:
		optionRules(r.rules, spec)
	}
}

// fieldRules adds the rules of a section to the spec of its fields.
func (s *specMaker) fieldRules(r role, spec *Spec) {
	rules := r.rules
	spec.Name, spec.Title = rules.spec, title(rules.spec)
	if r.named {
		spec.Name = "Named" + spec.Name
	}
	if !r.required {
		spec.Name = "Optional" + spec.Name
	}
	name := spec.key(rules.nameKey)
	name.Required = r.named
	if rules.maxName > 0 && r.named {
		name.MaxLength = rules.maxName - 1
	}
	t := spec.key("type")
	t.Words, t.Required = typeWordsOf(rules), rules.kind != inModels
	if help := spec.key(rules.helpKey); rules.needsHelp {
		*help = *s.text(rules, true, englishAlways)
		help.Doc = keyInfos()[rules.host][rules.helpKey].doc
	}
	if rules.kind == inModels {
		spec.OneNeeded = []string{"type", "use_template"}
	}
	if options := spec.key("options"); options != nil && rules.maxOptions > 0 {
		options.MaxItems = rules.maxOptions - 1
	}
	s.scopes(rules, spec)
	defaults(rules, spec)
	if rules.unchecked {
		return
	}
	selects := typesWhere(rules, func(t fieldTypeInfo) bool { return t.name.values() == TypeSelect })
	if len(selects) > 0 {
		options := &Spec{Kind: ValueList, Required: true, MinItems: 1}
		spec.Cases = append(spec.Cases, SpecCase{Key: "type", Values: selects, Keys: []SpecKey{{Key: "options", Spec: options}}})
	}
}

// typeWordsOf returns the types that the host knows in a section.
func typeWordsOf(rules *sectionRules) []Word {
	var words []Word
	for _, info := range fieldTypes {
		if info.known&rules.kind != 0 {
			words = append(words, Word{string(info.name), info.doc})
		}
	}
	return words
}

// typesWhere returns the types that a section knows and that satisfy a condition.
func typesWhere(rules *sectionRules, is func(fieldTypeInfo) bool) []string {
	var list []string
	for _, info := range fieldTypes {
		if info.known&rules.kind != 0 && is(info) {
			list = append(list, string(info.name))
		}
	}
	return list
}

// scopes says which scope a field of each type can have.
func (s *specMaker) scopes(rules *sectionRules, spec *Spec) {
	scope := spec.key("scope")
	if scope == nil || rules.unchecked || rules.scopes == scopeAny {
		return
	}
	if rules.kind&inItems != 0 {
		scope.MaxLength = maxScope
	}
	none := &Spec{Kind: ValueNothing, Want: "Only a selector has a scope."}
	if rules.scopes == scopeNone {
		none.Doc = scope.Doc
		*scope = *none
		return
	}
	without := typesWhere(rules, func(t fieldTypeInfo) bool { return t.scopes == nil })
	spec.Cases = append(spec.Cases, SpecCase{Key: "type", Values: without, Keys: []SpecKey{{Key: "scope", Spec: none}}})
	for _, info := range fieldTypes {
		if info.known&rules.kind == 0 || info.scopes == nil {
			continue
		}
		of := &Spec{Kind: ValueText, Doc: scope.Doc, Open: true, Pattern: scopePattern(info.scopes), MaxLength: scope.MaxLength,
			Want: "One of " + strings.Join(info.scopes, ", ") + ", or several with & between them."}
		for _, word := range info.scopes {
			of.Words = append(of.Words, Word{Value: word})
		}
		spec.Cases = append(spec.Cases, SpecCase{Key: "type", Values: []string{string(info.name)}, Keys: []SpecKey{{Key: "scope", Spec: of}}})
	}
}

// scopePattern matches a scope that holds one of the words.
func scopePattern(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = regexp.QuoteMeta(word)
	}
	return `(^|&)\s*(` + strings.Join(quoted, "|") + `)\s*(&|$)`
}

// Patterns of defaults in text.
const (
	booleanText = `^(|true|True|1|false|False|0)$`
	// Numbers as strconv.ParseFloat reads them, or a little more.
	numberText = `^$|^[-+]?([0-9._]+([eE][-+]?[0-9_]+)?|0[xX][0-9a-fA-F._]+([pP][-+]?[0-9]+)?|[iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])$`
)

// defaults says which default a field of each type can have.
func defaults(rules *sectionRules, spec *Spec) {
	def := spec.key("default")
	if rules.basicDefault || rules.textDefault {
		def.Kind = ValueText
	}
	if rules.maxDefault > 0 {
		def.MaxLength = rules.maxDefault - 1
	}
	add := func(of *Spec, is func(t fieldTypeInfo) bool) {
		of.Doc = def.Doc
		if types := typesWhere(rules, is); len(types) > 0 {
			spec.Cases = append(spec.Cases, SpecCase{Key: "type", Values: types, Keys: []SpecKey{{Key: "default", Spec: of}}})
		}
	}
	is := func(types ...FieldType) func(fieldTypeInfo) bool {
		return func(t fieldTypeInfo) bool { return slices.Contains(types, t.name.values()) }
	}
	add(&Spec{Kind: ValueNothing, Want: "A secret has no default: it would be published with the plugin."}, is(TypeSecretInput))
	if rules.unchecked {
		return
	}
	if rules.trustsDefault {
		add(&Spec{Kind: ValueNumber}, is(TypeFloat))
		add(&Spec{Kind: ValueWhole}, is(TypeInt))
		add(&Spec{Kind: ValueBool}, is(TypeBoolean))
		add(&Spec{Kind: ValueString, Want: "The default of a text is in quotes."}, is(TypeString, TypeText))
		return
	}
	loose := !rules.basicDefault && !rules.textDefault && !rules.hasForm
	flag := &Spec{Kind: ValueBoolOrBit, Loose: loose}
	if rules.textDefault {
		flag = &Spec{Kind: ValueBoolText, Pattern: booleanText, Want: "The default of a boolean is true or false, without quotes."}
	}
	add(flag, is(TypeBoolean))
	number := &Spec{Kind: ValueNumberText, Loose: loose, Pattern: numberText, Want: "The default of a number is a number."}
	add(number, is(TypeNumber, TypeFloat, TypeInt))
	if !rules.hasForm {
		return
	}
	add(&Spec{Kind: ValueNothing, Want: "Only users can choose one, so there is no default."},
		is(TypeFile, TypeFiles, TypeAppSelector, TypeModelSelector, TypeArrayTools))
	add(&Spec{Kind: ValueText}, func(t fieldTypeInfo) bool {
		return !is(TypeSecretInput, TypeBoolean, TypeNumber, TypeFile, TypeFiles, TypeAppSelector, TypeModelSelector, TypeArrayTools,
			TypeArray, TypeObject, TypeAny, TypeCheckbox, TypeSelect, TypeDynamicSelect)(t)
	})
}

// optionRules adds the rules of a section to the spec of its options.
func optionRules(rules *sectionRules, spec *Spec) {
	spec.Name, spec.Title = rules.spec+"Option", "option"
	value := spec.key("value")
	if rules.unchecked {
		return
	}
	value.Required = true
	switch {
	case rules.typedOptions:
		value.Kind = ValueAny
	case rules.kind&inItems != 0:
		value.Kind, value.Want = ValueString, "The host takes it as text, so put it in quotes."
	}
	if rules.maxOptionValue > 0 {
		value.MaxLength = rules.maxOptionValue - 1
	}
}
