package model

// loadModel reads a model provider.
func loadModel(d *decoder) *Provider {
	var host hostModel
	d.decodeRoot(&host, allKeys)
	if d.failed {
		return nil
	}
	p := &Provider{Name: host.Provider, Label: host.Label.text()}
	checkModel(d.reporter, d.root, &host)
	if form := host.ProviderCredential; form != nil {
		p.Sections = append(p.Sections, d.newForm(SectionProviderCredentials, form.Fields, host.SupportedModelTypes, "provider_credential_schema"))
	}
	if form := host.ModelCredential; form != nil {
		p.Sections = append(p.Sections, d.newForm(SectionModelCredentials, form.Fields, host.SupportedModelTypes, "model_credential_schema"))
	}
	return p
}

func (d *decoder) newForm(name SectionName, fields []sourced[hostFormField], supported []string, key string) Section {
	s := d.emptySection(name, key, "credential_form_schemas")
	for i := range fields {
		f := &fields[i].host
		field := Field{
			Name: f.Variable, Type: FieldType(f.Type), Required: f.Required, Label: f.Label.text(),
			Help: f.Help.textPtr(), Placeholder: f.Placeholder.textPtr(), MaxLength: f.MaxLength,
			ShowOn: conditions(f.ShowOn), URL: value(f.URL), Pos: d.at(fields[i].node), node: fields[i].node,
		}
		if f.Default != nil {
			field.Default = *f.Default
		}
		for _, o := range f.Options {
			field.Options = append(field.Options, Option{
				Value: o.host.Value, Label: o.host.Label.text(), ShowOn: conditions(o.host.ShowOn), Pos: d.at(o.node), node: o.node,
			})
		}
		s.Fields = append(s.Fields, field)
	}
	d.check(&s, &formRules)
	checker := newFormChecker(d.reporter, &s, supported)
	for i := range fields {
		checker.field(&fields[i])
	}
	if len(fields) > maxFormFields {
		d.warnf(deepest(d.root, []string{key, "credential_form_schemas"}), RuleLength, "a form must have at most %d fields", maxFormFields)
	}
	return s
}

func conditions(list []sourced[hostShowOn]) []Condition {
	var out []Condition
	for _, c := range list {
		out = append(out, Condition(c.host))
	}
	return out
}
