package difytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// provider is what a plugin declares about a provider.
type provider struct {
	kind    runtime.Kind
	name    string // "" for endpoints
	adapter runtime.Adapter
	problem string // why there is no such provider, or ""

	// The fields of each section; nil if it does not declare the section.
	credentials, modelCredentials, client, oauthCredentials []field
	subscription, settings                                  []field
	parameters                                              map[string][]field  // of each tool, event, data source and strategy
	open                                                    map[string]bool     // whether a tool also has parameters that are known only at run time
	outputs                                                 map[string]outputs  // of each item with parameters
	features                                                map[string][]string // of each strategy
	subscriptionParameters                                  []field
	models                                                  []runtime.ModelSchema
	modelTypes                                              []runtime.ModelType
	custom                                                  bool   // whether users can add models
	datasourceType                                          string // provider_type of data sources
}

// field is a declared field.
type field struct {
	Name     string                `json:"name"`
	Variable string                `json:"variable"` // of models, instead of Name
	Type     string                `json:"type"`
	Required bool                  `json:"required"`
	Multiple bool                  `json:"multiple"`
	Default  any                   `json:"default"`
	Options  []struct{ Value any } `json:"options"`
	ShowOn   []any                 `json:"show_on"` // of models
}

func (f field) key() string {
	if f.Variable != "" {
		return f.Variable
	}
	return f.Name
}

// secretInput is the type of a field that holds a secret.
const secretInput = "secret-input"

func (f field) secret() bool { return f.Type == secretInput }

