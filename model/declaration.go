package model

import "github.com/difygen/difygen/internal/yamldoc"

// Declaration returns what a plugin tells the host about the provider, as a value for
// encoding/json, and the list of the provider's items, which the declaration lacks. The
// declaration is nil if the file is not a map, or not of a reasonable size. It is complete
// if no diagnostic is an error.
func (p *Provider) Declaration() (map[string]any, ItemList, Findings) {
	l, ok := p.reload()
	if !ok || l.doc.Root == nil || yamldoc.Resolve(l.doc.Root).Kind != yamldoc.Mapping || !l.affordable() {
		return nil, ItemList{}, l.Findings
	}
	info, _ := p.Kind.info()
	value := conversion{textValues: true, textDefaults: info.textDefaults}.json(l.doc.Root)
	if info.declare != nil {
		info.declare(p, value)
	}
	return value, l.listItems(info), l.Findings
}

// reload returns a loader of the provider's document, which it parses if Load did not: a
// kind without credentials has not been parsed yet.
func (p *Provider) reload() (*loader, bool) {
	if p.doc == nil {
		l, ok := newLoader(p.File, p.data)
		if ok {
			l.findIgnores(l.doc, true)
		}
		return l, ok
	}
	return &loader{reporter: reporter{file: p.File}, doc: p.doc}, true
}

// affordable reports whether the document, with its aliases expanded, is of a reasonable
// size. It adds a diagnostic if not.
func (l *loader) affordable() bool {
	errs, ok := l.doc.Affordable()
	for _, err := range errs {
		l.fail(err)
	}
	return ok
}

// declareTool puts the sections of a tool or data source provider into its declaration.
func declareTool(p *Provider, out map[string]any) {
	delete(out, "credentials_for_provider")
	out["credentials_schema"] = p.declaredFields(SectionCredentials)
	p.declareOAuth(out)
}

func declareEndpoint(p *Provider, out map[string]any) {
	out["settings"] = p.declaredFields(SectionSettings)
}

func declareTrigger(p *Provider, out map[string]any) {
	out["subscription_schema"] = p.declaredFields(SectionSubscription)
	constructor, ok := out[constructorKey].(map[string]any)
	if !ok || p.Section(SectionParameters) == nil {
		out[constructorKey] = nil
		return
	}
	constructor["credentials_schema"] = p.declaredFields(SectionCredentials)
	constructor["parameters"] = p.declaredFields(SectionParameters)
	p.declareOAuth(constructor)
}

func (p *Provider) declareOAuth(out map[string]any) {
	if p.Section(SectionOAuthClient) == nil {
		out["oauth_schema"] = nil
		return
	}
	out["oauth_schema"] = map[string]any{
		"client_schema":      p.declaredFields(SectionOAuthClient),
		"credentials_schema": p.declaredFields(SectionOAuthCredentials),
	}
}

// declaredFields returns the fields of a section. An absent section is an empty list,
// because the host requires one.
func (p *Provider) declaredFields(name SectionName) []any {
	list := []any{}
	s := p.Section(name)
	if s == nil {
		return list
	}
	c := conversion{textValues: !name.info().rules.typedOptions}
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Name != "" {
			field := c.json(f.node)
			field["name"] = f.Name
			list = append(list, field)
		}
	}
	return list
}
