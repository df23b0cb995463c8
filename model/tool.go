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
		if key, _ := yamldoc.Lookup(l.doc.Root, path); key != nil && len(node.Content) > 0 {
			l.report(at(key), ruleDropped, "the host ignores %s because credentials_schema is also present", path)
		}
		path, node = "credentials_schema", &host.CredentialsSchema
	}
	fields := l.section(node, path)
	if l.failed {
		return nil
	}
	p := &Provider{Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, l.newSection(SectionCredentials, fields, path))
	p.Sections = append(p.Sections, l.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(&l.reporter, l.doc.Root, &host.Identity)
	return p
}

func toolMaps() []yamldoc.Map { return yamldoc.Maps[hostTool]() }