// declared returns the providers that a plugin declares.
func declared(plugin *serve.Plugin) ([]*provider, error) {
	var list []*provider
	for _, d := range plugin.Declaration().Providers {
		p, err := newProvider(d)
		if err != nil {
			return nil, err
		}
		for _, a := range plugin.Adapters() {
			if a.Kind() == p.kind && (a.Name() == p.name || p.kind == runtime.KindEndpoint) {
				p.adapter = a
				break
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// oauthSchema is the declaration of an OAuth flow.
type oauthSchema struct {
	Client      []field `json:"client_schema"`
	Credentials []field `json:"credentials_schema"`
}

// item is the declaration of a tool, an event, a data source or a strategy.
type item struct {
	Identity          struct{ Name string }
	Parameters        []field
	RuntimeParameters bool            `json:"has_runtime_parameters"`
	OutputSchema      json.RawMessage `json:"output_schema"`
	Features          []string
}

// form is the declaration of a model provider's credentials.
type form struct {
	Fields []field `json:"credential_form_schemas"`
}

// providerDeclaration is the declaration of a provider of any kind.
type providerDeclaration struct {
	Identity    struct{ Name string }
	Provider    string
	Credentials []field      `json:"credentials_schema"`
	OAuth       *oauthSchema `json:"oauth_schema"`
	Tools       []item
	Datasources []item
	SourceType  string `json:"provider_type"`
	Events      []item
	Strategies  []item

	Models       []runtime.ModelSchema
	ModelTypes   []runtime.ModelType `json:"supported_model_types"`
	Methods      []string            `json:"configurate_methods"`
	ProviderForm *form               `json:"provider_credential_schema"`
	ModelForm    *form               `json:"model_credential_schema"`

	Subscription []field `json:"subscription_schema"`
	Constructor  *struct {
		Parameters  []field
		Credentials []field      `json:"credentials_schema"`
		OAuth       *oauthSchema `json:"oauth_schema"`
	} `json:"subscription_constructor"`

	Settings []field
}

func newProvider(declaration serve.ProviderDeclaration) (*provider, error) {
	kind := strings.ReplaceAll(strings.TrimSuffix(declaration.Type, "_declaration"), "_", "-")
	var d providerDeclaration
	if err := json.Unmarshal([]byte(declaration.Data), &d); err != nil {
		return nil, fmt.Errorf("decoding the declaration of a %s provider: %w", kind, err)
	}
	p := &provider{
		kind: runtime.Kind(kind), name: d.Identity.Name, credentials: d.Credentials,
		subscription: d.Subscription, settings: d.Settings, parameters: make(map[string][]field), open: make(map[string]bool),
		outputs: make(map[string]outputs), features: make(map[string][]string), models: d.Models, modelTypes: d.ModelTypes,
		custom: slices.Contains(d.Methods, "customizable-model"), datasourceType: d.SourceType,
	}
	if d.Provider != "" {
		p.name = d.Provider
	}
	if d.ProviderForm != nil {
		p.credentials = d.ProviderForm.Fields
	}
	if d.ModelForm != nil {
		p.modelCredentials = d.ModelForm.Fields
	}
	if c := d.Constructor; c != nil {
		p.credentials, p.subscriptionParameters, d.OAuth = c.Credentials, c.Parameters, c.OAuth
	}
	if d.OAuth != nil {
		p.client, p.oauthCredentials = d.OAuth.Client, d.OAuth.Credentials
	}
	for _, i := range slices.Concat(d.Tools, d.Datasources, d.Events, d.Strategies) {
		p.parameters[i.Identity.Name], p.open[i.Identity.Name] = i.Parameters, i.RuntimeParameters
		p.outputs[i.Identity.Name], p.features[i.Identity.Name] = newOutputs(i.OutputSchema), i.Features
	}
	return p, nil
}

// secret reports whether some section of the provider declares a secret of that name.
func (p *provider) secret(name string) bool {
	isSecret := func(f field) bool { return f.key() == name && f.secret() }
	for _, section := range [][]field{p.credentials, p.modelCredentials, p.client, p.oauthCredentials, p.subscription, p.settings, p.subscriptionParameters} {
		if slices.ContainsFunc(section, isSecret) {
			return true
		}
	}
	for _, section := range p.parameters {
		if slices.ContainsFunc(section, isSecret) {
			return true
		}
	}
	return false
}

// credentialType returns the type of credentials that Dify would send.
func (p *provider) credentialType() runtime.CredentialType {
	switch {
	case len(p.credentials) > 0:
		return runtime.CredentialTypeAPIKey
	case len(p.oauthCredentials) > 0:
		return runtime.CredentialTypeOAuth2
	}
	return runtime.CredentialTypeUnauthorized
}

// typeOfAny returns the type of credentials that Dify would send, if there may be none: those of a subscription.
func (p *provider) typeOfAny(creds map[string]any) runtime.CredentialType {
	if len(creds) == 0 {
		return runtime.CredentialTypeUnauthorized
	}
	return p.credentialType()
}

// target returns the provider, of one of these kinds, that the next call is about. Without a
// declared one, it returns a provider that has a problem and no declarations.
func (h *Host) target(kinds ...runtime.Kind) *provider {
	var fit []*provider
	for _, p := range h.providers {
		if slices.Contains(kinds, p.kind) && (h.provider == "" || p.name == h.provider) {
			fit = append(fit, p)
		}
	}
	none := &provider{kind: kinds[0], name: h.provider}
	switch {
	case len(fit) == 1:
		return fit[0]
	case len(fit) > 1:
		none.problem = "the plugin declares several providers that can be meant: " + list(described(fit)) + "; choose one with Host.Provider"
	default:
		var words []string
		for _, k := range kinds {
			words = append(words, kindWord(k))
		}
		none.problem = "the plugin declares no " + strings.Join(words, " or ") + " provider"
		if h.provider != "" {
			none.problem += " called " + h.provider
		}
		none.problem += "; it has " + list(described(h.providers))
	}
	return none
}

// kindWord returns how a kind is called in messages.
func kindWord(k runtime.Kind) string {
	if k == runtime.KindDatasource {
		return itemNames[k]
	}
	return string(k)
}

// described returns names and kinds of providers.
func described(providers []*provider) []string {
	var texts []string
	for _, p := range providers {
		text := cmp.Or(p.name, "one without a name") + " (" + kindWord(p.kind) + ")"
		texts = append(texts, text)
	}
	return texts
}
