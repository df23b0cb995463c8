package model

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// Declaration is a provider as a plugin declares it to the host.
type Declaration struct {
	// Value is for encoding/json: the provider's file with the files that it names
	// in their places.
	Value map[string]any
	// Items are what the provider offers, in the order of the YAML.
	Items []Item
}

// Item is a tool, model, endpoint, data source, event or strategy of a provider.
type Item struct {
	Name string // of an endpoint, its method and path
	Pos  Position
}

// itemKeys are the keys under which providers list the files of their items.
var itemKeys = map[Kind]string{
	KindTool: "tools", KindModel: "models", KindEndpoint: "endpoints", KindDatasource: "datasources",
	KindTrigger: "events", KindAgentStrategy: "strategies",
}

// ItemsName is what the items of a provider of a kind are called, such as tools.
func ItemsName(kind Kind) string { return itemKeys[kind] }

// declarer makes a declaration.
type declarer struct {
	*reporter
	fsys fs.FS
	read func(fs.FS, string) ([]byte, error)
	kind Kind
	all  Diagnostics // of the files of items

	seen map[string]bool
	list []Item
}

// Declare returns how a provider that Load gave for data is declared to the host.
// The files that it names are read from fsys, the plugin's folder, by read.
// Without an error among the diagnostics the declaration is whole.
func Declare(p *Provider, data []byte, fsys fs.FS, read func(fs.FS, string) ([]byte, error)) (Declaration, Diagnostics) {
	d := &declarer{reporter: &reporter{file: p.File}, fsys: fsys, read: read, kind: p.Kind, seen: make(map[string]bool)}
	declaration := Declaration{Value: make(map[string]any)}
	root, ok := parse(d.reporter, data)
	whole := &decoder{reporter: d.reporter, root: root}
	if ok && root != nil && resolve(root).Kind == yaml.MappingNode && whole.affordable(root, []string{allKeys}) {
		declaration.Value = (&converter{textValues: true, textDefaults: p.Kind == KindModel}).object(resolve(root), "")
		d.sections(p, declaration.Value)
		d.items(root, declaration.Value)
	}
	declaration.Items = d.list
	return declaration, append(d.all, d.reporter.list...).Sort()
}

// sections puts the credentials, as the host sees them, into their places.
func (d *declarer) sections(p *Provider, out map[string]any) {
	switch p.Kind {
	case KindTool, KindDatasource:
		delete(out, "credentials_for_provider")
		out["credentials_schema"] = p.declared(SectionCredentials)
		declareOAuth(p, out)
	case KindTrigger:
		out["subscription_schema"] = p.declared(SectionSubscription)
		if constructor, ok := out[constructorKey].(map[string]any); ok && p.Section(SectionParameters) != nil {
			constructor["credentials_schema"] = p.declared(SectionCredentials)
			constructor["parameters"] = p.declared(SectionParameters)
			declareOAuth(p, constructor)
		} else {
			out[constructorKey] = nil
		}
	case KindEndpoint:
		out["settings"] = p.declared(SectionSettings)
	}
}

func declareOAuth(p *Provider, out map[string]any) {
	if p.Section(SectionOAuthClient) == nil {
		out["oauth_schema"] = nil
		return
	}
	out["oauth_schema"] = map[string]any{
		"client_schema": p.declared(SectionOAuthClient), "credentials_schema": p.declared(SectionOAuthCredentials),
	}
}

// declared is the list of a section's fields. A section that is absent is an empty
// list, which the host wants to see.
func (p *Provider) declared(name SectionName) []any {
	list := []any{}
	s := p.Section(name)
	if s == nil {
		return list
	}
	c := &converter{textValues: name != SectionParameters}
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Name != "" {
			field := c.object(resolve(f.node), "")
			field["name"] = f.Name
			list = append(list, field)
		}
	}
	return list
}

// items puts the files that the provider names into the declaration.
func (d *declarer) items(root *yaml.Node, out map[string]any) {
	key := itemKeys[d.kind]
	items := []any{}
	_, list := lookup(root, key)
	switch list = resolve(list); {
	case list == nil || isNull(list):
	case d.kind == KindModel && list.Kind == yaml.MappingNode:
		items = d.models(list, out)
	case list.Kind == yaml.SequenceNode:
		for _, n := range list.Content {
			if item := d.item(resolve(n)); item != nil {
				items = append(items, item)
			}
		}
	default:
		d.errorf(at(list), RuleType, "%s must be a list of files, not %s", key, found(list.ShortTag()))
	}
	out[key] = items
}

// item reads the file that a node names, or takes the node for its content.
func (d *declarer) item(n *yaml.Node) map[string]any {
	var item map[string]any
	switch {
	case n.Kind == yaml.MappingNode:
		item = (&converter{textValues: true}).object(n, "")
	case n.Kind == yaml.ScalarNode && !isNull(n) && n.Value != "":
		item = d.load(n, path.Clean(n.Value))
	default:
		d.errorf(at(n), RuleType, "%s must list files, not %s", itemKeys[d.kind], found(n.ShortTag()))
	}
	if item != nil {
		d.note(n, item)
	}
	return item
}

