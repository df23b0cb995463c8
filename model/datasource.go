package model

import (
	"slices"
	"strings"
)

// loadDatasource reads a datasource provider.
func loadDatasource(d *decoder) *Provider {
	var host hostDatasource
	d.decodeRoot(&host, "identity", "oauth_schema", "provider_type")
	if key, _ := lookup(d.root, "credentials_for_provider"); key != nil {
		d.warnf(at(key), RuleDropped, "the host ignores credentials_for_provider here: a data source has credentials_schema")
	}
	fields := d.section(&host.CredentialsSchema, "credentials_schema")
	if d.failed {
		return nil
	}
	p := &Provider{Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, d.newSection(SectionCredentials, fields, "credentials_schema"))
	p.Sections = append(p.Sections, d.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(d.reporter, d.root, &host.Identity)
	if !slices.Contains(datasourceTypes, host.ProviderType) {
		d.add(deepest(d.root, []string{"provider_type"}), SeverityWarning, RuleIdentity, nearest(host.ProviderType, datasourceTypes),
			"provider_type is one of "+strings.Join(datasourceTypes, ", "))
	}
	return p
}

var datasourceTypes = []string{"website_crawl", "online_document", "online_drive"}
