package model

import (
	"reflect"
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
	kind  Kind
	host  reflect.Type // the struct of a provider
	doc   string       // what a provider is
	item  string       // the word for an item
	items string       // the key under which a provider lists its items
	// files returns the files of providers of the kind that a manifest lists.
	files func(*hostPlugins) []yamldoc.Sourced[hostPath]
	// marks are top-level keys of provider files that no other kind has.
	marks []string
	// load loads a provider file. It returns nil if the host could not load it.
	load func(*loader) *Provider
	// maps returns the mappings outside fields, with the keys that the host knows.
	maps func() []yamldoc.Map
	// declare puts the provider's sections into its declaration.
	declare  func(p *Provider, out map[string]any, fields declaredFields)
	hostItem reflect.Type // the struct of an item
	itemDoc  string       // what an item is
	// loadItem loads an item. It returns nil if the host could not load it.
	loadItem func(*loader) *Item
	// itemMaps is like maps, for an item.
	itemMaps func() []yamldoc.Map
	// variables means that an item sets outputs that its output_schema declares: of data sources, a document.
	variables bool
	// listMap reads a list of items that is a map. If the list is not a map, it holds items,
	// not names of files.
	listMap func(*loader, *yamldoc.Node) ItemList
	// listsAny means that whatever is in the list, and not the name of a file, is an item.
	listsAny bool
	// stops means that the host stops without an error at an item in the list that it cannot
	// load.
	stops bool
	// firstCounts means that of items with one name the first one is used, not the last.
	firstCounts bool
	// itemPath is the path of the key that names an item; nil for identity.name.
	itemPath []string
	// isFirstOnly means that requests name no provider: the host uses the plugin's first one.
	isFirstOnly bool
}

// kinds has a row for every kind, in the host's order.
var kinds = []kindInfo{
	{
		kind: KindTool, host: reflect.TypeFor[hostTool](), hostItem: reflect.TypeFor[hostToolItem](),
		doc:     "A provider of tools. It says what users enter to connect a service, and lists the tools.",
		itemDoc: "A tool, which agents and workflows call.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.Tools },
		item:    "tool", items: "tools",
		load: loadTool, maps: mapsOf[hostTool], declare: declareTool,
		loadItem: loadToolItem, itemMaps: mapsOf[hostToolItem], variables: true,
	},
	{
		kind: KindModel, host: reflect.TypeFor[hostModel](), hostItem: reflect.TypeFor[hostModelItem](),
		doc:     "A provider of models. It says what users enter to connect a service, and lists the models.",
		itemDoc: "A model, with its parameters and its price.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.Models },
		item:    "model", items: "models",
		load: loadModel, maps: mapsOf[hostModel], listMap: listModels, listsAny: true,
		loadItem: loadModelItem, itemMaps: mapsOf[hostModelItem],
		marks: []string{"supported_model_types", "provider_credential_schema", "model_credential_schema"},
	},
	{
		kind: KindEndpoint, host: reflect.TypeFor[hostEndpoint](), hostItem: reflect.TypeFor[hostEndpointItem](),
		doc:     "A group of endpoints, which answer HTTP requests. It says what users set when they set up the group.",
		itemDoc: "An endpoint, which answers HTTP requests of one method and path.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.Endpoints },
		item:    "endpoint", items: "endpoints",
		load: loadEndpoint, maps: mapsOf[hostEndpoint], declare: declareEndpoint, listsAny: true, stops: true, isFirstOnly: true,
		firstCounts: true, itemPath: []string{"path"},
		loadItem: loadEndpointItem, itemMaps: mapsOf[hostEndpointItem],
		marks: []string{"settings", "endpoints"},
	},
	{
		kind: KindAgentStrategy, host: reflect.TypeFor[hostAgentStrategy](), hostItem: reflect.TypeFor[hostStrategy](),
		doc:     "A provider of agent strategies. It lists them.",
		itemDoc: "A strategy, by which an agent decides what to do next.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.AgentStrategies },
		item:    "strategy", items: "strategies",
		load: loadAgentStrategy, maps: mapsOf[hostAgentStrategy],
		loadItem: loadStrategy, itemMaps: mapsOf[hostStrategy], variables: true,
		marks: []string{"strategies"},
	},
	{
		kind: KindDatasource, host: reflect.TypeFor[hostDatasource](), hostItem: reflect.TypeFor[hostDatasourceItem](),
		doc:     "A provider of data sources. It says what users enter to connect a service, and lists the data sources.",
		itemDoc: "A data source, from which Dify takes documents.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.Datasources },
		item:    "data source", items: "datasources",
		load: loadDatasource, maps: mapsOf[hostDatasource], declare: declareTool,
		loadItem: loadDatasourceItem, itemMaps: mapsOf[hostDatasourceItem], variables: true,
		marks: []string{"datasources", "provider_type"},
	},
	{
		kind: KindTrigger, host: reflect.TypeFor[hostTrigger](), hostItem: reflect.TypeFor[hostEvent](),
		doc:     "A provider of a trigger. It says what users enter to subscribe to a service, and lists the events that can start a workflow.",
		itemDoc: "An event, which can start a workflow.",
		files:   func(h *hostPlugins) []yamldoc.Sourced[hostPath] { return h.Triggers },
		item:    "event", items: "events",
		load: loadTrigger, maps: triggerMaps, declare: declareTrigger,
		loadItem: loadEvent, itemMaps: mapsOf[hostEvent],
		marks: []string{"subscription_schema", "subscription_constructor", "events"},
	},
}

