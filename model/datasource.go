package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

type hostDatasource struct {
	Identity          hostIdentity `yaml:"identity"`
	ProviderType      string       `yaml:"provider_type"`
	CredentialsSchema yamldoc.Node `yaml:"credentials_schema"`
	OAuthSchema       *hostOAuth   `yaml:"oauth_schema"`
	Datasources       yamldoc.Node `yaml:"datasources"`
	Extra             yamldoc.Node `yaml:"extra"`
	Meta              yamldoc.Node `yaml:"meta"`
}

// loadDatasource loads a data source provider.
func loadDatasource(l *loader) *Provider {
	var host hostDatasource
	l.decodeRoot(&host)
	if key, _ := yamldoc.Lookup(l.doc.Root, "credentials_for_provider"); key != nil {
		l.report(at(key), ruleDropped, "the host ignores credentials_for_provider in a data source; use credentials_schema")
	}
	fields := l.section(&host.CredentialsSchema, "credentials_schema")
	if l.failed {
		return nil
	}
	p := &Provider{Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, l.newSection(SectionCredentials, fields, "credentials_schema"))
	p.Sections = append(p.Sections, l.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(&l.reporter, l.doc.Root, &host.Identity)
	if !slices.Contains(datasourceTypes, host.ProviderType) {
		l.suggest(deepest(l.doc.Root, "provider_type"), RuleIdentity, nearest(host.ProviderType, datasourceTypes),
			"provider_type must be one of %s", strings.Join(datasourceTypes, ", "))
	}
	return p
}

var datasourceTypes = []string{"website_crawl", "online_document", "online_drive"}

func datasourceMaps() []yamldoc.Map { return yamldoc.Maps[hostDatasource]() }
