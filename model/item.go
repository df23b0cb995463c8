package model

import (
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// Item is a tool, model, endpoint, data source, event or strategy of a provider.
type Item struct {
	Name  string         // of an endpoint, its method and path
	Type  string         // of a model
	Value map[string]any // what the host is told, for encoding/json
}

// ListedItem is an item as a provider lists it.
type ListedItem struct {
	File    string // from the plugin's folder; of models, a pattern of files
	Pattern bool
	Item    *Item // what stands in the file's stead
	Pos     Position
}

// ItemList is what a provider lists.
type ItemList struct {
	Items []ListedItem
	// Orders name the files with the order in which Dify shows models.
	Orders []Order
}

// Order names the file with the order of the models of a type.
type Order struct {
	Type string
	File string // from the plugin's folder
	Pos  Position
}

// LoadItem reads the file of an item of a provider of that kind. The item is nil, with
// a diagnostic, if the host could not load it.
func LoadItem(file string, data []byte, kind Kind) (*Item, Findings) {
	l, ok := newLoader(file, data)
	if !ok {
		return nil, l.Findings
	}
	info, _ := kind.info()
	if l.doc.Root == nil {
		l.report(Position{Line: 1, Column: 1}, ruleType, "the file is empty")
		return nil, l.Findings
	}
	value := l.json(new(hostItem), conversion{textValues: !info.typedOptions})
	if value == nil {
		return nil, l.Findings
	}
	return newItem(value, info), l.Findings
}

func newItem(value map[string]any, info kindInfo) *Item {
	item := &Item{Name: textAt(value, "identity", "name"), Type: textAt(value, "model_type"), Value: value}
	if info.name != nil {
		item.Name = info.name(value)
	}
	if info.parameters && value["parameters"] == nil {
		value["parameters"] = []any{}
	}
	return item
}

func modelName(item map[string]any) string { return textAt(item, "model") }

func endpointName(item map[string]any) string {
	return strings.TrimSpace(textAt(item, "method") + " " + textAt(item, "path"))
}

// LoadOrder reads the names of models in the order in which Dify shows them; nil
// if the file does not hold a list.
func LoadOrder(file string, data []byte) ([]string, Findings) {
	l, ok := newLoader(file, data)
	if !ok || l.doc.Root == nil || yamldoc.Resolve(l.doc.Root).Kind != yamldoc.Sequence {
		return nil, l.Findings
	}
	names := []string{}
	for _, item := range yamldoc.Resolve(l.doc.Root).Content {
		if item = yamldoc.Resolve(item); item.Kind == yamldoc.Scalar && !yamldoc.IsNull(item) {
			names = append(names, item.Value)
		}
	}
	return names, l.Findings
}

// json converts the document, a map, once it has been decoded into a struct with the
// host's keys. It is nil if that fails.
func (l *loader) json(host any, c conversion) map[string]any {
	if l.decodeRoot(host); l.failed {
		return nil
	}
	return c.json(l.doc.Root)
}

// listItems reads which items a provider lists.
func (l *loader) listItems(info kindInfo) ItemList {
	_, list := yamldoc.Lookup(l.doc.Root, info.items)
	switch list = yamldoc.Resolve(list); {
	case list == nil || yamldoc.IsNull(list):
	case info.listMap != nil && list.Kind == yamldoc.Mapping:
		return info.listMap(l, list)
	case list.Kind == yamldoc.Sequence:
		var items ItemList
		for _, n := range list.Content {
			items.Items = append(items.Items, l.listItem(yamldoc.Resolve(n), info)...)
		}
		return items
	default:
		l.report(at(list), ruleType, "%s must be a list of files, not %s", info.items, yamldoc.Found(list.ShortTag()))
	}
	return ItemList{}
}

// listItem reads the name of an item's file, or takes a map for its content.
func (l *loader) listItem(n *yamldoc.Node, info kindInfo) []ListedItem {
	switch {
	case n.Kind == yamldoc.Mapping:
		value := conversion{textValues: true}.json(n)
		return []ListedItem{{Item: newItem(value, info), Pos: l.at(n)}}
	case n.Kind == yamldoc.Scalar && !yamldoc.IsNull(n) && n.Value != "":
		return []ListedItem{{File: n.Value, Pos: l.at(n)}}
	}
	l.report(at(n), ruleType, "%s must list files, not %s", info.items, yamldoc.Found(n.ShortTag()))
	return nil
}

// listModels reads the patterns of the predefined models, a list for each type of model.
func listModels(l *loader, list *yamldoc.Node) ItemList {
	var items ItemList
	for i := 0; i+1 < len(list.Content); i += 2 {
		modelType, models := list.Content[i].Value, yamldoc.Resolve(list.Content[i+1])
		if models.Kind != yamldoc.Mapping {
			continue
		}
		_, patterns := yamldoc.Lookup(models, "predefined")
		if patterns = yamldoc.Resolve(patterns); patterns != nil && patterns.Kind == yamldoc.Sequence {
			for _, n := range patterns.Content {
				n = yamldoc.Resolve(n)
				items.Items = append(items.Items, ListedItem{File: n.Value, Pattern: true, Pos: l.at(n)})
			}
		}
		if _, order := yamldoc.Lookup(models, "position"); order != nil && !yamldoc.IsNull(yamldoc.Resolve(order)) {
			order = yamldoc.Resolve(order)
			items.Orders = append(items.Orders, Order{Type: modelType, File: order.Value, Pos: l.at(order)})
		}
	}
	return items
}
