package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// Kind is the kind of a provider. It decides what the provider offers and where its YAML
// declares credentials. The values are Dify's own.
type Kind string

// The kinds of provider that a plugin manifest can list.
const (
	KindTool          Kind = "tool"
	KindModel         Kind = "model"
	KindEndpoint      Kind = "endpoint"
	KindAgentStrategy Kind = "agent-strategy"
	KindDatasource    Kind = "datasource"
	KindTrigger       Kind = "trigger"
)

// kindInfo is what this package knows about a kind of provider.
type kindInfo struct {
	kind     Kind
	manifest string // the key of the kind in a manifest, under plugins
	item     string // the word for an item
	items    string // the key under which a provider lists its items
	// marks are top-level keys of provider files that no other kind has.
	marks []string
	// load loads a provider file. It returns nil if the host could not load it. A kind
	// without it declares no credentials.
	load func(*loader) *Provider
	// maps returns the mappings outside fields, with the keys that the host knows.
	maps func() []yamldoc.Map
	// declare puts the provider's sections into its declaration.
	declare func(p *Provider, document map[string]any)
	// textDefaults means that the host keeps the defaults of fields as text.
	textDefaults bool
	// typedOptions means that the host keeps the YAML types of the options of parameters.
	typedOptions bool
	// name returns the name of an item. If nil, it is that in the item's identity.
	name func(item map[string]any) string
	// parameters means that the host requires an item's parameters, even if empty.
	parameters bool
	// listMap reads a list of items that is a map.
	listMap func(*loader, *yamldoc.Node) ItemList
}

// kinds has a row for every kind, in the host's order.
var kinds = []kindInfo{
	{
		kind: KindTool, manifest: "tools", item: "tool", items: "tools", parameters: true,
		load: loadTool, maps: toolMaps, declare: declareTool,
	},
	{
		kind: KindModel, manifest: "models", item: "model", items: "models", textDefaults: true, name: modelName, listMap: listModels,
		load: loadModel, maps: modelMaps,
		marks: []string{"supported_model_types", "provider_credential_schema", "model_credential_schema"},
	},
	{
		kind: KindEndpoint, manifest: "endpoints", item: "endpoint", items: "endpoints", name: endpointName,
		load: loadEndpoint, maps: endpointMaps, declare: declareEndpoint,
		marks: []string{"settings", "endpoints"},
	},
	{kind: KindAgentStrategy, manifest: "agent_strategies", item: "strategy", items: "strategies", marks: []string{"strategies"}},
	{
		kind: KindDatasource, manifest: "datasources", item: "data source", items: "datasources", parameters: true,
		load: loadDatasource, maps: datasourceMaps, declare: declareTool,
		marks: []string{"datasources", "provider_type"},
	},
	{
		kind: KindTrigger, manifest: "triggers", item: "event", items: "events", parameters: true, typedOptions: true,
		load: loadTrigger, maps: triggerMaps, declare: declareTrigger,
		marks: []string{"subscription_schema", "subscription_constructor", "events"},
	},
}

// info returns the row for k, and false for an unknown kind.
func (k Kind) info() (kindInfo, bool) {
	for _, info := range kinds {
		if info.kind == k {
			return info, true
		}
	}
	return kindInfo{}, false
}

// Kinds returns every kind, in the host's order.
func Kinds() []Kind {
	var list []Kind
	for _, info := range kinds {
		list = append(list, info.kind)
	}
	return list
}

// KindList returns every kind, in the host's order, joined by commas, for messages.
func KindList() string {
	var words []string
	for _, k := range Kinds() {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}

// Valid reports whether k is one of Dify's kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Items returns the key under which providers of kind k list their items, such as
// "tools"; "" for an unknown kind.
func (k Kind) Items() string {
	info, _ := k.info()
	return info.items
}

// Item returns the word for an item of a provider of kind k, such as "tool" or "data
// source"; "" for an unknown kind.
func (k Kind) Item() string {
	info, _ := k.info()
	return info.item
}

// DetectKind guesses the kind of a provider file from its keys. A file without a key of
// another kind, or that cannot be parsed, is taken for that of a tool.
func DetectKind(data []byte) Kind {
	doc, err := yamldoc.Parse(data)
	if err != nil || doc.Root == nil {
		return KindTool
	}
	for _, info := range kinds {
		for _, mark := range info.marks {
			if key, _ := yamldoc.Lookup(doc.Root, mark); key != nil {
				return info.kind
			}
		}
	}
	return KindTool
}
