package model

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// documentKeys are the keys of a document that mean something to the host or to
// plugins, of all kinds.
var documentKeys = []string{
	"identity", "credentials_for_provider", "credentials_schema", "oauth_schema", "tools", "extra", "provider_type",
	"datasources", "subscription_schema", "subscription_constructor", "events", "settings", "endpoints", "provider",
	"label", "description", "icon_small", "icon_large", "background", "help", "supported_model_types",
	"configurate_methods", "models", "position", "provider_credential_schema", "model_credential_schema",
	"client_schema", "parameters", "model", "credential_form_schemas", "strategies", "meta",
}

// checkKeys reports keys of the document, and of the maps one level below that
// hold sections, that look like a misspelt one: what stands under them is lost.
func checkKeys(r *reporter, root *yaml.Node) {
	check := func(n *yaml.Node) {
		n = resolve(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if slices.Contains(documentKeys, key.Value) || isMerge(key) {
				continue
			}
			if meant := nearest(key.Value, documentKeys); meant != "" {
				r.add(at(key), SeverityWarning, RuleUnknownKey, meant, "the host ignores the key "+text.Name(key.Value))
			}
		}
	}
	check(root)
	for _, key := range []string{"oauth_schema", "subscription_constructor", "provider_credential_schema", "model_credential_schema"} {
		if _, n := lookup(root, key); n != nil {
			check(n)
		}
	}
}

// keys reports keys of a field that the host ignores.
func (c *fieldChecker) keys() {
	n := c.f.node
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !slices.Contains(c.rules.keys, key.Value) && !isMerge(key) && resolve(key).Kind == yaml.ScalarNode {
			c.add(at(key), SeverityWarning, RuleUnknownKey, nearest(key.Value, c.rules.keys),
				"field "+c.name+": the host ignores the key "+text.Name(key.Value))
		}
	}
}
