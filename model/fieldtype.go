package model

import "slices"

// FieldType is the type of a field, as the YAML spells it. A type that is not among the
// constants is kept, with a diagnostic.
type FieldType string

// The field types that have a Go type. Those from TypeNumber on have one only in the
// parameters of triggers.
const (
	TypeSecretInput   FieldType = "secret-input"
	TypeTextInput     FieldType = "text-input"
	TypeString        FieldType = "string"
	TypeSelect        FieldType = "select"
	TypeRadio         FieldType = "radio"
	TypeBoolean       FieldType = "boolean"
	TypeSwitch        FieldType = "switch"
	TypeModelSelector FieldType = "model-selector"
	TypeAppSelector   FieldType = "app-selector"
	TypeArrayTools    FieldType = "array[tools]"

	TypeNumber        FieldType = "number"
	TypeCheckbox      FieldType = "checkbox"
	TypeDynamicSelect FieldType = "dynamic-select"
	TypeObject        FieldType = "object"
	TypeArray         FieldType = "array"
	TypeFile          FieldType = "file"
	TypeFiles         FieldType = "files"
	TypeAny           FieldType = "any"
)

// sectionKinds is a set of kinds of section, which differ in the types of their fields.
type sectionKinds int

const (
	inCredentials sectionKinds = 1 << iota // and settings
	inForms                                // of models
	inParameters                           // of a trigger's subscription
)

// fieldTypeInfo is what the host and difygen know about a field type.
type fieldTypeInfo struct {
	name  FieldType
	known sectionKinds // where the host knows the type
	typed sectionKinds // where the host does not, but the type has a Go type
	// like is another type with the same kind of values, or "".
	like    FieldType
	instead FieldType // what to write where the host does not know the type
	scopes  []string  // the words of a scope; nil if the type has no scope
	// hasOptions means that values are chosen from the field's options.
	hasOptions bool
}

// fieldTypes has a row for every field type.
var fieldTypes = []fieldTypeInfo{
	{name: TypeSecretInput, known: inCredentials | inForms, typed: inParameters, instead: TypeString},
	{name: TypeTextInput, known: inCredentials | inForms, typed: inParameters, instead: TypeString},
	{name: TypeString, known: inParameters, typed: inCredentials | inForms, like: TypeTextInput, instead: TypeTextInput},
	{name: TypeNumber, known: inParameters},
	{name: TypeSelect, known: inCredentials | inForms | inParameters, hasOptions: true},
	{name: TypeRadio, known: inForms, typed: inCredentials | inParameters, like: TypeSelect, instead: TypeSelect, hasOptions: true},
	{name: TypeBoolean, known: inCredentials | inParameters, typed: inForms, instead: TypeSwitch},
	{name: TypeSwitch, known: inForms, typed: inCredentials | inParameters, like: TypeBoolean, instead: TypeBoolean},
	{name: TypeFile, known: inParameters},
	{name: TypeFiles, known: inParameters},
	{
		name: TypeAppSelector, known: inCredentials | inParameters, typed: inForms,
		scopes: []string{"all", "chat", "workflow", "completion"},
	},
	{
		name: TypeModelSelector, known: inCredentials | inParameters, typed: inForms,
		scopes: []string{"llm", "text-embedding", "rerank", "tts", "speech2text", "moderation", "vision"},
	},
	{
		name: TypeArrayTools, known: inCredentials, typed: inForms | inParameters,
		scopes: []string{"all", "plugin", "api", "workflow"},
	},
	{name: TypeObject, known: inParameters},
	{name: TypeArray, known: inParameters},
	{name: TypeDynamicSelect, known: inParameters},
	{name: TypeCheckbox, known: inParameters, hasOptions: true},
	{name: TypeAny, typed: inParameters},
}

// info returns the row for t. An unknown type has a row with its name only.
func (t FieldType) info() fieldTypeInfo {
	i := slices.IndexFunc(fieldTypes, func(info fieldTypeInfo) bool { return info.name == t })
	if i < 0 {
		return fieldTypeInfo{name: t}
	}
	return fieldTypes[i]
}

// HasOptions reports whether the values of fields of type t are chosen from the field's
// options.
func (t FieldType) HasOptions() bool { return t.info().hasOptions }

// values returns the type that represents all types with the same kind of values as t.
func (t FieldType) values() FieldType {
	if like := t.info().like; like != "" {
		return like
	}
	return t
}

// knownTypes returns the types that the host knows in a kind of section.
func knownTypes(in sectionKinds) []FieldType {
	var types []FieldType
	for _, info := range fieldTypes {
		if info.known&in != 0 {
			types = append(types, info.name)
		}
	}
	return types
}
