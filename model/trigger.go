package model

import (
	"slices"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

type hostTrigger struct {
	Identity           hostIdentity `yaml:"identity"`
	SubscriptionSchema yamldoc.Node `yaml:"subscription_schema"`
	Constructor        yamldoc.Node `yaml:"subscription_constructor"`
	Events             yamldoc.Node `yaml:"events"`
	Extra              yamldoc.Node `yaml:"extra"`
	Meta               yamldoc.Node `yaml:"meta"`
}

type hostConstructor struct {
	Parameters        yamldoc.Node `yaml:"parameters"`
	CredentialsSchema yamldoc.Node `yaml:"credentials_schema"`
	OAuthSchema       yamldoc.Node `yaml:"oauth_schema"`
	Extra             yamldoc.Node `yaml:"extra"`
}

// loadTrigger loads a trigger provider.
func loadTrigger(l *loader) *Provider {
	var host hostTrigger
	l.decodeRoot(&host)
	var constructor hostConstructor
	hasConstructor := host.Constructor.Kind == yamldoc.Mapping
	if hasConstructor {
		l.decode(&host.Constructor, &constructor)
	} else if host.Constructor.Kind != 0 && !yamldoc.IsNull(&host.Constructor) {
		l.report(at(&host.Constructor), ruleDropped, "the host ignores %s: it must be a map", constructorKey)
	}
	subscription := l.strictSection(&host.SubscriptionSchema, "subscription_schema")
	credentials := l.strictSection(&constructor.CredentialsSchema, constructorKey+".credentials_schema")
	var parameters []yamldoc.Sourced[hostEventParameter]
	l.decodeNode(&constructor.Parameters, &parameters)
	var oauth hostOAuth
	l.decodeNode(&constructor.OAuthSchema, &oauth)
	if l.failed {
		return nil
	}
	p := &Provider{host: &host, Name: host.Identity.Name, Label: host.Identity.Label.text(), Icons: host.Identity.icons(l)}
	p.Sections = append(p.Sections, l.newSection(SectionSubscription, subscription, "subscription_schema"))
	if hasConstructor {
		p.Sections = append(p.Sections,
			l.newSection(SectionCredentials, credentials, constructorKey, "credentials_schema"),
			l.newSection(SectionParameters, fieldsOf(l, parameters), constructorKey, "parameters"))
		if constructor.OAuthSchema.Kind != 0 {
			p.Sections = append(p.Sections, l.oauthSections(&oauth, constructorKey, "oauth_schema")...)
		}
	}
	checkIdentity(&l.reporter, l.root, &host.Identity)
	return p
}

const constructorKey = "subscription_constructor"

// strictSection decodes a section of a trigger. If the section is a map, the host refuses
// values that are not fields.
func (l *loader) strictSection(n *yamldoc.Node, path string) []Field {
	n = yamldoc.Resolve(n)
	if n.Kind != yamldoc.Mapping {
		return l.section(n, path)
	}
	wrong := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key, value := n.Content[i], n.Content[i+1]; value.Kind != yamldoc.Mapping {
			l.failed, wrong = true, true
			what := yamldoc.Found(value.ShortTag())
			if value.Kind == yamldoc.Alias {
				what = "an alias"
			}
			l.report(at(key), ruleType, "%s.%s must be a field (a map with type and label), not %s", path, text.Name(key.Value), what)
		}
	}
	if wrong {
		return nil // mapSection would report the values again
	}
	return l.mapSection(n)
}

// triggerMaps includes the maps of the constructor, which the host decodes separately.
func triggerMaps() []yamldoc.Map {
	return slices.Concat(yamldoc.Maps[hostTrigger](), yamldoc.Maps[hostConstructor](constructorKey),
		yamldoc.Maps[hostOAuth](constructorKey, "oauth_schema"))
}

type hostEvent struct {
	Identity     hostItemIdentity                      `yaml:"identity"`
	Parameters   []yamldoc.Sourced[hostEventParameter] `yaml:"parameters"`
	Description  hostText                              `yaml:"description"`
	OutputSchema map[string]any                        `yaml:"output_schema"`
	Extra        yamldoc.Node                          `yaml:"extra"`
	Meta         yamldoc.Node                          `yaml:"meta"`
}

func loadEvent(l *loader) *Item {
	var host hostEvent
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	c := l.checker()
	c.itemIdentity(&host.Identity.hostItemName, true)
	c.text(host.Description, "description")
	item := l.newItem(&host, host.Identity.Name, host.OutputSchema, SectionEventParameters, fieldsOf(l, host.Parameters))
	item.Label, item.Description = host.Identity.Label.text(), host.Description.text()
	return item
}
