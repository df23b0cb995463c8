package model

import "slices"

// FieldType is the `type` of a field, as the YAML spells it. A value outside the
// constants below is kept as it stands, with a diagnostic.
type FieldType string

// The field types that have a Go type. The last group has it in parameters of
// triggers only.
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

// fieldTypeInfo is what the host, and Go, make of a field type.
type fieldTypeInfo struct {
	name  FieldType
	known sectionKinds // the host takes it there
	typed sectionKinds // the host does not know it there, but it has a Go type
	// like is the type whose values are of the same kind, if it is another one.
	like    FieldType
	instead FieldType // what to write where the host does not know it
	chosen  bool      // values are chosen from options
	scopes  []string  // words that a scope may have
}

// fieldTypes are all field types.
var fieldTypes = []fieldTypeInfo{
	{name: TypeSecretInput, known: inCredentials | inForms, typed: inParameters, instead: TypeString},
	{name: TypeTextInput, known: inCredentials | inForms, typed: inParameters, instead: TypeString},
	{name: TypeString, known: inParameters, typed: inCredentials | inForms, like: TypeTextInput, instead: TypeTextInput},
	{name: TypeNumber, known: inParameters},
	{name: TypeSelect, known: inCredentials | inForms | inParameters, chosen: true},
	{name: TypeRadio, known: inForms, typed: inCredentials | inParameters, like: TypeSelect, instead: TypeSelect, chosen: true},
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
	{name: TypeCheckbox, known: inParameters, chosen: true},
	{name: TypeAny, typed: inParameters},
}

// info is the row of the table for t; the zero one for an unknown type.
func (t FieldType) info() fieldTypeInfo {
	i := slices.IndexFunc(fieldTypes, func(info fieldTypeInfo) bool { return info.name == t })
	if i < 0 {
		return fieldTypeInfo{name: t}
	}
	return fieldTypes[i]
}

// values is the type that stands for all types whose values are of t's kind.
func (t FieldType) values() FieldType {
	if like := t.info().like; like != "" {
		return like
	}
	return t
}

// knownTypes are the types that the host takes in sections of a kind.
func knownTypes(in sectionKinds) []FieldType {
	var types []FieldType
	for _, info := range fieldTypes {
		if info.known&in != 0 {
			types = append(types, info.name)
		}
	}
	return types
}
