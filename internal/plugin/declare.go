package plugin

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Declaration is what a plugin tells the host about a provider.
type Declaration struct {
	Value map[string]any // the provider's file with its items in it, for encoding/json
	Items []Item         // in the order of the YAML
}

// Item is a tool, model, endpoint, data source, event or strategy of a provider.
type Item struct {
	Name string // of an endpoint, its method and path
	Pos  model.Position
}

// declare returns the declaration of a provider. It reads the files of the items from fsys,
// the plugin's folder. The declaration is complete if no finding is an error.
func declare(p *model.Provider, fsys fs.FS) (Declaration, model.Findings) {
	value, list, findings := p.Declaration()
	d := &declarer{fsys: fsys, kind: p.Kind, seen: make(map[itemID]bool), Findings: findings}
	if value == nil {
		return Declaration{Value: make(map[string]any)}, findings
	}
	items := []any{}
	for _, listed := range list.Items {
		items = append(items, d.items(listed)...)
	}
	value[p.Kind.Items()] = items
	if orders := d.orders(list.Orders); len(orders) > 0 {
		value["position"] = orders
	}
	return Declaration{Value: value, Items: d.list}, d.Findings
}

// declarer reads the items of a provider, and collects what it finds.
type declarer struct {
	model.Findings
	fsys fs.FS
	kind model.Kind
	seen map[itemID]bool
	list []Item
}

// itemID identifies an item of a provider: models of different types can share a name.
type itemID struct{ modelType, name string }

func (d *declarer) errorf(at model.Position, rule model.Rule, format string, args ...any) {
	d.Add(diagnostic(at, model.SeverityError, rule, format, args...))
}

func (d *declarer) warnf(at model.Position, rule model.Rule, format string, args ...any) {
	d.Add(diagnostic(at, model.SeverityWarning, rule, format, args...))
}

// items returns the declarations of a listed item, or of the items in the files that match
// its pattern.
func (d *declarer) items(listed model.ListedItem) []any {
	switch {
	case listed.Item != nil:
		return d.declared(listed.Item, listed.Pos)
	case listed.Pattern:
		return d.matching(listed)
	}
	return d.declared(d.load(listed.File, listed.Pos), listed.Pos)
}

// load reads the item in a file that the provider names at a position. The item is nil
// if that fails.
func (d *declarer) load(file string, at model.Position) *model.Item {
	name, data, ok := d.read(file, at)
	if !ok {
		return nil
	}
	item, findings := model.LoadItem(name, data, d.kind)
	d.Merge(findings)
	return item
}

// read reads a file that the provider names at a position, and returns its path from
// the plugin's folder.
func (d *declarer) read(file string, at model.Position) (name string, data []byte, ok bool) {
	name = path.Clean(file)
	if !fs.ValidPath(name) {
		d.errorf(at, model.RuleManifest, "%s is outside the plugin's folder", text.Name(file))
		return "", nil, false
	}
	data, err := Read(d.fsys, name)
	if err != nil {
		d.errorf(at, model.RuleManifest, "file %s: %v", text.Name(name), Reason(err))
		return "", nil, false
	}
	return name, data, true
}

// matching returns the declarations of the items in the files that match a pattern, without
// those whose names begin with _, which are not items.
func (d *declarer) matching(listed model.ListedItem) []any {
	files, err := fs.Glob(d.fsys, path.Clean(listed.File))
	if err != nil {
		d.errorf(listed.Pos, model.RuleManifest, "%s is not a valid file pattern", text.Name(listed.File))
	}
	if len(files) == 0 && err == nil {
		d.warnf(listed.Pos, model.RuleManifest, "no file matches %s", text.Name(listed.File))
	}
	slices.Sort(files)
	var items []any
	for _, file := range files {
		if !strings.HasPrefix(path.Base(file), "_") {
			items = append(items, d.declared(d.load(file, listed.Pos), listed.Pos)...)
		}
	}
	return items
}

// declared adds an item, unless it is nil, to the list, and returns its declaration.
func (d *declarer) declared(item *model.Item, at model.Position) []any {
	if item == nil {
		return nil
	}
	id := itemID{item.Type, item.Name}
	what := d.kind.Item()
	switch {
	case item.Name == "":
		d.errorf(at, model.RuleIdentity, "this %s has no name", what)
	case d.seen[id]:
		d.warnf(at, model.RuleDuplicateName, "%s %s is declared twice; the last one counts", what, text.Name(item.Name))
	}
	d.seen[id] = true
	d.list = append(d.list, Item{Name: item.Name, Pos: at})
	return []any{item.Value}
}

// orders returns the names of the models in the order in which Dify shows them, by type of
// model.
func (d *declarer) orders(list []model.Order) map[string]any {
	orders := make(map[string]any)
	for _, order := range list {
		name, data, ok := d.read(order.File, order.Pos)
		if !ok {
			continue
		}
		names, findings := model.LoadOrder(name, data)
		d.Merge(findings)
		if names != nil {
			orders[strings.ReplaceAll(order.Type, "-", "_")] = names
		}
	}
	return orders
}

// Icons returns the names of the icons in a declaration, sorted. They must be among the
// plugin's assets.
func Icons(declaration map[string]any) []string {
	found := make(map[string]bool)
	collectIcons(declaration, found)
	return slices.Sorted(maps.Keys(found))
}

func collectIcons(object map[string]any, found map[string]bool) {
	for _, holder := range []map[string]any{object, asObject(object["identity"])} {
		for _, key := range []string{"icon", "icon_dark"} {
			if name, _ := holder[key].(string); name != "" {
				found[name] = true
			}
		}
	}
	for _, key := range []string{"icon_small", "icon_large", "icon_small_dark", "icon_large_dark"} {
		for _, v := range asObject(object[key]) {
			if name, _ := v.(string); name != "" {
				found[name] = true
			}
		}
	}
	for _, kind := range model.Kinds() {
		for _, item := range objects(object[kind.Items()]) {
			collectIcons(item, found)
		}
	}
}

// SecretParameters returns the names of the items' parameters whose values are secrets.
func (d *Declaration) SecretParameters() []string {
	var names []string
	for _, kind := range model.Kinds() {
		for _, item := range objects(d.Value[kind.Items()]) {
			for _, p := range objects(item["parameters"]) {
				if asText(p["type"]) == string(model.TypeSecretInput) {
					names = append(names, asText(p["name"]))
				}
			}
		}
	}
	return names
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// objects returns the elements of a list that are maps.
func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
