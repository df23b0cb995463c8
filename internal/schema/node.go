package schema

import (
	"bytes"
	"encoding/json"
	"strings"
)

// node is a JSON Schema. What editors know beside draft-07 is at the end.
type node struct {
	Schema      string    `json:"$schema,omitempty"`
	ID          string    `json:"$id,omitempty"`
	Comment     string    `json:"$comment,omitempty"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Ref         string    `json:"$ref,omitempty"`
	Type        any       `json:"type,omitempty"` // a word, or a list of words
	Enum        []string  `json:"enum,omitempty"`
	Const       bool      `json:"const,omitempty"`
	Pattern     string    `json:"pattern,omitempty"`
	MinLength   int       `json:"minLength,omitempty"`
	MaxLength   *int      `json:"maxLength,omitempty"`
	Minimum     *float64  `json:"minimum,omitempty"`
	Maximum     *float64  `json:"maximum,omitempty"`
	Properties  members   `json:"properties,omitempty"`
	Required    []string  `json:"required,omitempty"`
	Patterns    members   `json:"patternProperties,omitempty"`
	Names       *node     `json:"propertyNames,omitempty"`
	Rest        *node     `json:"additionalProperties,omitempty"`
	Needs       members   `json:"dependencies,omitempty"`
	Items       *node     `json:"items,omitempty"`
	MinItems    int       `json:"minItems,omitempty"`
	MaxItems    int       `json:"maxItems,omitempty"`
	Not         *node     `json:"not,omitempty"`
	If          *node     `json:"if,omitempty"`
	Then        *node     `json:"then,omitempty"`
	Else        *node     `json:"else,omitempty"`
	AnyOf       []*node   `json:"anyOf,omitempty"`
	AllOf       []*node   `json:"allOf,omitempty"`
	EnumDocs    []string  `json:"enumDescriptions,omitempty"`
	Markdown    string    `json:"markdownDescription,omitempty"` // set where editors would lose tags in Description
	Wrong       string    `json:"errorMessage,omitempty"`
	WrongText   string    `json:"patternErrorMessage,omitempty"`
	Snippets    []snippet `json:"defaultSnippets,omitempty"`
	Definitions members   `json:"definitions,omitempty"`

	bool *bool // the schema is this
}

// snippet is a value to start with.
type snippet struct {
	Label       string          `json:"label"`
	Description string          `json:"description,omitempty"`
	Body        json.RawMessage `json:"body"`
}

func whether(b bool) *node { return &node{bool: &b} }

// MarshalJSON returns the schema, or true or false.
func (n *node) MarshalJSON() ([]byte, error) {
	if n.bool != nil {
		return json.Marshal(*n.bool)
	}
	type plain node
	p := plain(*n)
	if strings.Contains(p.Description, "<") {
		p.Markdown = asMarkdown.Replace(p.Description)
	}
	return marshal(p)
}

// asMarkdown makes Markdown of plain text. Editors do it too, but leave what looks like a tag.
var asMarkdown = strings.NewReplacer("<", `\<`, `\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`)

// marshal is like json.Marshal, but leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// member is a member of an object. Its value is a *node or a list of names.
type member struct {
	name  string
	value any
}

// members are the members of an object, in their order.
type members []member

// MarshalJSON returns the object.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := marshal(member.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(member.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
