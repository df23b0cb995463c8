package model

import (
	"slices"
	"sync"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

type hostModel struct {
	Provider            string            `yaml:"provider"`
	Label               hostText          `yaml:"label"`
	Description         *hostText         `yaml:"description"`
	IconSmall           *hostText         `yaml:"icon_small"`
	IconLarge           *hostText         `yaml:"icon_large"`
	IconSmallDark       *hostText         `yaml:"icon_small_dark"`
	IconLargeDark       *hostText         `yaml:"icon_large_dark"`
	Background          *string           `yaml:"background"`
	Help                *hostHelp         `yaml:"help"`
	SupportedModelTypes []string          `yaml:"supported_model_types"`
	ConfigurateMethods  []string          `yaml:"configurate_methods"`
	Models              yamldoc.Node      `yaml:"models"`
	Declarations        yamldoc.Node      `yaml:"model_declarations"` // decoded, and not used
	Position            *hostPosition     `yaml:"position"`
	ProviderCredential  *hostProviderForm `yaml:"provider_credential_schema"`
	Extra               yamldoc.Node      `yaml:"extra"`
	Meta                yamldoc.Node      `yaml:"meta"`
	ModelCredential     *hostModelForm    `yaml:"model_credential_schema"`
}

// hostPosition is the order of the models of each type. The host takes it from files that
// the provider names under models, and then ignores it in the provider's file.
type hostPosition struct {
	LLM           *hostNames `yaml:"llm"`
	TextEmbedding *hostNames `yaml:"text_embedding"`
	Rerank        *hostNames `yaml:"rerank"`
	TTS           *hostNames `yaml:"tts"`
	Speech2text   *hostNames `yaml:"speech2text"`
	Moderation    *hostNames `yaml:"moderation"`
}

type hostHelp struct {
	Title hostText `yaml:"title"`
	URL   hostText `yaml:"url"`
}

type hostProviderForm struct {
	Fields []yamldoc.Sourced[hostFormField] `yaml:"credential_form_schemas"`
}

type hostModelForm struct {
	Model  hostFormModel                    `yaml:"model"`
	Fields []yamldoc.Sourced[hostFormField] `yaml:"credential_form_schemas"`
}

// hostFormModel is how a form asks for the name of a model.
type hostFormModel struct {
	Label       hostText  `yaml:"label"`
	Placeholder *hostText `yaml:"placeholder"`
}

// loadModel loads a model provider.
func loadModel(l *loader) *Provider {
	var host hostModel
	l.decodeRoot(&host)
	l.decodeNode(&host.Declarations, new([]hostModelItem))
	if l.failed {
		return nil
	}
	p := &Provider{
		host: &host, Name: host.Provider, Label: host.Label.text(), Icons: host.icons(l),
		ModelTypes: host.SupportedModelTypes, HasCustomModels: slices.Contains(host.ConfigurateMethods, customizableModel),
	}
	p.ModelTypesPos = deepest(l.root, "supported_model_types")
	p.ModelTypesPos.File = l.file
	checkModel(&l.reporter, l.root, &host)
	if form := host.ProviderCredential; form != nil {
		p.Sections = append(p.Sections, l.newForm(SectionProviderCredentials, form.Fields, host.SupportedModelTypes, "provider_credential_schema"))
	}
	if form := host.ModelCredential; form != nil {
		p.Sections = append(p.Sections, l.newForm(SectionModelCredentials, form.Fields, host.SupportedModelTypes, "model_credential_schema"))
	}
	return p
}

// icons returns the names of the icons in every language.
func (h *hostModel) icons(l *loader) []Icon {
	var icons []Icon
	for _, icon := range []struct {
		key   string
		names *hostText
	}{
		{"icon_small", h.IconSmall}, {"icon_large", h.IconLarge}, {"icon_small_dark", h.IconSmallDark}, {"icon_large_dark", h.IconLargeDark},
	} {
		if icon.names == nil {
			continue
		}
		for language, name := range icon.names.text().languages() {
			icons = append(icons, l.icon(name, icon.key, language)...)
		}
	}
	return icons
}

func (l *loader) newForm(name SectionName, fields []yamldoc.Sourced[hostFormField], supported []string, key string) Section {
	s := l.newSection(name, fieldsOf(l, fields), key, "credential_form_schemas")
	if l.failed {
		return s
	}
	count := make(map[string]int)
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Name != "" {
			if count[f.Name]++; count[f.Name] == maxDeclarations {
				l.refuse(f.Pos, "a field with %d declarations is too large", maxDeclarations)
				return s
			}
		}
	}
	checker := newFormChecker(&l.reporter, &s, supported)
	for i := range fields {
		checker.field(&fields[i])
	}
	if len(fields) > maxFormFields {
		l.report(deepest(l.root, key, "credential_form_schemas"), ruleLength, "a form must have at most %d fields", maxFormFields)
	}
	return s
}

// listModels reads the files of the models that a provider lists by type.
func listModels(l *loader, list *yamldoc.Node) ItemList {
	items := ItemList{Positions: true}
	for i := 0; i+1 < len(list.Content); i += 2 {
		key, models := list.Content[i], list.Content[i+1]
		switch {
		case !slices.Contains(positionKeys(), key.Value):
			l.suggest(at(key), ruleUnknownKey, text.Nearest(key.Value, positionKeys()), "the host ignores the key %s in models", text.Name(key.Value))
		case models.Kind != yamldoc.Mapping:
			if !yamldoc.IsNull(models) {
				l.report(at(key), ruleDropped, "the host ignores models.%s: it must be a map, not %s", key.Value, l.found(models))
			}
		default:
			l.listModelType(key.Value, models, &items)
		}
	}
	return items
}

// positionKeys are the keys of the types of models.
var positionKeys = sync.OnceValue(yamldoc.Keys[hostPosition])

// listModelType adds the files of the models of one type to items.
func (l *loader) listModelType(modelType string, models *yamldoc.Node, items *ItemList) {
	for i := 0; i+1 < len(models.Content); i += 2 {
		key, value := models.Content[i], models.Content[i+1]
		switch path := "models." + modelType + "." + key.Value; {
		case key.Value == "position" && value.Kind == yamldoc.Scalar:
			items.Orders = append(items.Orders, Order{Type: modelType, File: value.Value, Pos: l.at(value)})
		case key.Value == "position":
			l.strictly(at(value), RuleManifest, "%s must be the name of a file, not %s", path, l.found(value))
		case key.Value == "predefined" && value.Kind == yamldoc.Sequence:
			for _, n := range value.Content {
				if n.Kind == yamldoc.Scalar {
					items.Items = append(items.Items, ListedItem{File: n.Value, Pattern: true, Type: modelType, Pos: l.at(n)})
				} else {
					l.report(at(n), ruleDropped, "the host ignores this element of %s: it must be a pattern for files, not %s", path, l.found(n))
				}
			}
		case key.Value == "predefined":
			l.report(at(key), ruleDropped, "the host ignores %s: it must be a list of files, not %s", path, l.found(value))
		default:
			l.suggest(at(key), ruleUnknownKey, text.Nearest(key.Value, []string{"position", "predefined"}),
				"the host ignores the key %s in models.%s", text.Name(key.Value), modelType)
		}
	}
}
