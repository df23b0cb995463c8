package model

// loadTool reads a tool provider; the root is nil for an empty document.
func loadTool(d *decoder) *Provider {
	var host hostTool
	d.decodeRoot(&host, "identity", "oauth_schema")
	path, node := "credentials_for_provider", &host.CredentialsForProvider
	if len(host.CredentialsSchema.Content) > 0 {
		if key, _ := lookup(d.root, path); key != nil && len(node.Content) > 0 {
			d.warnf(at(key), RuleDropped, "the host ignores %s, since credentials_schema is there too", path)
		}
		path, node = "credentials_schema", &host.CredentialsSchema
	}
	fields := d.section(node, path)
	if d.failed {
		return nil
	}
	p := &Provider{Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, d.newSection(SectionCredentials, fields, path))
	p.Sections = append(p.Sections, d.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(d.reporter, d.root, &host.Identity)
	return p
}
