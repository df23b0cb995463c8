// Package model reads the provider YAML of a Dify plugin and says what the
// Dify host will see in it: the sections of credentials with their fields,
// each with its position, and everything that is wrong with them.
//
// The package knows nothing of Go names or generated code. It decodes with the
// same YAML package, at the same version, as the host does, into structs of the
// same shape, so that coercions and load errors agree by construction.
package model

import (
	"iter"
	"strconv"

	"github.com/difygen/difygen/internal/yamldoc"
)

// SectionName names a section of credentials independently of where the YAML
// keeps it.
type SectionName string

// The sections of all kinds of provider.
const (
	SectionCredentials         SectionName = "credentials"
	SectionOAuthClient         SectionName = "oauth_client"
	SectionOAuthCredentials    SectionName = "oauth_credentials"
	SectionProviderCredentials SectionName = "provider_credentials"
	SectionModelCredentials    SectionName = "model_credentials"
	SectionSubscription        SectionName = "subscription"
	SectionParameters          SectionName = "parameters"
	SectionSettings            SectionName = "settings"
)

// Provider is one provider file as the host sees it after loading.
type Provider struct {
	Kind     Kind
	Name     string // by which Dify addresses it; empty for endpoints
	File     string // as given to Load
	Label    Text
	Sections []Section

	doc  *yamldoc.Document // nil if data was not parsed
	data []byte
}

// Section returns the section of that name, or nil if the provider has none.
func (p *Provider) Section(name SectionName) *Section {
	for i := range p.Sections {
		if p.Sections[i].Name == name {
			return &p.Sections[i]
		}
	}
	return nil
}

// Section is a list of fields under one key of the YAML.
type Section struct {
	Name   SectionName
	Path   string // of keys, joined by dots: "oauth_schema.client_schema"
	Line   int    // of the key; 0 if the section is absent
	Fields []Field

	column int // of the key
}

// IsForm reports whether the section is a form of a model provider, where fields
// and options can depend on others.
func (s *Section) IsForm() bool {
	return s.Name == SectionProviderCredentials || s.Name == SectionModelCredentials
}

// Effective returns the fields that a plugin can be given values for. Nameless
// fields are left out. Of several fields with one name the last declaration
// holds, at the place of the first, as in the host. In a form they are one field
// with several declarations, unless their values differ in kind.
func (s *Section) Effective() []Field {
	if s == nil {
		return nil
	}
	fields := make([]Field, 0, len(s.Fields))
	index := make(map[string]int, len(s.Fields))
	for _, f := range s.Fields {
		if f.Name == "" {
			continue
		}
		i, repeated := index[f.Name]
		switch {
		case !repeated:
			index[f.Name] = len(fields)
			f.Declarations = []Field{f}
			fields = append(fields, f)
		case s.IsForm() && fields[i].Type.values() == f.Type.values():
			fields[i].Declarations = append(fields[i].Declarations, f)
		default:
			f.Declarations = []Field{f}
			fields[i] = f
		}
	}
	return fields
}

// Field is one credential.
type Field struct {
	Name        string
	Type        FieldType
	Required    bool
	Default     any // nil, or as the host decodes it: bool, int, float64, string, time.Time, []any, map[string]any …
	Options     []Option
	Scope       *string
	Multiple    bool
	Label       Text
	Help        *Text
	Placeholder *Text
	URL         string
	ShowOn      []Condition // all must hold for the field to be shown
	MaxLength   int         // in characters; 0 for no limit
	Min, Max    *float64    // of a number
	Precision   *int        // decimal places of a number
	Pos         Position

	// Declarations are all declarations of the field, if Effective returned it.
	Declarations []Field

	node *yamldoc.Node // the mapping it was decoded from
}

// Option is one choice of a select.
type Option struct {
	Value  string
	Raw    any // in parameters of triggers, the value as the YAML types it
	Label  Text
	ShowOn []Condition
	Pos    Position

	node *yamldoc.Node
}

// Condition is one part of show_on: the variable must have the value.
type Condition struct {
	Variable string `json:"variable"`
	Value    string `json:"value"`
}

// ModelTypeVariable is the variable of a condition that stands for the type of
// the model, such as llm. No field declares it.
const ModelTypeVariable = "__model_type"

// Text is a text in several languages. The host requires English.
type Text struct {
	English    string // en_US
	Chinese    string // zh_Hans
	Japanese   string // ja_JP
	Portuguese string // pt_BR
}

// languages gives the texts by the key of their language.
func (t Text) languages() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("en_US", t.English) && yield("zh_Hans", t.Chinese) && yield("ja_JP", t.Japanese) && yield("pt_BR", t.Portuguese)
	}
}

// Boolean reads a default of a boolean, in one of the spellings that hosts take.
func Boolean(s string) (value, ok bool) {
	switch s {
	case "true", "True", "1":
		return true, true
	case "false", "False", "0":
		return false, true
	}
	return false, false
}

// Scalar spells a decoded value as JSON would, without quotes; it gives false
// for what is no text, number or boolean.
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

// Best returns the English text or, where there is none, the first of the
// other languages that has one.
func (t Text) Best() string {
	for _, s := range []string{t.English, t.Portuguese, t.Japanese, t.Chinese} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Position is a place in a file. Line and Column count from 1, Column in
// characters (not bytes); zero means unknown.
type Position struct {
	File   string
	Line   int
	Column int
}
