package plugin

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/difygen/difygen/model"
)

// Plugin is a plugin's folder as the host is to see it.
type Plugin struct {
	Author, Name, Version string
	Arch                  []string // of the machines that it runs on; none says nothing
	Entrypoint            string   // the Python module that the host runs
	Icons                 []string
	Value                 map[string]any // the manifest, for encoding/json
	Providers             []Declared     // in the manifest's order
}

// Declared is a provider with its declaration.
type Declared struct {
	*model.Provider
	Declaration
}

// Load reads the manifest of the plugin in fsys with everything that it names. If a
// diagnostic is an error, the plugin is nil. It fails if there is no manifest.
func Load(fsys fs.FS) (*Plugin, model.Diagnostics, error) {
	data, err := Read(fsys, ManifestName)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", ManifestName, Reason(err))
	}
	manifest, findings := model.LoadManifest(ManifestName, data)
	if findings.HasErrors() {
		return nil, findings.Settle(), nil
	}
	value, more := manifest.Declaration()
	findings.Merge(more)
	plugin := newPlugin(value)
	sources, more := Sources(fsys, &manifest)
	findings.Merge(more)
	for _, s := range sources {
		p, more, err := model.Load(s.Path, s.Data, s.File.Kind)
		if err != nil {
			return nil, nil, err
		}
		findings.Merge(more)
		if p == nil {
			continue
		}
		d, more := declare(p, fsys)
		findings.Merge(more)
		plugin.Providers = append(plugin.Providers, Declared{p, d})
	}
	diags := findings.Settle(model.CheckDeclare)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	return plugin, diags, nil
}

// newPlugin is a plugin with a manifest, and no providers.
func newPlugin(manifest map[string]any) *Plugin {
	runner := asObject(asObject(manifest["meta"])["runner"])
	p := &Plugin{
		Author: asText(manifest["author"]), Name: asText(manifest["name"]), Version: asText(manifest["version"]),
		Entrypoint: asText(runner["entrypoint"]), Icons: Icons(manifest), Value: manifest,
	}
	arch, _ := asObject(manifest["meta"])["arch"].([]any)
	for _, a := range arch {
		if s := asText(a); s != "" && !slices.Contains(p.Arch, s) {
			p.Arch = append(p.Arch, s)
		}
	}
	return p
}
