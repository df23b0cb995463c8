package model

import "github.com/difygen/difygen/internal/yamldoc"

// ProviderFile is a provider file that a manifest lists.
type ProviderFile struct {
	Kind Kind
	Path string // relative to the plugin's folder, as the manifest spells it
	Pos  Position
}

// Manifest is a plugin's manifest, as LoadManifest returned it.
type Manifest struct {
	Providers []ProviderFile // in the host's order of kinds

	file string
	doc  *yamldoc.Document
}

// LoadManifest loads a plugin's manifest, to find which provider files it lists. Like that
// of Load, the name file is only used in positions. If a diagnostic is an error, the list
// is incomplete. What the host requires of the rest of a manifest is left to Declaration.
func LoadManifest(file string, data []byte) (Manifest, Findings) {
	l, ok := newLoader(file, data)
	if !ok {
		return Manifest{}, l.Findings
	}
	root := l.doc.Root
	if root == nil || yamldoc.Resolve(root).Kind != yamldoc.Mapping {
		l.report(Position{Line: 1, Column: 1}, RuleManifest, "the manifest must be a map")
		return Manifest{}, l.Findings
	}
	m := Manifest{file: file, doc: l.doc}
	for _, info := range kinds {
		m.Providers = append(m.Providers, l.providerFiles(info)...)
	}
	if len(m.Providers) == 0 && !l.HasErrors() {
		l.warnf(deepest(root, "plugins"), RuleManifest, "the manifest lists no providers under plugins")
	}
	l.findIgnores(l.doc, true)
	return m, l.Findings
}

// providerFiles returns the files that a manifest lists for a kind.
func (l *loader) providerFiles(info kindInfo) []ProviderFile {
	_, list := yamldoc.Lookup(l.doc.Root, "plugins", info.manifest)
	if list = yamldoc.Resolve(list); list == nil || yamldoc.IsNull(list) {
		return nil
	}
	if list.Kind != yamldoc.Sequence {
		l.report(at(list), RuleManifest, "plugins.%s must be a list of files", info.manifest)
		return nil
	}
	var files []ProviderFile
	for _, item := range list.Content {
		item = yamldoc.Resolve(item)
		if item.Kind != yamldoc.Scalar || yamldoc.IsNull(item) || item.Value == "" {
			l.report(at(item), RuleManifest, "plugins.%s must list files, not %s", info.manifest, yamldoc.Found(item.ShortTag()))
			continue
		}
		files = append(files, ProviderFile{Kind: info.kind, Path: item.Value, Pos: l.at(item)})
	}
	return files
}

// IsManifest reports whether data looks like a plugin's manifest: it has a map under
// plugins.
func IsManifest(data []byte) bool {
	doc, err := yamldoc.Parse(data)
	if err != nil || doc.Root == nil {
		return false
	}
	key, plugins := yamldoc.Lookup(doc.Root, "plugins")
	return key != nil && yamldoc.Resolve(plugins).Kind == yamldoc.Mapping
}
