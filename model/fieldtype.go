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
	doc   string       // what a value is, for the author of a plugin
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
		name: TypeSecretInput, doc: "A secret, such as a key or a password. Dify stores it encrypted and shows it masked.", known: inCredentials | inForms | inTools | inDatasources | inStrategies,
		typed: inEvents, instead: TypeString,
	},
	{name: TypeTextInput, doc: "Text, which Dify stores and shows as it is.", known: inCredentials | inForms, typed: inItems, instead: TypeString},
	{name: TypeString, doc: "Text.", known: inItems | inModels, typed: inCredentials | inForms, like: TypeTextInput, instead: TypeTextInput},
	{name: TypeNumber, doc: "A number.", known: inItems},
	{name: TypeSelect, doc: "One of the options; several where the field is multiple.", known: inCredentials | inForms | inItems, hasOptions: true},
	{
		name: TypeRadio, doc: "One of the options, which are all shown.", known: inForms, typed: inCredentials | inItems,
		like: TypeSelect, instead: TypeSelect, hasOptions: true,
	},
	{name: TypeBoolean, doc: "True or false.", known: inCredentials | inItems | inModels, typed: inForms, instead: TypeSwitch},
	{name: TypeSwitch, doc: "True or false, shown as a switch.", known: inForms, typed: inCredentials | inItems, like: TypeBoolean, instead: TypeBoolean},
	{name: TypeFile, doc: "A file.", known: inEvents | inTools | inStrategies, typed: inDatasources},
	{name: TypeFiles, doc: "Several files.", known: inEvents | inTools | inStrategies, typed: inDatasources},
	{
		name: TypeAppSelector, doc: "An app of the workspace. The scope says of which kind.", known: inCredentials | inEvents | inTools | inStrategies, typed: inForms,
		scopes: []string{"all", "chat", "workflow", "completion"},
	},
	{
		name: TypeModelSelector, doc: "A model of the workspace. The scope says of which kind.", known: inCredentials | inEvents | inTools | inStrategies, typed: inForms,
		scopes: []string{"llm", "text-embedding", "rerank", "tts", "speech2text", "moderation", "vision", "document", "tool-call"},
	},
	{name: TypeArrayTools, doc: "Tools that the user chooses, with their settings.", known: inCredentials | inStrategies, typed: inForms | inEvents | inTools},
	{name: TypeObject, doc: "A map of names to values.", known: inEvents | inTools, typed: inStrategies},
	{name: TypeArray, doc: "A list of values.", known: inEvents | inTools, typed: inStrategies},
	{name: TypeDynamicSelect, doc: "One of the choices that the code of the plugin returns.", known: inEvents | inTools},
	{name: TypeCheckbox, doc: "Some of the options.", known: inEvents | inTools, hasOptions: true},
	{
		name: TypeAny, doc: "Any value. The scope can say of which type.", known: inTools | inStrategies, typed: inEvents,
		scopes: []string{"string", "number", "object", "array[number]", "array[string]", "array[object]", "array[file]"},
	},
	{name: TypeDate, doc: "A date, as text.", known: inTools},
	{name: TypeDateRange, doc: "Two dates, as text.", known: inTools},
	{name: TypeFloat, doc: "A number.", known: inModels},
	{name: TypeInt, doc: "A whole number.", known: inModels},
	{name: TypeText, doc: "Text of several lines.", known: inModels},
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
