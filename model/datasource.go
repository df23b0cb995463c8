package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// hostDatasourceProvider is the identity of a provider of data sources.
type hostDatasourceProvider struct {
	Author      string       `yaml:"author"`
	Name        string       `yaml:"name"`
	Description hostText     `yaml:"description"`
	Icon        string       `yaml:"icon"`
	IconDark    yamldoc.Node `yaml:"icon_dark"`
	Label       hostText     `yaml:"label"`
	Tags        []string     `yaml:"tags"`
}

type hostDatasource struct {
	Identity          hostDatasourceProvider `yaml:"identity"`
	ProviderType      string                 `yaml:"provider_type"`
	CredentialsSchema yamldoc.Node           `yaml:"credentials_schema"`
	OAuthSchema       *hostOAuth             `yaml:"oauth_schema"`
	Datasources       yamldoc.Node           `yaml:"datasources"`
	Extra             yamldoc.Node           `yaml:"extra"`
	Meta              yamldoc.Node           `yaml:"meta"`
}

// loadDatasource loads a data source provider.
func loadDatasource(l *loader) *Provider {
	var host hostDatasource
	l.decodeRoot(&host)
	if key, _ := yamldoc.Lookup(l.root, "credentials_for_provider"); key != nil {
		l.report(at(key), ruleDropped, "the host ignores credentials_for_provider in a data source; use credentials_schema")
	}
	fields := l.section(&host.CredentialsSchema, "credentials_schema")
	if l.failed {
		return nil
	}
	p := &Provider{host: &host, Name: host.Identity.Name, Label: host.Identity.Label.text(), Icons: l.icon(host.Identity.Icon, "identity", "icon"), DatasourceType: host.ProviderType}
	p.Sections = append(p.Sections, l.newSection(SectionCredentials, fields, "credentials_schema"))
	p.Sections = append(p.Sections, l.oauthSections(host.OAuthSchema, "oauth_schema")...)
	checkIdentity(&l.reporter, l.root, &hostIdentity{
		Author: host.Identity.Author, Name: host.Identity.Name, Description: host.Identity.Description,
		Icon: host.Identity.Icon, Label: host.Identity.Label,
	})
	if !slices.Contains(datasourceTypes, host.ProviderType) {
		l.suggest(deepest(l.root, "provider_type"), RuleIdentity, text.Nearest(host.ProviderType, datasourceTypes),
			"provider_type must be one of %s; else there is no code for the data sources", strings.Join(datasourceTypes, ", "))
	}
	return p
}

// The types of providers of data sources.
const (
	DatasourceWebsiteCrawl   = "website_crawl"
	DatasourceOnlineDocument = "online_document"
	DatasourceOnlineDrive    = "online_drive"
)

// datasourceTypes are the types of providers that the host knows.
var datasourceTypes = valuesOf(datasourceWords)

type hostDatasourceItem struct {
	Identity     hostDatasourceIdentity                     `yaml:"identity"`
	Parameters   []yamldoc.Sourced[hostDatasourceParameter] `yaml:"parameters"`
	Description  hostText                                   `yaml:"description"`
	OutputSchema map[string]any                             `yaml:"output_schema"`
	Extra        yamldoc.Node                               `yaml:"extra"`
	Meta         yamldoc.Node                               `yaml:"meta"`
}

type hostDatasourceIdentity struct {
	hostItemName `yaml:",inline"`
	Icon         string       `yaml:"icon"`
	Description  yamldoc.Node `yaml:"description"`
	IconDark     yamldoc.Node `yaml:"icon_dark"`
	Tags         yamldoc.Node `yaml:"tags"`
}

type hostDatasourceParameter struct {
	hostItemParameter `yaml:",inline"`
	Description       hostText `yaml:"description"`
}

func (h *hostDatasourceParameter) field() Field {
	f := h.hostItemParameter.field()
	f.Help = h.Description.textPtr()
	return f
}

func loadDatasourceItem(l *loader) *Item {
	var host hostDatasourceItem
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	c := l.checker()
	c.itemIdentity(&host.Identity.hostItemName, false)
	c.text(host.Description, "description")
	item := l.newItem(&host, host.Identity.Name, host.OutputSchema, SectionDatasourceParameters, fieldsOf(l, host.Parameters))
	item.Icons = l.icon(host.Identity.Icon, "identity", "icon")
	item.Label, item.Description = host.Identity.Label.text(), host.Description.text()
	return item
}
