package model

import (
	"slices"

	"github.com/difygen/difygen/internal/yamldoc"
)

// Kind is the kind of a provider, which decides where its YAML declares
// credentials. The values are Dify's own words.
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

// kindInfo is what differs between the kinds of provider.
type kindInfo struct {
	kind     Kind
	manifest string // key under `plugins` of a manifest
	item     string // word for what providers of the kind offer
	items    string // key under which a provider lists the files of its items
	// marks are the keys of documents that no other kind has.
	marks []string
	// load reads a document; it returns nil if the host could not load it. A kind
	// without it declares no credentials.
	load func(*loader) *Provider
	// maps are the mappings of a document whose keys the host knows.
	maps func() []yamldoc.Map
	// declare puts the sections into a converted document.
	declare func(p *Provider, document map[string]any)
	// textDefaults means that the host keeps defaults as texts.
	textDefaults bool
	// typedOptions means that the host keeps the options of parameters as they are typed.
	typedOptions bool
	// name is the name of a converted item; if nil, that of its identity.
	name func(item map[string]any) string
	// parameters means that the host wants to see an item's parameters, if only an empty list.
	parameters bool
	// listMap reads the items from a map instead of a list.
	listMap func(*loader, *yamldoc.Node) ItemList
}

// kinds are all kinds, in the host's order.
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

// info is the row of the table for k; it gives false for an unknown kind.
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

// Valid reports whether k is one of Dify's kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Items returns the key under which providers of kind k list the files of their items,
// such as "tools".
func (k Kind) Items() string {
	info, _ := k.info()
	return info.items
}

// Item returns the word for an item of providers of kind k, such as "tool".
func (k Kind) Item() string {
	info, _ := k.info()
	return info.item
}

// DetectKind guesses the kind of a provider file from its keys. What has no key of
// another kind is a tool.
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
