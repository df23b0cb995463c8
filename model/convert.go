package model

import (
	"slices"

	"gopkg.in/yaml.v3"
)

const descriptionKey = "description"

// converter turns nodes into values for encoding/json, as the host's own structs
// would hold them: where the host has a text, a scalar is its text.
type converter struct {
	textValues   bool // the values of options are texts
	textDefaults bool // defaults are texts
	schema       bool // a JSON Schema, of which the host has no struct

	open map[*yaml.Node]bool // maps and lists that are being converted, which an alias can close to a circle
}

// textKeys are the keys whose scalars, alone or in a list, are texts to the host.
var textKeys = map[string]bool{
	"author": true, "name": true, "version": true, "type": true, "icon": true, "icon_dark": true, "tags": true,
	"en_US": true, "zh_Hans": true, "ja_JP": true, "pt_BR": true, "llm_description": true,
	"provider": true, "provider_type": true, "supported_model_types": true, "configurate_methods": true,
	"background": true, "variable": true, "form": true, "scope": true, "url": true, "repo": true, "privacy": true,
	"path": true, "method": true, "model": true, "model_type": true, "features": true, "fetch_from": true,
	"use_template": true, "currency": true, "arch": true, "language": true, "entrypoint": true,
	"minimum_dify_version": true,
}

// schemaKeys are the keys of JSON Schemas, which stay as YAML has them.
var schemaKeys = map[string]bool{"output_schema": true, "input_schema": true}

// booleanKeys are the keys whose scalars are booleans to the host, also yes and on.
var booleanKeys = map[string]bool{
	"required": true, "multiple": true, "hidden": true, "enabled": true, "verified": true, "deprecated": true,
	"has_runtime_parameters": true,
}

// value is the value of a node under a key.
func (c *converter) value(n *yaml.Node, key string) any {
	switch n = resolve(n); n.Kind {
	case yaml.MappingNode:
		if schemaKeys[key] {
			return (&converter{schema: true, open: c.open}).object(n, "")
		}
		return c.object(n, key)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		if !c.enter(n) {
			return list
		}
		defer delete(c.open, n)
		for _, item := range n.Content {
			list = append(list, c.item(resolve(item), key))
		}
		return list
	case yaml.ScalarNode:
		if b := false; !c.schema && booleanKeys[key] && !isNull(n) && n.Decode(&b) == nil {
			return b
		}
		return c.scalar(n, !c.schema && textKeys[key] || key == "default" && c.textDefaults)
	}
	return nil
}

func (c *converter) scalar(n *yaml.Node, asText bool) any {
	if isNull(n) {
		return nil
	}
	var v any
	if asText || n.Decode(&v) != nil {
		return n.Value
	}
	return jsonValue(v)
}

