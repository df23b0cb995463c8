package model

import "github.com/difygen/difygen/internal/yamldoc"

type hostModel struct {
	Provider            string            `yaml:"provider"`
	Label               hostText          `yaml:"label"`
	Description         *hostText         `yaml:"description"`
	IconSmall           *hostText         `yaml:"icon_small"`
	IconLarge           *hostText         `yaml:"icon_large"`
	IconSmallDark       yamldoc.Node      `yaml:"icon_small_dark"`
	IconLargeDark       yamldoc.Node      `yaml:"icon_large_dark"`
	Background          *string           `yaml:"background"`
	Help                *hostHelp         `yaml:"help"`
	SupportedModelTypes []string          `yaml:"supported_model_types"`
	ConfigurateMethods  []string          `yaml:"configurate_methods"`
	Models              yamldoc.Node      `yaml:"models"`
	Position            yamldoc.Node      `yaml:"position"`
	ProviderCredential  *hostProviderForm `yaml:"provider_credential_schema"`
	Extra               yamldoc.Node      `yaml:"extra"`
	Meta                yamldoc.Node      `yaml:"meta"`
	ModelCredential     *hostModelForm    `yaml:"model_credential_schema"`
}

type hostHelp struct {
	Title hostText `yaml:"title"`
	URL   hostText `yaml:"url"`
}

type hostProviderForm struct {
	Fields []yamldoc.Sourced[hostFormField] `yaml:"credential_form_schemas"`
}

type hostModelForm struct {
	Model struct {
		Label       hostText  `yaml:"label"`
		Placeholder *hostText `yaml:"placeholder"`
	} `yaml:"model"`
	Fields []yamldoc.Sourced[hostFormField] `yaml:"credential_form_schemas"`
}

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
	s := l.newSection(name, fieldsOf(l, fields), key, "credential_form_schemas")
	if l.failed {
		return s
	}
	checker := newFormChecker(&l.reporter, &s, supported)
	for i := range fields {
		checker.field(&fields[i])
	}
	if len(fields) > maxFormFields {
		l.report(deepest(l.doc.Root, key, "credential_form_schemas"), ruleLength, "a form must have at most %d fields", maxFormFields)
	}
	return s
}

func modelMaps() []yamldoc.Map { return yamldoc.Maps[hostModel]() }
