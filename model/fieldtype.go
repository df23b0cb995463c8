package model

import "slices"

// FieldType is the type of a field, as the YAML spells it. A type that is not among the
// constants is kept, with a diagnostic.
type FieldType string

// The field types that have a Go type. Those from TypeNumber on are types of parameters
// only.
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
	TypeDate          FieldType = "date"
	TypeDateRange     FieldType = "date-range"

	// The types of the parameters of models.
	TypeFloat FieldType = "float"
	TypeInt   FieldType = "int"
	TypeText  FieldType = "text"
)

// sectionKinds is a set of kinds of section, which differ in the types of their fields.
type sectionKinds int

const (
	inCredentials sectionKinds = 1 << iota // and settings
	inForms                                // of models
	inEvents                               // parameters of events, and of a trigger's subscription
	inTools                                // parameters of tools
	inDatasources                          // parameters of data sources
	inStrategies                           // parameters of agent strategies
	inModels                               // parameters of models

	// inItems are the parameters that the host checks alike for items of most kinds.
	inItems = inEvents | inTools | inDatasources | inStrategies
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
	{
		name: TypeSecretInput, known: inCredentials | inForms | inTools | inDatasources | inStrategies,
		typed: inEvents, instead: TypeString,
	},
	{name: TypeTextInput, known: inCredentials | inForms, typed: inItems, instead: TypeString},
	{name: TypeString, known: inItems | inModels, typed: inCredentials | inForms, like: TypeTextInput, instead: TypeTextInput},
	{name: TypeNumber, known: inItems},
	{name: TypeSelect, known: inCredentials | inForms | inItems, hasOptions: true},
	{
		name: TypeRadio, known: inForms, typed: inCredentials | inItems,
		like: TypeSelect, instead: TypeSelect, hasOptions: true,
	},
	{name: TypeBoolean, known: inCredentials | inItems | inModels, typed: inForms, instead: TypeSwitch},
	{name: TypeSwitch, known: inForms, typed: inCredentials | inItems, like: TypeBoolean, instead: TypeBoolean},
	{name: TypeFile, known: inEvents | inTools | inStrategies, typed: inDatasources},
	{name: TypeFiles, known: inEvents | inTools | inStrategies, typed: inDatasources},
	{
		name: TypeAppSelector, known: inCredentials | inEvents | inTools | inStrategies, typed: inForms,
		scopes: []string{"all", "chat", "workflow", "completion"},
	},
	{
		name: TypeModelSelector, known: inCredentials | inEvents | inTools | inStrategies, typed: inForms,
		scopes: []string{"llm", "text-embedding", "rerank", "tts", "speech2text", "moderation", "vision", "document", "tool-call"},
	},
	{name: TypeArrayTools, known: inCredentials | inStrategies, typed: inForms | inEvents | inTools},
	{name: TypeObject, known: inEvents | inTools, typed: inStrategies},
	{name: TypeArray, known: inEvents | inTools, typed: inStrategies},
	{name: TypeDynamicSelect, known: inEvents | inTools},
	{name: TypeCheckbox, known: inEvents | inTools, hasOptions: true},
	{
		name: TypeAny, known: inTools | inStrategies, typed: inEvents,
		scopes: []string{"string", "number", "object", "array[number]", "array[string]", "array[object]", "array[file]"},
	},
	{name: TypeDate, known: inTools},
	{name: TypeDateRange, known: inTools},
	{name: TypeFloat, known: inModels},
	{name: TypeInt, known: inModels},
	{name: TypeText, known: inModels},
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
