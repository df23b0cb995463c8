package plugin

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/difygen/difygen/model"
)

// Plugin is a plugin's folder as the host will see it.
type Plugin struct {
	Author, Name, Version string
	Arch                  []string       // the architectures in the manifest, each once
	Entrypoint            string         // the Python module that the host runs
	Icons                 []string       // of the manifest
	Value                 map[string]any // the manifest, for encoding/json
	Providers             []Declared     // in the manifest's order
}

// Declared is a provider with its declaration.
type Declared struct {
	*model.Provider
	Declaration
}

// Load loads the plugin in fsys: its manifest and every file that the YAML names. If a
// diagnostic is an error, the plugin is nil. It fails if the manifest cannot be read.
func Load(fsys fs.FS) (*Plugin, model.Diagnostics, error) {
	manifest, sources, findings, err := Open(fsys)
	if err != nil {
		return nil, nil, err
	}
	if manifest == nil {
		return nil, findings.Settle(), nil
	}
	value, more := manifest.Declaration()
	findings.Merge(more)
	plugin := newPlugin(value)
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
	diags := findings.Settle(model.StepDeclare)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	return plugin, diags, nil
}

// Open reads the manifest of the plugin in fsys and the provider files that it lists. If
// the manifest cannot be loaded, it is nil, with a diagnostic.
func Open(fsys fs.FS) (*model.Manifest, []Source, model.Findings, error) {
	data, err := Read(fsys, ManifestName)
	if err != nil {
		return nil, nil, model.Findings{}, fmt.Errorf("%s: %w", ManifestName, Reason(err))
	}
	manifest, findings := model.LoadManifest(ManifestName, data)
	if findings.HasErrors() {
		return nil, nil, findings, nil
	}
	sources, more := Sources(fsys, &manifest)
	findings.Merge(more)
	return &manifest, sources, findings, nil
}

// newPlugin returns a plugin with the declaration of its manifest, without providers.
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
