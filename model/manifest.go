package model

import (
	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// ManifestEntry is a provider file that a manifest lists.
type ManifestEntry struct {
	Kind Kind
	Path string // as the manifest spells it, relative to the plugin's folder
	Pos  Position
}

// manifestKinds are the keys under `plugins`, in the host's order.
var manifestKinds = []struct {
	key  string
	kind Kind
}{
	{"tools", KindTool},
	{"models", KindModel},
	{"endpoints", KindEndpoint},
	{"agent_strategies", KindAgentStrategy},
	{"datasources", KindDatasource},
	{"triggers", KindTrigger},
}

// Manifest is what a plugin's manifest says.
type Manifest struct {
	Entries []ManifestEntry

	silencer
	file string
	root *yaml.Node
}

// LoadManifest reads which provider files a plugin's manifest lists. The name
// file is only used in positions. If any diagnostic is an error, the list is
// not complete.
func LoadManifest(file string, data []byte) (Manifest, Diagnostics) {
	r := &reporter{file: file}
	root, ok := parse(r, data)
	if !ok {
		return Manifest{}, r.list
	}
	if root == nil || resolve(root).Kind != yaml.MappingNode {
		r.errorf(Position{Line: 1, Column: 1}, RuleManifest, "the manifest must be a map")
		return Manifest{}, r.list
	}
	m := Manifest{silencer: r.silencer(data, root), file: file, root: root}
	for _, k := range manifestKinds {
		_, list := lookup(root, "plugins", k.key)
		if list = resolve(list); list == nil || isNull(list) {
			continue
		}
		if list.Kind != yaml.SequenceNode {
			r.errorf(at(list), RuleManifest, "plugins.%s must be a list of files", k.key)
			continue
		}
		for _, item := range list.Content {
			item = resolve(item)
			if item.Kind != yaml.ScalarNode || isNull(item) || item.Value == "" {
				r.errorf(at(item), RuleManifest, "plugins.%s must list files, not %s", k.key, found(item.ShortTag()))
				continue
			}
			pos := at(item)
			pos.File = file
			m.Entries = append(m.Entries, ManifestEntry{Kind: k.kind, Path: item.Value, Pos: pos})
		}
	}
	if len(m.Entries) == 0 && !r.list.HasErrors() {
		r.warnf(deepest(root, []string{"plugins"}), RuleManifest, "the manifest lists no providers under plugins")
	}
	return m, m.Silence(r.list, append(loadRules, RuleNameClash)...).Sort()
}

// Diagnostic makes a diagnostic about an entry of a manifest.
func (e ManifestEntry) Diagnostic(severity Severity, message string) Diagnostic {
	return Diagnostic{Pos: e.Pos, Severity: severity, Rule: RuleManifest, Message: text.Line(message)}
}

// IsManifest reports whether a file looks like a plugin's manifest.
func IsManifest(data []byte) bool {
	root, ok := parse(&reporter{}, data)
	if !ok || root == nil {
		return false
	}
	key, plugins := lookup(root, "plugins")
	return key != nil && resolve(plugins).Kind == yaml.MappingNode
}

// kindKeys are top-level keys that only one kind of provider has.
var kindKeys = []struct {
	key  string
	kind Kind
}{
	{"strategies", KindAgentStrategy},
	{"supported_model_types", KindModel},
	{"provider_credential_schema", KindModel},
	{"model_credential_schema", KindModel},
	{"settings", KindEndpoint},
	{"endpoints", KindEndpoint},
	{"subscription_schema", KindTrigger},
	{"subscription_constructor", KindTrigger},
	{"events", KindTrigger},
	{"datasources", KindDatasource},
	{"provider_type", KindDatasource},
}

// DetectKind guesses the kind of a provider file from its keys. What has no key
// of another kind is a tool.
func DetectKind(data []byte) Kind {
	root, ok := parse(&reporter{}, data)
	if !ok || root == nil {
		return KindTool
	}
	for _, k := range kindKeys {
		if key, _ := lookup(root, k.key); key != nil {
			return k.kind
		}
	}
	return KindTool
}
