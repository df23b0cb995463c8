package plugin

import (
	"fmt"
	"io/fs"
	"maps"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/model"
)

// Plugin is a plugin's folder as the host will see it.
type Plugin struct {
	model.Manifest
	Providers []Declared        // in the manifest's order
	Files     map[string][]byte // the YAML files that were read, by the names that diagnostics use
}

// Declared is a provider with its items.
type Declared struct {
	*model.Provider
	Contents
	Path string // of its file, from the plugin's folder, with slashes
}

// Load loads the plugin in fsys, to hand it to the host: its manifest and every file that
// the YAML names. If a diagnostic is an error, the plugin is nil. It fails if the manifest
// cannot be read.
func Load(fsys fs.FS) (*Plugin, model.Diagnostics, error) {
	p, findings, err := Read(fsys, func(file string) string { return file })
	if err != nil {
		return nil, nil, err
	}
	diags := findings.Settle(model.StepDeclare)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	return p, diags, nil
}

// Inspect is like Load, but only what the host could not load is an error; what it would
// refuse to run is a warning. Diagnostics have the names of files that show returns. The
// plugin is never nil. It is complete if no diagnostic is an error.
func Inspect(fsys fs.FS, show func(file string) string) (*Plugin, model.Diagnostics, error) {
	p, findings, err := Read(fsys, show)
	if err != nil {
		return nil, nil, err
	}
	return p, findings.Settle().ForHost(), nil
}

// Read is like Load and Inspect, but leaves it to the caller to settle the findings. If one is
// an error, the plugin is not complete.
func Read(fsys fs.FS, show func(file string) string) (*Plugin, model.Findings, error) {
	p := &Plugin{Files: make(map[string][]byte)}
	data, err := regular.Read(fsys, ManifestName)
	if err != nil {
		return nil, model.Findings{}, fmt.Errorf("%s: %w", show(ManifestName), Reason(err))
	}
	name := show(ManifestName)
	p.Files[name] = data
	manifest, findings := model.LoadManifest(name, data)
	if findings.HasErrors() {
		return p, findings, nil
	}
	p.Manifest = manifest
	findings.Merge(manifest.Check())
	sources, more := Sources(fsys, &manifest)
	findings.Merge(more)
	for _, s := range sources {
		name := show(s.Path)
		p.Files[name] = s.Data
		provider, more, err := model.Load(name, s.Data, s.File.Kind)
		if err != nil {
			return nil, model.Findings{}, err
		}
		findings.Merge(more)
		if provider == nil {
			continue
		}
		contents, more := LoadItems(provider, ItemFiles{fsys, show, model.SeverityError})
		findings.Merge(more)
		maps.Copy(p.Files, contents.Files)
		p.Providers = append(p.Providers, Declared{provider, contents, s.Path})
	}
	return p, findings, nil
}

// Open reads the manifest of the plugin in fsys and the provider files that it lists. If
// the manifest cannot be loaded, it is nil, with a diagnostic.
func Open(fsys fs.FS) (*model.Manifest, []Source, model.Findings, error) {
	data, err := regular.Read(fsys, ManifestName)
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

// KindsIn returns the kinds of the providers that the manifest in fsys lists; none without a
// manifest that can be read.
func KindsIn(fsys fs.FS) []model.Kind {
	data, err := regular.Read(fsys, ManifestName)
	if err != nil {
		return nil
	}
	manifest, _ := model.LoadManifest(ManifestName, data)
	return manifest.Kinds()
}