// load reads the file of an item, which a node names.
func (d *declarer) load(n *yaml.Node, name string) map[string]any {
	if !fs.ValidPath(name) {
		d.errorf(at(n), RuleManifest, "%s leaves the plugin's folder", text.Name(n.Value))
		return nil
	}
	data, err := d.read(d.fsys, name)
	if err != nil {
		d.errorf(at(n), RuleManifest, "file %s: %v", text.Name(name), err)
		return nil
	}
	r := &reporter{file: name}
	item := r.document(data, &converter{textValues: d.kind != KindTrigger})
	d.all = append(d.all, r.list...)
	return item
}

// note lists an item under its name.
func (d *declarer) note(n *yaml.Node, item map[string]any) {
	name := textAt(item, "identity", "name")
	switch d.kind {
	case KindModel:
		name = textAt(item, "model")
	case KindEndpoint:
		name = strings.TrimSpace(textAt(item, "method") + " " + textAt(item, "path"))
	case KindTool, KindDatasource, KindTrigger:
		if item["parameters"] == nil {
			item["parameters"] = []any{} // the host wants to see it
		}
	}
	pos := at(n)
	pos.File = d.file
	what := strings.TrimSuffix(itemKeys[d.kind], "s")
	switch {
	case name == "":
		d.errorf(pos, RuleIdentity, "this %s has no name", what)
	case d.seen[d.unique(item, name)]:
		d.warnf(pos, RuleDuplicateName, "%s %s is declared twice; the last one counts", what, text.Name(name))
	}
	d.seen[d.unique(item, name)] = true
	d.list = append(d.list, Item{Name: name, Pos: pos})
}

// unique is what must differ between items: models of two types may share a name.
func (d *declarer) unique(item map[string]any, name string) string {
	return textAt(item, "model_type") + " " + name
}

// models reads the predefined models, which are named by patterns, a list for each
// type of model, and the order in which Dify shows them.
func (d *declarer) models(list *yaml.Node, out map[string]any) []any {
	models := []any{}
	positions := make(map[string]any)
	for i := 0; i+1 < len(list.Content); i += 2 {
		modelType, group := list.Content[i].Value, resolve(list.Content[i+1])
		if group.Kind != yaml.MappingNode {
			continue
		}
		_, patterns := lookup(group, "predefined")
		if patterns = resolve(patterns); patterns != nil && patterns.Kind == yaml.SequenceNode {
			for _, n := range patterns.Content {
				models = append(models, d.predefined(resolve(n))...)
			}
		}
		if _, position := lookup(group, "position"); position != nil && !isNull(resolve(position)) {
			if names := d.position(resolve(position)); names != nil {
				positions[strings.ReplaceAll(modelType, "-", "_")] = names
			}
		}
	}
	if len(positions) > 0 {
		out["position"] = positions
	}
	return models
}

// predefined reads the models whose files match a pattern. Files whose names begin
// with _ are no models.
func (d *declarer) predefined(n *yaml.Node) []any {
	files, err := fs.Glob(d.fsys, path.Clean(n.Value))
	if err != nil {
		d.errorf(at(n), RuleManifest, "%s is no pattern of files", text.Name(n.Value))
	}
	if len(files) == 0 && err == nil {
		d.warnf(at(n), RuleManifest, "no file matches %s", text.Name(n.Value))
	}
	slices.Sort(files)
	var models []any
	for _, file := range files {
		if strings.HasPrefix(path.Base(file), "_") {
			continue
		}
		if item := d.load(n, file); item != nil {
			d.note(n, item)
			models = append(models, item)
		}
	}
	return models
}

// position reads the names of models in the order in which Dify shows them.
func (d *declarer) position(n *yaml.Node) []any {
	name := path.Clean(n.Value)
	data, err := d.read(d.fsys, name)
	if err != nil {
		d.errorf(at(n), RuleManifest, "file %s: %v", text.Name(name), err)
		return nil
	}
	r := &reporter{file: name}
	root, _ := parse(r, data)
	d.all = append(d.all, r.list...)
	if root == nil || resolve(root).Kind != yaml.SequenceNode {
		return nil
	}
	names := []any{}
	for _, item := range resolve(root).Content {
		if item = resolve(item); item.Kind == yaml.ScalarNode && !isNull(item) {
			names = append(names, item.Value)
		}
	}
	return names
}

// Icons returns the names of the icons that a declaration shows, sorted: files that
// must be among the plugin's assets.
func Icons(declaration map[string]any) []string {
	found := make(map[string]bool)
	collectIcons(declaration, found)
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// SecretParameters are the names of parameters of the declaration's items whose values
// are secrets.
func (d *Declaration) SecretParameters() []string {
	var names []string
	for _, key := range itemKeys {
		for _, item := range objects(d.Value[key]) {
			for _, p := range objects(item["parameters"]) {
				if textAt(p, "type") == string(TypeSecretInput) {
					names = append(names, textAt(p, "name"))
				}
			}
		}
	}
	return names
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
	for _, key := range itemKeys {
		for _, item := range objects(object[key]) {
			collectIcons(item, found)
		}
	}
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
