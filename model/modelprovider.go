package model

import "github.com/difygen/difygen/internal/yamldoc"

// loadModel loads a model provider.
func loadModel(l *loader) *Provider {
	var host hostModel
	l.decodeRoot(&host)
	if l.failed {
		return nil
	}
	p := &Provider{Name: host.Provider, Label: host.Label.text()}
	checkModel(&l.reporter, l.doc.Root, &host)
	if form := host.ProviderCredential; form != nil {
		p.Sections = append(p.Sections, l.newForm(SectionProviderCredentials, form.Fields, host.SupportedModelTypes, "provider_credential_schema"))
	}
	if form := host.ModelCredential; form != nil {
		p.Sections = append(p.Sections, l.newForm(SectionModelCredentials, form.Fields, host.SupportedModelTypes, "model_credential_schema"))
	}
	return p
}

func (l *loader) newForm(name SectionName, fields []yamldoc.Sourced[hostFormField], supported []string, key string) Section {
	s := l.emptySection(name, key, "credential_form_schemas")
	for i := range fields {
		f := &fields[i].Value
		field := Field{
			Name: f.Variable, Type: FieldType(f.Type), Required: f.Required, Label: f.Label.text(),
			Help: f.Help.textPtr(), Placeholder: f.Placeholder.textPtr(), MaxLength: f.MaxLength,
			ShowOn: conditions(f.ShowOn), URL: deref(f.URL), Pos: l.at(fields[i].Node), node: fields[i].Node,
		}
		if f.Default != nil {
			field.Default = *f.Default
		}
		for _, o := range f.Options {
			field.Options = append(field.Options, Option{
				Value: o.Value.Value, Label: o.Value.Label.text(), ShowOn: conditions(o.Value.ShowOn), Pos: l.at(o.Node), node: o.Node,
			})
		}
		s.Fields = append(s.Fields, field)
	}
	l.check(&s, &formRules)
	checker := newFormChecker(&l.reporter, &s, supported)
	for i := range fields {
		checker.field(&fields[i])
	}
	if len(fields) > maxFormFields {
		l.report(deepest(l.doc.Root, key, "credential_form_schemas"), ruleLength, "a form must have at most %d fields", maxFormFields)
	}
	return s
}

func conditions(list []yamldoc.Sourced[hostShowOn]) []Condition {
	var out []Condition
	for _, c := range list {
		out = append(out, Condition(c.Value))
	}
	return out
}

func modelMaps() []yamldoc.Map { return yamldoc.Maps[hostModel]() }
