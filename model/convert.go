package model

import "github.com/difygen/difygen/internal/yamldoc"

// textKeys are the keys whose scalars, alone or in a list, the host decodes as text.
var textKeys = map[string]bool{
	"author": true, "name": true, "version": true, "type": true, "icon": true, "icon_dark": true, "tags": true,
	"en_US": true, "zh_Hans": true, "ja_JP": true, "pt_BR": true, "llm_description": true,
	"provider": true, "provider_type": true, "supported_model_types": true, "configurate_methods": true,
	"background": true, "variable": true, "form": true, "scope": true, "url": true, "repo": true, "privacy": true,
	"path": true, "method": true, "model": true, "model_type": true, "features": true, "fetch_from": true,
	"use_template": true, "currency": true, "arch": true, "language": true, "entrypoint": true,
	"minimum_dify_version": true,
}

// booleanKeys are the keys whose scalars the host decodes as booleans, even yes and on.
var booleanKeys = map[string]bool{
	"required": true, "multiple": true, "hidden": true, "enabled": true, "verified": true, "deprecated": true,
	"has_runtime_parameters": true,
}

// conversion converts a document to JSON as the host's own structs would hold it: where
// the host has text, a scalar becomes its text.
type conversion struct {
	textValues   bool // the values of options are text
	textDefaults bool // defaults are text
}

// json converts a mapping.
func (c conversion) json(n *yamldoc.Node) map[string]any { return yamldoc.JSON(n, c.as) }

// as says what the scalar at a path of keys becomes. Scalars in JSON Schemas keep their
// YAML types.
func (c conversion) as(path []string) yamldoc.As {
	// Schemas are in items, which are at most in a list of a provider: tools, [], output_schema.
	for _, key := range path[:min(len(path)-1, 3)] {
		if key == "output_schema" || key == "input_schema" {
			return yamldoc.AsTyped
		}
	}
	item, key, under := lastKeys(path)
	isText := textKeys[key]
	switch {
	case item && key == "options":
		isText = c.textValues
	case item:
	case booleanKeys[key]:
		return yamldoc.AsBool
	case key == "default":
		isText = c.textDefaults
	case under == "description":
		isText = true // human and llm
	case key == "value" && under == "options"+yamldoc.Item:
		isText = c.textValues
	case key == "value" && under == "show_on"+yamldoc.Item:
		isText = true
	}
	if isText {
		return yamldoc.AsText
	}
	return yamldoc.AsTyped
}

// lastKeys returns the last key of a path and the key before it, which ends in
// yamldoc.Item if it is that of a list. Item reports whether the path leads to an item of
// a list.
func lastKeys(path []string) (item bool, key, under string) {
	end := len(path)
	for end > 0 && path[end-1] == yamldoc.Item {
		item = true
		end--
	}
	if end == 0 {
		return item, "", ""
	}
	key = path[end-1]
	mark := ""
	for end--; end > 0 && path[end-1] == yamldoc.Item; end-- {
		mark = yamldoc.Item
	}
	if end > 0 {
		under = path[end-1] + mark
	}
	return item, key, under
}

// textAt returns the text at a path of keys in a converted document, or "".
func textAt(object map[string]any, path ...string) string {
	s, _ := valueAt(object, path...).(string)
	return s
}

// valueAt returns the value at a path of keys in a converted document, or nil.
func valueAt(object map[string]any, path ...string) any {
	var v any = object
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}
