package model

import (
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// Item is a tool, model, endpoint, data source, event or strategy of a provider, as the
// host sees it.
type Item struct {
	Kind         Kind           // of its provider
	Name         string         // by which Dify addresses it; of an endpoint, "METHOD PATH"; "" if missing
	Type         string         // of a model, such as llm; else ""
	File         string         // that holds it, as given to LoadItem or Load
	Path         string         // of the file, from the plugin's folder; "" if who loaded the item did not set it
	Pos          Position       // of its name; of an endpoint, of its path
	Parameters   *Section       // nil if items of the kind have none
	OutputSchema map[string]any // for encoding/json; nil if there is none
	Outputs      []Output       // the properties of OutputSchema, as the YAML lists them
	OutputPos    Position       // of the key output_schema; the zero value if there is none
	Icons        []Icon         // that the host looks for

	Label    Text     // not of an endpoint
	Features []string // of a model, such as vision, or a strategy
	GoName   GoName   // of a model, chosen by a comment above its name

	Description Text // not of a model or an endpoint; for people

	// LLMDescription and HasRuntimeParameters are only set for tools.
	LLMDescription       string // for a language model
	HasRuntimeParameters bool   // the code can add parameters

	EndpointMethod, EndpointPath string // of an endpoint, as the YAML has them; else ""

	host any // the struct that it was decoded into
}

// LoadItem loads the file of an item of a provider of the kind. Like that of Load, the
// name file is only used in positions. The item is nil if the host could not load the
// file; then at least one diagnostic is an error.
func LoadItem(file string, data []byte, kind Kind) (*Item, Findings) {
	l, ok := newLoader(file, data)
	if !ok {
		return nil, l.Findings
	}
	info, ok := kind.info()
	if !ok {
		return nil, l.Findings
	}
	item := l.item(info)
	l.findIgnores(l.doc, item != nil)
	if item != nil {
		var own []*nameable
		if key, _ := yamldoc.Lookup(l.root, "model"); key != nil && kind == KindModel {
			own = append(own, &nameable{pos: at(key), names: []*GoName{&item.GoName}})
		}
		l.nameFieldsAnd(l.doc, own, item.fields())
	}
	return item, l.Findings
}

// item loads the item that the loader's document or node is.
func (l *loader) item(info kindInfo) *Item {
	item := info.loadItem(l)
	if l.failed {
		return nil
	}
	item.Kind, item.File = info.kind, l.file
	item.Pos = deepest(l.root, info.namedBy()...)
	item.Pos.File = l.file
	item.Outputs = outputsOf(item.OutputSchema, l.checker().value("output_schema"))
	if key, _ := yamldoc.Lookup(l.root, "output_schema"); key != nil {
		item.OutputPos = l.at(key)
	}
	if info.variables {
		l.checker().outputNames()
	}
	l.checker().outputSchema()
	checkKeys(&l.reporter, l.root, info.itemMaps())
	l.reportNotJSON(l.checker().value("output_schema"), yamldoc.TextKeysAtTop, "output_schema")
	l.reportNotJSON(l.checker().value("model_properties"), yamldoc.TextKeysEverywhere, "model_properties")
	return item
}

// newItem returns an item with parameters, which are under the key parameters.
func (l *loader) newItem(host any, name string, output map[string]any, section SectionName, parameters []Field) *Item {
	s := l.newSection(section, parameters, "parameters")
	item := &Item{Name: name, Parameters: &s, host: host}
	if output != nil {
		item.OutputSchema, _ = yamldoc.Plain(output).(map[string]any)
	}
	return item
}

// Icon is the name of an asset: its path below the folder of assets.
type Icon struct {
	Name string
	Pos  Position // where the YAML names it
}

// icon returns the icon that the YAML names under a path of keys; none for "".
func (l *loader) icon(name string, path ...string) []Icon {
	if name == "" {
		return nil
	}
	pos := deepest(l.root, path...)
	pos.File = l.file
	return []Icon{{name, pos}}
}

// HostForm returns the item as the host decodes it, for encoding/json.
func (it *Item) HostForm() map[string]any { return yamldoc.Encode(it.host) }

// WireForm returns the item as a plugin that registers declares it, for encoding/json: the
// host's form, with a list of parameters even if it is empty, and without those that have
// no name, which the host would refuse.
func (it *Item) WireForm() map[string]any {
	form := it.HostForm()
	if s := it.Parameters; s != nil {
		form[s.Path] = s.encode(named)
	}
	return form
}

// fields returns the item's parameters.
func (it *Item) fields() []Field {
	if it.Parameters == nil {
		return nil
	}
	return it.Parameters.Fields
}

// ItemList is the list of a provider's items.
type ItemList struct {
	Items  []ListedItem // in the order in which the host loads them
	Orders []Order      // of models

	// Positions means that the host takes the order of models from Orders alone.
	Positions bool
}

// ListedItem names the file of an item, names the files of several items, or is the item.
type ListedItem struct {
	File    string // relative to the plugin's folder, as the YAML spells it; "" if Item is set
	Pattern bool   // File is a pattern for the files of several items, as for path.Match
	Item    *Item  // the item itself, if the YAML has it in place of a file name
	Type    string // of models, as the key under models that lists it: llm, text_embedding …
	Pos     Position
}

// Order names the file that lists the models of a type in the order in which Dify shows
// them.
type Order struct {
	Type string // of the models, as the key under models: llm, text_embedding …
	File string // relative to the plugin's folder, as the YAML spells it
	Pos  Position
}

// OrderedName is the name of a model in the file of an Order.
type OrderedName struct {
	Name string
	Pos  Position
}

// LoadOrder loads the file of an Order and returns the names of the models. If the host
// could not load the file, at least one diagnostic is an error.
func LoadOrder(file string, data []byte) ([]OrderedName, Findings) {
	l, ok := newLoader(file, data)
	if !ok {
		return nil, l.Findings
	}
	var names hostNames
	l.decodeRoot(&names)
	l.findIgnores(l.doc, !l.failed)
	l.nameFields(l.doc)
	var ordered []OrderedName
	if names != nil {
		ordered = make([]OrderedName, 0, len(names))
	}
	for i, name := range names {
		ordered = append(ordered, OrderedName{name, l.at(l.root.Content[i])})
	}
	return ordered, l.Findings
}

// hostNames is a list of names of models.
type hostNames []string

func (hostNames) DescribeYAML() yamldoc.Words { return yamldoc.Words{One: "a list of names"} }

// listItems returns the items that a provider lists under a key: names of files and, if
// the host takes it there, items. The host loads items in the provider's file first.
func (l *loader) listItems(info kindInfo) ItemList {
	key, list := yamldoc.Lookup(l.root, info.items)
	switch {
	case list == nil || yamldoc.IsNull(list):
		return ItemList{}
	case info.listMap != nil && list.Kind == yamldoc.Mapping:
		return info.listMap(l, list)
	case list.Kind != yamldoc.Sequence:
		l.report(at(key), ruleDropped, "the host ignores %s: it must be a list of files, not %s", info.items, l.found(list))
		return ItemList{}
	}
	var files, items []ListedItem
	for i, n := range list.Content {
		pos := l.at(n)
		switch {
		case info.listMap != nil && yamldoc.IsNull(l.doc.Follow(n)):
			l.report(pos, ruleDropped, "the host drops this item because it is empty")
		case info.listMap == nil && n.Kind == yamldoc.Scalar:
			files = append(files, ListedItem{File: n.Value, Pos: pos})
		case n.Kind == yamldoc.Mapping || info.listsAny:
			item := l.inlineItem(yamldoc.Resolve(n), info)
			if item == nil && info.stops {
				l.report(at(list.Content[i]), ruleDropped, "the host cannot load this %s, and silently ignores it and what follows it in the list", info.item)
				return ItemList{Items: append(items, files...)}
			}
			items = append(items, ListedItem{Item: item, Pos: pos})
		default:
			l.report(pos, ruleDropped, "the host ignores this element of %s: it must be the name of a file, not %s", info.items, l.found(n))
		}
	}
	return ItemList{Items: append(items, files...)}
}

// inlineItem loads an item that stands in the provider's file. It returns nil if the host
// could not load it, which is an error unless the host stops there silently.
func (l *loader) inlineItem(n *yamldoc.Node, info kindInfo) *Item {
	inner := &loader{reporter: reporter{file: l.file}, doc: l.doc, root: n}
	item := inner.item(info)
	if item != nil || !info.stops {
		l.Merge(inner.Findings)
		l.failed = l.failed || inner.failed
	}
	return item
}

// found describes for an author what n is.
func (l *loader) found(n *yamldoc.Node) string {
	if n.Kind == yamldoc.Alias {
		return "the alias *" + text.Name(n.Value)
	}
	return yamldoc.Found(n.ShortTag())
}