func mapsOf[T any]() []yamldoc.Map { return yamldoc.Maps[T]() }

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

// Key returns the key of a provider of kind k in the declaration of a plugin, such as
// "agent_strategy".
func (k Kind) Key() string { return strings.ReplaceAll(string(k), "-", "_") }

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

// IsFirstOnly reports whether requests name no provider of kind k, so that they reach only the
// first one that the plugin lists.
func (k Kind) IsFirstOnly() bool {
	info, _ := k.info()
	return info.isFirstOnly
}

// FirstCounts reports whether the first one is used of items of providers of kind k that have the
// same name, and not the last.
func (k Kind) FirstCounts() bool {
	info, _ := k.info()
	return info.firstCounts
}

// namedBy is the path of the key that names an item.
func (info kindInfo) namedBy() []string {
	if info.itemPath != nil {
		return info.itemPath
	}
	return []string{"identity", "name"}
}

// ItemKind returns the kind of the items of a provider of kind k, such as "event" or
// "datasource"; "" for an unknown kind.
func (k Kind) ItemKind() string {
	info, _ := k.info()
	return info.itemKind()
}

// itemKind is the word for an item, as one word.
func (info kindInfo) itemKind() string { return strings.ReplaceAll(info.item, " ", "") }

// KindOfItem returns the kind of the providers whose items are of a kind, such as
// KindTrigger for "event", and false for an unknown word.
func KindOfItem(word string) (Kind, bool) {
	for _, info := range kinds {
		if info.itemKind() == word {
			return info.kind, true
		}
	}
	return "", false
}

// ItemKindList returns the words for items of every kind, joined by commas, for messages.
func ItemKindList() string {
	var words []string
	for _, info := range kinds {
		words = append(words, info.itemKind())
	}
	return strings.Join(words, ", ")
}

// itemMarks are top-level keys that items of a kind have, and no provider.
var itemMarks = []struct{ key, what string }{
	{"model_properties", "a model"}, {"parameter_rules", "a model"}, {"model_type", "a model"},
	{"method", "an endpoint"}, {"has_runtime_parameters", "a tool"},
	{"output_schema", "a tool or another item"}, {"parameters", "a tool or another item"},
}

// DetectItem returns what an item's file seems to hold, such as "a model", or "" if the file
// has a key of a provider, or none of an item.
func DetectItem(data []byte) string {
	doc, err := yamldoc.Parse(data)
	if err != nil || doc.Root == nil {
		return ""
	}
	has := func(key string) bool {
		found, _ := yamldoc.Lookup(doc.Root, key)
		return found != nil
	}
	for _, info := range kinds {
		if has(info.items) || slices.ContainsFunc(info.marks, has) {
			return ""
		}
	}
	if has("credentials_for_provider") || has("credentials_schema") || has("oauth_schema") {
		return ""
	}
	for _, mark := range itemMarks {
		if has(mark.key) {
			return mark.what
		}
	}
	return ""
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
