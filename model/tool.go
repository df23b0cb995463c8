package model

import "github.com/difygen/difygen/internal/yamldoc"

type hostTool struct {
	Identity               hostIdentity `yaml:"identity"`
	CredentialsForProvider yamldoc.Node `yaml:"credentials_for_provider"`
	CredentialsSchema      yamldoc.Node `yaml:"credentials_schema"`
	OAuthSchema            *hostOAuth   `yaml:"oauth_schema"`
	Tools                  yamldoc.Node `yaml:"tools"`
	Extra                  yamldoc.Node `yaml:"extra"`
	Meta                   yamldoc.Node `yaml:"meta"`
}

// loadTool loads a tool provider.
func loadTool(l *loader) *Provider {
	var host hostTool
	l.decodeRoot(&host)
	path, node := "credentials_for_provider", &host.CredentialsForProvider
	if len(host.CredentialsSchema.Content) > 0 {
		if key, _ := yamldoc.Lookup(l.root, path); key != nil && len(node.Content) > 0 {
			l.report(at(key), ruleDropped, "the host ignores %s because credentials_schema is also present", path)
		}
		path, node = "credentials_schema", &host.CredentialsSchema
	}
	fields := l.section(node, path)
	if l.failed {
		return nil
	}
	p := &Provider{host: &host, Name: host.Identity.Name, Label: host.Identity.Label.text(), Icons: host.Identity.icons(l)}
	p.Sections = append(p.Sections, l.newSection(SectionCredentials, fields, path))
	p.Sections = append(p.Sections, l.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(&l.reporter, l.root, &host.Identity)
	return p
}

type hostToolItem struct {
	Identity             hostItemIdentity                     `yaml:"identity"`
	Description          hostToolDescription                  `yaml:"description"`
	Parameters           []yamldoc.Sourced[hostToolParameter] `yaml:"parameters"`
	OutputSchema         map[string]any                       `yaml:"output_schema"`
	HasRuntimeParameters bool                                 `yaml:"has_runtime_parameters"`
	Extra                yamldoc.Node                         `yaml:"extra"`
	Meta                 yamldoc.Node                         `yaml:"meta"`
}

type hostToolDescription struct {
	Human hostText `yaml:"human"`
	LLM   string   `yaml:"llm"`
}

type hostToolParameter struct {
	hostItemParameter `yaml:",inline"`
	HumanDescription  hostText `yaml:"human_description"`
	Form              string   `yaml:"form"`
	LLMDescription    string   `yaml:"llm_description"`
	Multiple          bool     `yaml:"multiple"`
}

func (h *hostToolParameter) field() Field {
	f := h.hostItemParameter.field()
	f.Help, f.Form, f.LLMDescription, f.Multiple = h.HumanDescription.textPtr(), h.Form, h.LLMDescription, h.Multiple
	return f
}

func loadToolItem(l *loader) *Item {
	var host hostToolItem
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	c := l.checker()
	c.itemIdentity(&host.Identity.hostItemName, true)
	c.text(host.Description.Human, "description", "human")
	c.required(host.Description.LLM, "description", "llm")
	item := l.newItem(&host, host.Identity.Name, host.OutputSchema, SectionToolParameters, fieldsOf(l, host.Parameters))
	item.Label, item.HasRuntimeParameters = host.Identity.Label.text(), host.HasRuntimeParameters
	item.Description, item.LLMDescription = host.Description.Human.text(), host.Description.LLM
	return item
}
