// Package model reads the provider YAML of a Dify plugin and says what the
// Dify host will see in it: the sections of credentials with their fields,
// each with its position, and everything that is wrong with them.
//
// The package knows nothing of Go names or generated code. It decodes with the
// same YAML package, at the same version, as the host does, into structs of the
// same shape, so that coercions and load errors agree by construction.
package model

import "slices"

// Kind is the kind of a provider, which decides where its YAML declares
// credentials. The values are Dify's own words.
type Kind string

// The kinds of provider that a plugin manifest can list.
const (
	KindTool          Kind = "tool"
	KindModel         Kind = "model"
	KindDatasource    Kind = "datasource"
	KindTrigger       Kind = "trigger"
	KindEndpoint      Kind = "endpoint"
	KindAgentStrategy Kind = "agent-strategy"
)

// Kinds returns every kind, in the order of the manifest's documentation.
func Kinds() []Kind {
	return []Kind{KindTool, KindModel, KindDatasource, KindTrigger, KindEndpoint, KindAgentStrategy}
}

// Valid reports whether k is one of Dify's kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// SectionName names a section of credentials independently of where the YAML
// keeps it.
type SectionName string

// The sections of a tool provider.
const (
	SectionCredentials      SectionName = "credentials"
	SectionOAuthClient      SectionName = "oauth_client"
	SectionOAuthCredentials SectionName = "oauth_credentials"
)

// FieldType is the `type` of a field, as the YAML spells it. A value outside
// the constants below is kept as it stands, with a diagnostic.
type FieldType string

// The field types that have a Go form in a section of credentials.
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
)

// Provider is one provider file as the host sees it after loading.
type Provider struct {
	Kind     Kind
	Name     string // identity.name
	File     string // as given to Load
	Label    Text
	Sections []Section
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
}

// Effective returns the fields that a plugin can be given values for: nameless
// fields are left out, and of several fields with one name the last declaration
// holds, at the place of the first, as in the host.
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
		if i, ok := index[f.Name]; ok {
			fields[i] = f
			continue
		}
		index[f.Name] = len(fields)
		fields = append(fields, f)
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
	Pos         Position
}

// Option is one choice of a select.
type Option struct {
	Value string
	Label Text
	Pos   Position
}

// Text is a text in several languages. The host requires English.
type Text struct {
	English    string // en_US
	Chinese    string // zh_Hans
	Japanese   string // ja_JP
	Portuguese string // pt_BR
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
