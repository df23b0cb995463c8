package model

import (
	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// loadTrigger reads a trigger provider.
func loadTrigger(d *decoder) *Provider {
	var host hostTrigger
	d.decodeRoot(&host, "identity")
	var constructor hostConstructor
	hasConstructor := host.Constructor.Kind == yaml.MappingNode
	if hasConstructor {
		d.decode(&host.Constructor, &constructor)
	} else if host.Constructor.Kind != 0 && !isNull(&host.Constructor) {
		d.warnf(at(&host.Constructor), RuleDropped, "the host ignores %s: it must be a map", constructorKey)
	}
	subscription := d.strictSection(&host.SubscriptionSchema, "subscription_schema")
	credentials := d.strictSection(&constructor.CredentialsSchema, constructorKey+".credentials_schema")
	var parameters []sourced[hostParameter]
	d.decodeNode(&constructor.Parameters, &parameters)
	var oauth hostOAuth
	d.decodeNode(&constructor.OAuthSchema, &oauth)
	if d.failed {
		return nil
	}
	p := &Provider{Name: host.Identity.Name, Label: host.Identity.Label.text()}
	p.Sections = append(p.Sections, d.newSection(SectionSubscription, subscription, "subscription_schema"))
	if hasConstructor {
		p.Sections = append(p.Sections,
			d.newSection(SectionCredentials, credentials, constructorKey, "credentials_schema"),
			d.newParameters(parameters))
		if constructor.OAuthSchema.Kind != 0 {
			p.Sections = append(p.Sections, d.oauthSections(&oauth, constructorKey, "oauth_schema")...)
		}
	}
	checkIdentity(d.reporter, d.root, &host.Identity)
	return p
}

const constructorKey = "subscription_constructor"

// decodeNode decodes a node that the host decodes by itself; an absent one is
// nothing.
func (d *decoder) decodeNode(n *yaml.Node, out any) {
	if n.Kind != 0 {
		d.decode(n, out, allKeys)
	}
}

// strictSection decodes a section of a trigger: in a map, everything must be a
// field.
func (d *decoder) strictSection(n *yaml.Node, path string) []sourced[hostField] {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		return d.section(n, path)
	}
	wrong := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key, value := n.Content[i], n.Content[i+1]; value.Kind != yaml.MappingNode {
			d.failed, wrong = true, true
			what := found(value.ShortTag())
			if value.Kind == yaml.AliasNode {
				what = "an alias"
			}
			d.errorf(at(key), RuleType, "%s.%s must be a field, a map with type and label, not %s", path, text.Name(key.Value), what)
		}
	}
	if wrong {
		return nil // not a word of what the host would drop elsewhere
	}
	return d.mapSection(n)
}

func (d *decoder) newParameters(parameters []sourced[hostParameter]) Section {
	s := d.emptySection(SectionParameters, constructorKey, "parameters")
	for _, parameter := range parameters {
		p := &parameter.host
		f := Field{
			Name: p.Name, Type: FieldType(p.Type), Required: p.Required, Default: p.Default, Scope: p.Scope,
			Multiple: p.Multiple, Label: p.Label.text(), Help: p.Description.textPtr(),
			Min: p.Min, Max: p.Max, Precision: p.Precision, Pos: d.at(parameter.node), node: parameter.node,
		}
		for _, o := range p.Options {
			value, _ := Scalar(o.host.Value)
			f.Options = append(f.Options, Option{Value: value, Raw: o.host.Value, Label: o.host.Label.text(), Pos: d.at(o.node), node: o.node})
		}
		s.Fields = append(s.Fields, f)
	}
	d.check(&s, &parameterRules)
	return s
}
