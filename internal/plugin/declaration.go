package plugin

import (
	"slices"

	"github.com/difygen/difygen/model"
)

// HostForm returns the whole plugin as the host extracts it from the folder, for
// encoding/json: the manifest with its providers in it, and their items in them. Of
// several providers of one kind, the host keeps the last.
func (p *Plugin) HostForm() map[string]any {
	form := p.Manifest.HostForm()
	manifest := p.Manifest.HostForm()
	for _, d := range p.Providers {
		value := d.HostForm()
		fill(d.Kind, value, manifest)
		form[d.Kind.Key()] = d.withItems(value, (*model.Item).HostForm)
	}
	return form
}

// fill fills what a provider lacks with what the manifest has, as the host does.
func fill(kind model.Kind, provider, manifest map[string]any) {
	switch kind {
	case model.KindTool, model.KindTrigger:
		identity, _ := provider["identity"].(map[string]any)
		if description, _ := identity["description"].(map[string]any); description["en_US"] == "" {
			identity["description"] = manifest["description"]
		}
		if tags, _ := identity["tags"].([]any); len(tags) == 0 && manifest["tags"] != nil {
			identity["tags"] = manifest["tags"]
		}
	case model.KindModel:
		if provider["description"] == nil {
			provider["description"] = manifest["description"]
		}
	}
}

// WireForm returns the provider as a plugin that registers declares it, for encoding/json.
func (d *Declared) WireForm() map[string]any {
	return d.withItems(d.Provider.WireForm(), (*model.Item).WireForm)
}

// withItems puts the provider's items into its declaration.
func (d *Declared) withItems(form map[string]any, declare func(*model.Item) map[string]any) map[string]any {
	items := make([]any, len(d.Items))
	for i, item := range d.Items {
		items[i] = declare(item.Item)
	}
	form[d.Kind.Items()] = items
	if d.Orders != nil {
		form["position"] = d.Orders
	}
	return form
}

// Icons returns the icons in the plugin that the host looks for among its assets: those of
// the manifest, its providers and its data sources.
func (p *Plugin) Icons() []model.Icon {
	icons := slices.Clone(p.Manifest.Icons)
	for _, d := range p.Providers {
		icons = append(icons, d.Icons...)
		for _, item := range d.Items {
			icons = append(icons, item.Icons...)
		}
	}
	return icons
}
