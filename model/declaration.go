package model

import (
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// declaredFields returns the fields of a section as a declaration has them. An absent
// section is an empty list.
type declaredFields func(SectionName) []any

// HostForm returns the provider as the host decodes its file, for encoding/json. It lacks
// the items.
func (p *Provider) HostForm() map[string]any {
	return p.declare(all)
}

// WireForm returns the provider as a plugin that registers declares it, for encoding/json.
// It lacks the items, and fields without a name.
func (p *Provider) WireForm() map[string]any {
	form := p.declare(named)
	for i := range p.Sections {
		if s := &p.Sections[i]; s.IsForm() {
			schema, _, _ := strings.Cut(s.Path, ".")
			if object, ok := form[schema].(map[string]any); ok {
				object["credential_form_schemas"] = s.encode(named)
			}
		}
	}
	return form
}

// declare returns the declaration, with those fields of the sections that host decodes
// separately for which declared returns true.
func (p *Provider) declare(declared func(*Field) bool) map[string]any {
	out := yamldoc.Encode(p.host)
	info, _ := p.Kind.info()
	if info.declare == nil {
		return out
	}
	info.declare(p, out, func(name SectionName) []any { return p.Section(name).encode(declared) })
	return out
}

func all(*Field) bool { return true }

func named(f *Field) bool { return f.Name != "" }

// encode returns those fields of a section for which declared returns true, as a
// declaration has them. An absent section is an empty list.
func (s *Section) encode(declared func(*Field) bool) []any {
	list := []any{}
	if s == nil {
		return list
	}
	for i := range s.Fields {
		if f := &s.Fields[i]; declared(f) {
			list = append(list, yamldoc.Encode(f.host))
		}
	}
	return list
}

// declareTool puts the sections of a tool or data source provider into its declaration.
func declareTool(p *Provider, out map[string]any, fields declaredFields) {
	out["credentials_schema"] = fields(SectionCredentials)
	p.declareOAuth(out, fields)
}

func declareEndpoint(_ *Provider, out map[string]any, fields declaredFields) {
	out["settings"] = fields(SectionSettings)
}

func declareTrigger(p *Provider, out map[string]any, fields declaredFields) {
	out["subscription_schema"] = fields(SectionSubscription)
	if p.Section(SectionParameters) == nil {
		return
	}
	constructor := map[string]any{
		"credentials_schema": fields(SectionCredentials),
		"parameters":         fields(SectionParameters),
	}
	p.declareOAuth(constructor, fields)
	out[constructorKey] = constructor
}

func (p *Provider) declareOAuth(out map[string]any, fields declaredFields) {
	if p.Section(SectionOAuthClient) != nil {
		out["oauth_schema"] = map[string]any{
			"client_schema":      fields(SectionOAuthClient),
			"credentials_schema": fields(SectionOAuthCredentials),
		}
	}
}
