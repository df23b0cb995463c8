package model

import (
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// Item is a tool, model, endpoint, data source, event or strategy of a provider.
type Item struct {
	Name  string         // by which Dify addresses it; of an endpoint, "METHOD PATH"; "" if missing
	Type  string         // of a model, such as llm; else ""
	Value map[string]any // its declaration, for encoding/json
}

// ItemList is the list of a provider's items.
type ItemList struct {
	Items  []ListedItem // in the order of the YAML
	Orders []Order      // of model providers only
}

// ListedItem names the file of an item, names the files of several items, or is the item.
type ListedItem struct {
	File    string // relative to the plugin's folder, as the YAML spells it; "" if Item is set
	Pattern bool   // File is a pattern for the files of several items, as for io/fs.Glob
	Item    *Item  // the item itself, if the YAML has it in place of a file name
	Pos     Position
}

// Order names the file that lists the models of a type in the order in which Dify shows
// them.
type Order struct {
	Type string // of the models, such as llm
	File string // relative to the plugin's folder, as the YAML spells it
	Pos  Position
}

// LoadItem loads the file of an item of a provider of the kind. Like that of Load, the
// name file is only used in positions. The item is nil if the host could not load the
// file; then at least one diagnostic is an error.
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
	l.findIgnores(l.doc, value != nil)
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

// LoadOrder loads the file of an Order and returns the names of the models. They are nil
// if the file is not a list.
func LoadOrder(file string, data []byte) ([]string, Findings) {
	l, ok := newLoader(file, data)
	if !ok || l.doc.Root == nil || yamldoc.Resolve(l.doc.Root).Kind != yamldoc.Sequence {
		return nil, l.Findings
	}
	l.findIgnores(l.doc, true)
	names := []string{}
	for _, item := range yamldoc.Resolve(l.doc.Root).Content {
		if item = yamldoc.Resolve(item); item.Kind == yamldoc.Scalar && !yamldoc.IsNull(item) {
			names = append(names, item.Value)
		}
	}
	return names, l.Findings
}

// json decodes the document into a struct with the host's keys, to find what the host
// could not load, and converts it. It returns nil if decoding fails.
func (l *loader) json(host any, c conversion) map[string]any {
	if !l.affordable() {
		return nil
	}
	if l.decodeRoot(host); l.failed {
		return nil
	}
	return c.json(l.doc.Root)
}

// listItems returns the items that a provider lists.
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

// listItem reads an element of the list: the name of an item's file, or a map, which is
// the item itself.
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

// listModels reads the patterns of the predefined models. Each type of model has a list.
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
