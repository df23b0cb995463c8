// Package model loads the YAML of a Dify plugin and says what the Dify host will see in
// it: providers with their sections of credentials, and the items and declarations of a
// plugin, all with their positions. It reports what is wrong as a [Diagnostic].
//
// The package knows nothing of generated code, nor of names in Go but those that comments
// choose (see [GoName]), and reads no files. It decodes
// with the same YAML package, at the same version, as the host does, into structs that
// mirror the host's, so that both coerce and refuse the same values.
//
// [Load] loads a provider file:
//
//	provider, findings, err := model.Load("github.yaml", data, model.DetectKind(data))
//
// Its [Findings] become [Diagnostics] when everything has been read.
package model

import (
	"iter"
	"strconv"

	"github.com/difygen/difygen/internal/yamldoc"
)

// Provider is a provider file as the host sees it.
type Provider struct {
	Kind     Kind
	Name     string // by which Dify addresses the provider; "" for endpoints
	File     string // as given to Load
	Label    Text   // of the provider
	Sections []Section
	Listed   ItemList // its items, or the names of their files
	Icons    []Icon   // that the host looks for

	// ModelTypes and HasCustomModels are only set for providers of models.
	ModelTypes      []string // that it supports, such as llm
	ModelTypesPos   Position // of the key that lists them
	HasCustomModels bool     // users can add models

	// DatasourceType is the provider_type of a provider of data sources, such as
	// DatasourceOnlineDrive; else "".
	DatasourceType string

	host any // the struct that it was decoded into
}

// Section returns the section with the given name, or nil if the provider has none.
func (p *Provider) Section(name SectionName) *Section {
	for i := range p.Sections {
		if p.Sections[i].Name == name {
			return &p.Sections[i]
		}
	}
	return nil
}

// fieldLists returns the fields of each section, and the parameters of the items that stand
// in the provider's file.
func (p *Provider) fieldLists() [][]Field {
	var lists [][]Field
	for i := range p.Sections {
		lists = append(lists, p.Sections[i].Fields)
	}
	for _, listed := range p.Listed.Items {
		if listed.Item != nil {
			lists = append(lists, listed.Item.fields())
		}
	}
	return lists
}

// Field is a credential, setting, property or parameter that a section declares.
type Field struct {
	Name        string
	Type        FieldType
	Required    bool
	Default     any // nil if there is none, else as yaml.v3 decodes it: string, bool, int, float64, []any …
	Options     []Option
	Scope       *string // of a selector; nil if absent
	Multiple    bool    // the field takes several options
	Label       Text
	Help        *Text // nil if absent, as is Placeholder
	Placeholder *Text
	URL         string      // of a page that helps to find the value
	ShowOn      []Condition // all must hold for the field to be shown
	MaxLength   int         // in characters; 0 if there is no limit
	Min, Max    *float64    // of a number, inclusive; nil if there is no bound
	Precision   *int        // decimal places of a number; nil if any
	Pos         Position
	GoName      GoName // chosen by a comment at this declaration

	// Declarations are all declarations of the field, in the YAML's order. Only
	// Effective sets them.
	Declarations []Field
	// Also are the places of other declarations that this one stands for. Only CallCredentials
	// sets them.
	Also []Position

	// Form is how a tool's parameter is set: ParameterFormLLM or another; else "".
	Form           string
	LLMDescription string // what a language model is told about a tool's parameter
	Template       string // the name of the template that fills a model's parameter; "" if none

	openNames bool              // comments can name its options, whatever its type is
	host      hostDecoded       // the struct that it was decoded into
	node      *yamldoc.Node     // the mapping it was decoded from
	generated *hostAutoGenerate // of a parameter; nil if absent
}

// Option is a choice of a field.
type Option struct {
	Value  string
	Raw    any // in parameters of triggers, the value with its YAML type; else nil
	Label  Text
	ShowOn []Condition // all must hold for the option to be shown
	Pos    Position
	GoName GoName // chosen by a comment

	node *yamldoc.Node
}

// Condition is an element of show_on: the variable must have the value.
type Condition struct {
	Variable string `json:"variable"`
	Value    string `json:"value"`
}

// ModelTypeVariable is the variable of conditions on the type of the model, such as llm.
// No field declares it.
const ModelTypeVariable = "__model_type"

// Text is text in several languages, "" where there is none. The host requires English.
type Text struct {
	English    string // en_US
	Chinese    string // zh_Hans
	Japanese   string // ja_JP
	Portuguese string // pt_BR
}

// languages yields the texts with the keys of their languages.
func (t Text) languages() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("en_US", t.English) && yield("zh_Hans", t.Chinese) && yield("ja_JP", t.Japanese) && yield("pt_BR", t.Portuguese)
	}
}

// Boolean parses the default of a boolean field, in a spelling that hosts accept. It
// returns false for ok if s is not one.
func Boolean(s string) (value, ok bool) {
	switch s {
	case "true", "True", "1":
		return true, true
	case "false", "False", "0":
		return false, true
	}
	return false, false
}

// Scalar formats a decoded value, such as a default, as JSON would, but without quotes. It
// returns false if v is not text, a number or a boolean.
func Scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// Best returns the English text or, if that is empty, the first text in Portuguese,
// Japanese or Chinese.
func (t Text) Best() string {
	for _, s := range []string{t.English, t.Portuguese, t.Japanese, t.Chinese} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Position is a position in a file. Line and Column count from 1, Column in characters,
// not bytes; 0 means unknown.
type Position struct {
	File   string // as given to Load, LoadItem, LoadOrder or LoadManifest
	Line   int
	Column int
}
