package model

import "gopkg.in/yaml.v3"

// The structs of this file have the shape of the host's own: the same keys, the
// same Go types behind them. What yaml.v3 coerces or refuses here, it coerces or
// refuses there. Values that the host never looks at are yaml.Node.

// sourced is a value of the host with the node it was decoded from.
type sourced[T any] struct {
	host T
	node *yaml.Node
	key  *yaml.Node // in a map section, the key that names the field
}

// UnmarshalYAML decodes as the value alone would, and keeps the node.
func (s *sourced[T]) UnmarshalYAML(n *yaml.Node) error {
	s.node = n
	return n.Decode(&s.host)
}

type hostTool struct {
	Identity               hostIdentity `yaml:"identity"`
	CredentialsForProvider yaml.Node    `yaml:"credentials_for_provider"`
	CredentialsSchema      yaml.Node    `yaml:"credentials_schema"`
	OAuthSchema            *hostOAuth   `yaml:"oauth_schema"`
	Tools                  yaml.Node    `yaml:"tools"`
}

type hostDatasource struct {
	Identity          hostIdentity `yaml:"identity"`
	ProviderType      string       `yaml:"provider_type"`
	CredentialsSchema yaml.Node    `yaml:"credentials_schema"`
	OAuthSchema       *hostOAuth   `yaml:"oauth_schema"`
	Datasources       yaml.Node    `yaml:"datasources"`
}

type hostTrigger struct {
	Identity           hostIdentity `yaml:"identity"`
	SubscriptionSchema yaml.Node    `yaml:"subscription_schema"`
	Constructor        yaml.Node    `yaml:"subscription_constructor"`
	Events             yaml.Node    `yaml:"events"`
}

type hostConstructor struct {
	Parameters        yaml.Node `yaml:"parameters"`
	CredentialsSchema yaml.Node `yaml:"credentials_schema"`
	OAuthSchema       yaml.Node `yaml:"oauth_schema"`
}

type hostEndpoint struct {
	Settings  []sourced[hostField] `yaml:"settings"`
	Endpoints yaml.Node            `yaml:"endpoints"`
}

type hostModel struct {
	Provider            string            `yaml:"provider"`
	Label               hostText          `yaml:"label"`
	Description         *hostText         `yaml:"description"`
	IconSmall           *hostText         `yaml:"icon_small"`
	IconLarge           *hostText         `yaml:"icon_large"`
	Background          *string           `yaml:"background"`
	Help                *hostHelp         `yaml:"help"`
	SupportedModelTypes []string          `yaml:"supported_model_types"`
	ConfigurateMethods  []string          `yaml:"configurate_methods"`
	ProviderCredential  *hostProviderForm `yaml:"provider_credential_schema"`
	ModelCredential     *hostModelForm    `yaml:"model_credential_schema"`
}

type hostHelp struct {
	Title hostText `yaml:"title"`
	URL   hostText `yaml:"url"`
}

type hostProviderForm struct {
	Fields []sourced[hostFormField] `yaml:"credential_form_schemas"`
}

type hostModelForm struct {
	Model struct {
		Label       hostText  `yaml:"label"`
		Placeholder *hostText `yaml:"placeholder"`
	} `yaml:"model"`
	Fields []sourced[hostFormField] `yaml:"credential_form_schemas"`
}

// hostFormField is a field of a model provider's form.
type hostFormField struct {
	Variable    string                    `yaml:"variable"`
	Label       hostText                  `yaml:"label"`
	Type        hostType                  `yaml:"type"`
	Required    bool                      `yaml:"required"`
	Default     *string                   `yaml:"default"`
	Options     []sourced[hostFormOption] `yaml:"options"`
	Placeholder *hostText                 `yaml:"placeholder"`
	Help        *hostText                 `yaml:"help"`
	URL         *string                   `yaml:"url"`
	MaxLength   int                       `yaml:"max_length"`
	ShowOn      []sourced[hostShowOn]     `yaml:"show_on"`
}

type hostFormOption struct {
	Label  hostText              `yaml:"label"`
	Value  string                `yaml:"value"`
	ShowOn []sourced[hostShowOn] `yaml:"show_on"`
}

type hostShowOn struct {
	Variable string `yaml:"variable"`
	Value    string `yaml:"value"`
}

// hostParameter is a parameter of a trigger's subscription.
type hostParameter struct {
	Name         string                         `yaml:"name"`
	Label        hostText                       `yaml:"label"`
	Type         hostType                       `yaml:"type"`
	AutoGenerate *yaml.Node                     `yaml:"auto_generate"`
	Template     *yaml.Node                     `yaml:"template"`
	Scope        *string                        `yaml:"scope"`
	Required     bool                           `yaml:"required"`
	Multiple     bool                           `yaml:"multiple"`
	Default      any                            `yaml:"default"`
	Min          *float64                       `yaml:"min"`
	Max          *float64                       `yaml:"max"`
	Precision    *int                           `yaml:"precision"`
	Options      []sourced[hostParameterOption] `yaml:"options"`
	Description  *hostText                      `yaml:"description"`
}

type hostParameterOption struct {
	Value any      `yaml:"value"`
	Label hostText `yaml:"label"`
	Icon  string   `yaml:"icon"`
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
	ClientSchema      []sourced[hostField] `yaml:"client_schema"`
	CredentialsSchema []sourced[hostField] `yaml:"credentials_schema"`
}

type hostField struct {
	Name        string                `yaml:"name"`
	Type        hostType              `yaml:"type"`
	Scope       *string               `yaml:"scope"`
	Required    bool                  `yaml:"required"`
	Default     any                   `yaml:"default"`
	Options     []sourced[hostOption] `yaml:"options"`
	Multiple    bool                  `yaml:"multiple"`
	Label       hostText              `yaml:"label"`
	Help        *hostText             `yaml:"help"`
	URL         *string               `yaml:"url"`
	Placeholder *hostText             `yaml:"placeholder"`
}

type hostOption struct {
	Value string   `yaml:"value"`
	Label hostText `yaml:"label"`
}

type hostText struct {
	English    string `yaml:"en_US"`
	Japanese   string `yaml:"ja_JP"`
	Chinese    string `yaml:"zh_Hans"`
	Portuguese string `yaml:"pt_BR"`
}

// hostSection is a section that may be a map, too.
type hostSection []sourced[hostField]

type hostType string

// value is what p points to, or "".
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

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