// object is the map that a node under a key stands for, with what it merges. Where an alias
// closes a circle, it is empty.
func (c *converter) object(n *yaml.Node, under string) map[string]any {
	out := make(map[string]any, len(n.Content)/2)
	if !c.enter(n) {
		return out
	}
	defer delete(c.open, n)
	for _, merged := range merges(n) {
		for key, v := range c.object(merged, under) {
			if _, have := out[key]; !have {
				out[key] = v
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; !isMerge(k) {
			key := resolve(k).Value
			out[key] = c.value(n.Content[i+1], key)
			if v := resolve(n.Content[i+1]); under == descriptionKey && v.Kind == yaml.ScalarNode {
				out[key] = c.scalar(v, true) // a text for people or for a model
			}
		}
	}
	return out
}

// item is an item of the list under a key. Options, as maps or alone, and the values
// of conditions are texts.
func (c *converter) item(n *yaml.Node, key string) any {
	switch {
	case n.Kind == yaml.MappingNode && key == "options":
		return c.withText(n, c.textValues)
	case n.Kind == yaml.MappingNode && key == "show_on":
		return c.withText(n, true)
	case n.Kind == yaml.ScalarNode:
		return c.scalar(n, key == "options" && c.textValues || !c.schema && textKeys[key])
	}
	return c.value(n, key)
}

// enter notes that a node is being converted, and reports whether it was not.
func (c *converter) enter(n *yaml.Node) bool {
	if c.open[n] {
		return false
	}
	if c.open == nil {
		c.open = make(map[*yaml.Node]bool)
	}
	c.open[n] = true
	return true
}

// withText is a map whose value is a text.
func (c *converter) withText(n *yaml.Node, text bool) map[string]any {
	out := c.object(n, "")
	if _, v := lookup(n, "value"); text && v != nil && resolve(v).Kind == yaml.ScalarNode {
		out["value"] = c.scalar(resolve(v), true)
	}
	return out
}

// merges are the mappings that a mapping merges, the first of them first.
func merges(n *yaml.Node) []*yaml.Node {
	var list []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) {
			continue
		}
		sources := []*yaml.Node{n.Content[i+1]}
		if m := resolve(n.Content[i+1]); m.Kind == yaml.SequenceNode {
			sources = m.Content
		}
		for _, s := range sources {
			if s = resolve(s); s.Kind == yaml.MappingNode {
				list = append(list, s)
			}
		}
	}
	return list
}

// document reads a document of data that is a map, and converts it. It is nil, with a
// diagnostic, for what the host could not load.
func (r *reporter) document(data []byte, c *converter) map[string]any {
	root, ok := parse(r, data)
	if !ok {
		return nil
	}
	if root == nil {
		r.errorf(Position{Line: 1, Column: 1}, RuleType, "the file is empty")
		return nil
	}
	return r.converted(root, c)
}

// converted is the map that a document is.
func (r *reporter) converted(root *yaml.Node, c *converter) map[string]any {
	d := &decoder{reporter: r, root: root}
	if d.decodeRoot(new(hostKeys), allKeys); d.failed {
		return nil
	}
	return c.object(resolve(root), "")
}

// hostKeys are the keys at the top of manifests and items that the host looks at. What is
// below another key may be anything, such as a map that gives a key twice.
type hostKeys struct {
	Identity             any `yaml:"identity"`
	Label                any `yaml:"label"`
	Description          any `yaml:"description"`
	Parameters           any `yaml:"parameters"`
	OutputSchema         any `yaml:"output_schema"`
	HasRuntimeParameters any `yaml:"has_runtime_parameters"`
	Features             any `yaml:"features"` // of strategies and models

	Model           any `yaml:"model"`
	ModelType       any `yaml:"model_type"`
	ModelProperties any `yaml:"model_properties"`
	ParameterRules  any `yaml:"parameter_rules"`
	Pricing         any `yaml:"pricing"`
	Deprecated      any `yaml:"deprecated"`
	FetchFrom       any `yaml:"fetch_from"`

	Path   any `yaml:"path"`
	Method any `yaml:"method"`
	Hidden any `yaml:"hidden"`

	Version   any `yaml:"version"`
	Type      any `yaml:"type"`
	Author    any `yaml:"author"`
	Name      any `yaml:"name"`
	Icon      any `yaml:"icon"`
	IconDark  any `yaml:"icon_dark"`
	CreatedAt any `yaml:"created_at"`
	Resource  any `yaml:"resource"`
	Plugins   any `yaml:"plugins"`
	Meta      any `yaml:"meta"`
	Tags      any `yaml:"tags"`
	Privacy   any `yaml:"privacy"`
	Repo      any `yaml:"repo"`
	Verified  any `yaml:"verified"`
}

// textAt is the text under a path of keys in a converted document, "" if there is
// none.
func textAt(object map[string]any, path ...string) string {
	s, _ := valueAt(object, path...).(string)
	return s
}

// valueAt is the value under a path of keys in a converted document.
func valueAt(object map[string]any, path ...string) any {
	var v any = object
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// objects are the items of a list that are maps.
func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return slices.Clip(out)
}
