package model

import "gopkg.in/yaml.v3"

// The structs of this file have the shape of the host's own: the same keys, the
// same Go types behind them. What yaml.v3 coerces or refuses here, it coerces or
// refuses there. Values that the host never looks at are yaml.Node.

type hostTool struct {
	Identity               hostIdentity `yaml:"identity"`
	CredentialsForProvider yaml.Node    `yaml:"credentials_for_provider"`
	CredentialsSchema      yaml.Node    `yaml:"credentials_schema"`
	OAuthSchema            *hostOAuth   `yaml:"oauth_schema"`
	Tools                  yaml.Node    `yaml:"tools"`
}

type hostIdentity struct {
	Author      string   `yaml:"author"`
	Name        string   `yaml:"name"`
	Description hostText `yaml:"description"`
	Icon        string   `yaml:"icon"`
	IconDark    string   `yaml:"icon_dark"`
	Label       hostText `yaml:"label"`
	Tags        []string `yaml:"tags"`
}

type hostOAuth struct {
	ClientSchema      []hostField `yaml:"client_schema"`
	CredentialsSchema []hostField `yaml:"credentials_schema"`
}

type hostField struct {
	Name        string       `yaml:"name"`
	Type        hostType     `yaml:"type"`
	Scope       *string      `yaml:"scope"`
	Required    bool         `yaml:"required"`
	Default     any          `yaml:"default"`
	Options     []hostOption `yaml:"options"`
	Multiple    bool         `yaml:"multiple"`
	Label       hostText     `yaml:"label"`
	Help        *hostText    `yaml:"help"`
	URL         *string      `yaml:"url"`
	Placeholder *hostText    `yaml:"placeholder"`

	key  *yaml.Node // in a map section, the key that names the field
	node *yaml.Node // the mapping it was decoded from
}

// UnmarshalYAML decodes as the plain struct would, and keeps the node.
func (f *hostField) UnmarshalYAML(n *yaml.Node) error {
	type plainField hostField
	f.node = n
	return n.Decode((*plainField)(f))
}

type hostOption struct {
	Value string   `yaml:"value"`
	Label hostText `yaml:"label"`

	node *yaml.Node
}

// UnmarshalYAML decodes as the plain struct would, and keeps the node.
func (o *hostOption) UnmarshalYAML(n *yaml.Node) error {
	type plainOption hostOption
	o.node = n
	return n.Decode((*plainOption)(o))
}

type hostText struct {
	English    string `yaml:"en_US"`
	Japanese   string `yaml:"ja_JP"`
	Chinese    string `yaml:"zh_Hans"`
	Portuguese string `yaml:"pt_BR"`
}

// hostSection is a section that may be a map, too.
type hostSection []hostField

type hostType string

func (t hostText) text() Text {
	return Text{English: t.English, Chinese: t.Chinese, Japanese: t.Japanese, Portuguese: t.Portuguese}
}

func (t *hostText) textPtr() *Text {
	if t == nil {
		return nil
	}
	x := t.text()
	return &x
}
