package model

import (
	"slices"
	"time"

	"github.com/difygen/difygen/internal/yamldoc"
)

// ProviderFile is a provider file that a manifest lists.
type ProviderFile struct {
	Kind Kind
	Path string // relative to the plugin's folder, as the manifest spells it
	Pos  Position
}

// Manifest is a plugin's manifest as the host sees it.
type Manifest struct {
	Author, Name, Version string
	Arch                  []string       // the architectures that the plugin runs on, each once
	Entrypoint            string         // the Python module that the host runs
	Icons                 []Icon         // that the host looks for
	Privacy               string         // an address, or the path of a file; "" if absent
	Providers             []ProviderFile // in the host's order of kinds

	file string
	root *yamldoc.Node
	host hostManifest
}

type hostManifest struct {
	Version     string       `yaml:"version"`
	Type        string       `yaml:"type"`
	Author      string       `yaml:"author"`
	Name        string       `yaml:"name"`
	Label       hostText     `yaml:"label"`
	Description hostText     `yaml:"description"`
	Icon        string       `yaml:"icon"`
	IconDark    string       `yaml:"icon_dark"`
	Resource    hostResource `yaml:"resource"`
	Plugins     hostPlugins  `yaml:"plugins"`
	Meta        hostMeta     `yaml:"meta"`
	Tags        []string     `yaml:"tags"`
	CreatedAt   time.Time    `yaml:"created_at"`
	Privacy     *string      `yaml:"privacy"`
	Repo        *string      `yaml:"repo"`
	Verified    bool         `yaml:"verified"`
	Extra       yamldoc.Node `yaml:"extra"`
}

type hostResource struct {
	Memory     int64           `yaml:"memory"`
	Permission *hostPermission `yaml:"permission"`
}

type hostPermission struct {
	Tool     *hostEnabled           `yaml:"tool"`
	Model    *hostModelPermission   `yaml:"model"`
	Node     *hostEnabled           `yaml:"node"`
	Endpoint *hostEnabled           `yaml:"endpoint"`
	App      *hostEnabled           `yaml:"app"`
	Storage  *hostStoragePermission `yaml:"storage"`
}

type hostEnabled struct {
	Enabled bool `yaml:"enabled"`
}

type hostModelPermission struct {
	Enabled       bool `yaml:"enabled"`
	LLM           bool `yaml:"llm"`
	TextEmbedding bool `yaml:"text_embedding"`
	Rerank        bool `yaml:"rerank"`
	TTS           bool `yaml:"tts"`
	Speech2text   bool `yaml:"speech2text"`
	Moderation    bool `yaml:"moderation"`
}

type hostStoragePermission struct {
	Enabled bool   `yaml:"enabled"`
	Size    uint64 `yaml:"size"`
}

// hostPlugins has the files of the providers of each kind.
type hostPlugins struct {
	Tools           []yamldoc.Sourced[hostPath] `yaml:"tools"`
	Models          []yamldoc.Sourced[hostPath] `yaml:"models"`
	Endpoints       []yamldoc.Sourced[hostPath] `yaml:"endpoints"`
	AgentStrategies []yamldoc.Sourced[hostPath] `yaml:"agent_strategies"`
	Datasources     []yamldoc.Sourced[hostPath] `yaml:"datasources"`
	Triggers        []yamldoc.Sourced[hostPath] `yaml:"triggers"`
}

type hostPath string

func (hostPath) DescribeYAML() yamldoc.Words {
	return yamldoc.Words{One: "the name of a file", List: "a list of files"}
}

type hostMeta struct {
	Version            string     `yaml:"version"`
	Arch               []string   `yaml:"arch"`
	Runner             hostRunner `yaml:"runner"`
	MinimumDifyVersion *string    `yaml:"minimum_dify_version"`
}

type hostRunner struct {
	Language   string `yaml:"language"`
	Version    string `yaml:"version"`
	Entrypoint string `yaml:"entrypoint"`
}

// LoadManifest loads a plugin's manifest. Like that of Load, the name file is only used in
// positions. If a diagnostic is an error, the host could not load the manifest, and it is
// empty. What the host requires of the values in a manifest is left to Check.
func LoadManifest(file string, data []byte) (Manifest, Findings) {
	l, ok := newLoader(file, data)
	if !ok {
		return Manifest{}, l.Findings
	}
	m := Manifest{file: file, root: l.root}
	l.decodeRoot(&m.host)
	l.findIgnores(l.doc, !l.failed)
	if l.failed {
		return Manifest{}, l.Findings
	}
	m.Author, m.Name, m.Version = m.host.Author, m.host.Name, m.host.Version
	m.Arch, m.Entrypoint = distinct(m.host.Meta.Arch), m.host.Meta.Runner.Entrypoint
	m.Icons, m.Privacy = append(l.icon(m.host.Icon, "icon"), l.icon(m.host.IconDark, "icon_dark")...), deref(m.host.Privacy)
	for _, info := range kinds {
		for _, f := range info.files(&m.host.Plugins) {
			m.Providers = append(m.Providers, ProviderFile{Kind: info.kind, Path: string(f.Value), Pos: l.at(f.Node)})
		}
	}
	if len(m.Providers) == 0 {
		l.warnf(deepest(l.root, "plugins"), RuleManifest, "the manifest lists no providers under plugins")
	}
	checkTags(&l.reporter, l.root, "tags")
	checkKeys(&l.reporter, l.root, yamldoc.Maps[hostManifest]())
	l.nameFields(l.doc)
	return m, l.Findings
}

// Kinds returns the kinds of the providers that the manifest lists, in the host's order.
func (m *Manifest) Kinds() []Kind {
	var kinds []Kind
	for _, p := range m.Providers {
		if !slices.Contains(kinds, p.Kind) {
			kinds = append(kinds, p.Kind)
		}
	}
	return kinds
}

// At returns the position of a key, given with those above it, or of the deepest of them that
// the manifest has.
func (m *Manifest) At(path ...string) Position {
	pos := deepest(m.root, path...)
	pos.File = m.file
	return pos
}

// HostForm returns the manifest as the host decodes it, for encoding/json. The host finds
// out for itself whether a plugin is verified; one that is not signed is not.
func (m *Manifest) HostForm() map[string]any {
	form := yamldoc.Encode(&m.host)
	form["verified"] = false
	return form
}

// WireForm returns the manifest as a plugin that registers declares it, for encoding/json.
// It does not say whether the plugin is verified, since the host would believe it.
func (m *Manifest) WireForm() map[string]any {
	form := yamldoc.Encode(&m.host)
	delete(form, "verified")
	return form
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

// IsOtherManifest reports whether data is YAML of something else than a plugin, such as a
// manifest of Kubernetes: a map without plugins, whose type is not plugin. YAML that cannot be
// parsed may be a plugin's.
func IsOtherManifest(data []byte) bool {
	doc, err := yamldoc.Parse(data)
	if err != nil || doc.Root == nil || doc.Root.Kind != yamldoc.Mapping {
		return false
	}
	plugins, _ := yamldoc.Lookup(doc.Root, "plugins")
	_, typ := yamldoc.Lookup(doc.Root, "type")
	return plugins == nil && (typ == nil || yamldoc.Resolve(typ).Value != "plugin")
}

// distinct returns the texts without repetitions.
func distinct(list []string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
