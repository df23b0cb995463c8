package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// documentKeys are the keys at the top of a document that mean something to the
// host or to plugins, by kind.
var documentKeys = map[Kind][]string{
	KindTool:       {"identity", "credentials_for_provider", "credentials_schema", "oauth_schema", "tools", "extra", "meta"},
	KindDatasource: {"identity", "provider_type", "credentials_schema", "oauth_schema", "datasources", "extra", "meta"},
	KindTrigger:    {"identity", "subscription_schema", "subscription_constructor", "events", "extra", "meta"},
	KindEndpoint:   {"settings", "endpoints", "extra"},
	KindModel: {
		"provider", "label", "description", "icon_small", "icon_large", "icon_small_dark", "icon_large_dark", "background",
		"help", "supported_model_types", "configurate_methods", "models", "position", "provider_credential_schema",
		"model_credential_schema", "extra", "meta",
	},
}

// placeKeys are the keys of the maps below the top that lead to sections.
var placeKeys = []struct {
	path []string
	keys []string
}{
	{[]string{"identity"}, []string{"author", "name", "label", "description", "icon", "icon_dark", "tags"}},
	{[]string{"oauth_schema"}, oauthKeys},
	{[]string{constructorKey}, []string{"parameters", "credentials_schema", "oauth_schema", "extra"}},
	{[]string{constructorKey, "oauth_schema"}, oauthKeys},
	{[]string{"provider_credential_schema"}, []string{"credential_form_schemas"}},
	{[]string{"model_credential_schema"}, []string{"model", "credential_form_schemas"}},
}

var (
	oauthKeys    = []string{"client_schema", "credentials_schema"}
	languageKeys = []string{"en_US", "zh_Hans", "ja_JP", "pt_BR"}
	languageRE   = regexp.MustCompile(`^[A-Za-z]{2}([-_][A-Za-z]{2,4})?$`)
)

// checkKeys reports keys that the host ignores: at the top of the document those
// that look like a misspelt one, since plugins may keep words of their own there,
// and below it all of them.
func checkKeys(r *reporter, root *yaml.Node, kind Kind) {
	documentKeys := documentKeys[kind]
	eachKey(root, func(key, _ *yaml.Node) {
		if slices.Contains(documentKeys, key.Value) {
			return
		}
		if meant := nearest(key.Value, documentKeys); meant != "" {
			r.add(at(key), SeverityWarning, RuleUnknownKey, meant, "the host ignores the key "+text.Name(key.Value))
		}
	})
	for _, place := range placeKeys {
		_, n := lookup(root, place.path...)
		eachKey(n, func(key, _ *yaml.Node) {
			if slices.Contains(place.keys, key.Value) {
				return
			}
			path := strings.Join(place.path, ".")
			switch meant := nearest(key.Value, place.keys); {
			case meant == "" && slices.Contains(documentKeys, key.Value):
				r.warnf(at(key), RuleMisplacedKey, "the host ignores the key %s inside %s: it belongs further left", text.Name(key.Value), path)
			default:
				r.add(at(key), SeverityWarning, RuleUnknownKey, meant, fmt.Sprintf("the host ignores the key %s in %s", text.Name(key.Value), path))
			}
		})
	}
	for _, path := range textPlaces {
		_, n := lookup(root, path...)
		eachKey(n, func(key, _ *yaml.Node) {
			if languageRE.MatchString(key.Value) && !slices.Contains(languageKeys, key.Value) {
				r.unknownLanguage(key)
			}
		})
	}
}

// textPlaces are the texts outside fields.
var textPlaces = [][]string{
	{"identity", "label"}, {"identity", "description"}, {"label"}, {"description"}, {"help", "title"}, {"help", "url"},
	{"model_credential_schema", "model", "label"}, {"model_credential_schema", "model", "placeholder"},
}

// eachKey calls f with the plain keys of a map and their values.
func eachKey(n *yaml.Node, f func(key, value *yaml.Node)) {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; !isMerge(key) && resolve(key).Kind == yaml.ScalarNode {
			f(key, n.Content[i+1])
		}
	}
}

// keys reports keys of a field, its texts and its options that the host ignores.
func (c *fieldChecker) keys() {
	eachKey(c.f.node, func(key, value *yaml.Node) {
		if slices.Contains(c.rules.keys, key.Value) {
			return
		}
		meant := nearest(key.Value, c.rules.keys)
		if _, typed := lookup(value, "type"); typed != nil && meant == "" {
			c.warnf(at(key), RuleMisplacedKey, "field %s: the host ignores the field %s inside it: move it to the left", c.name, text.Name(key.Value))
			return
		}
		c.unknownKey(key, meant)
	})
	for _, place := range []string{"label", c.rules.helpKey, "placeholder"} {
		_, n := lookup(c.f.node, place)
		c.languages(n, place)
	}
	for i := range c.f.Options {
		c.optionKeys(c.f.Options[i].node)
	}
}

func (c *fieldChecker) unknownKey(key *yaml.Node, meant string) {
	c.add(at(key), SeverityWarning, RuleUnknownKey, meant, "field "+c.name+": the host ignores the key "+text.Name(key.Value))
}

func (c *fieldChecker) optionKeys(n *yaml.Node) {
	eachKey(n, func(key, _ *yaml.Node) {
		if slices.Contains(c.rules.optionKeys, key.Value) {
			return
		}
		meant := nearest(key.Value, c.rules.optionKeys)
		if meant == "" && slices.Contains(c.rules.keys, key.Value) {
			c.misplaced(key, "an option")
			return
		}
		c.unknownKey(key, meant)
	})
	_, label := lookup(n, "label")
	c.languages(label, "label")
}

// misplaced reports a key of a field that stands deeper than it belongs.
func (c *fieldChecker) misplaced(key *yaml.Node, inside string) {
	c.warnf(at(key), RuleMisplacedKey, "field %s: the host ignores the key %s inside %s: move it to the left", c.name, text.Name(key.Value), inside)
}

// languages reports keys of a text that are no language of the host.
func (c *fieldChecker) languages(n *yaml.Node, place string) {
	eachKey(n, func(key, value *yaml.Node) {
		_, typed := lookup(value, "type")
		switch {
		case slices.Contains(languageKeys, key.Value):
		case slices.Contains(c.rules.keys, key.Value):
			c.misplaced(key, place)
		case typed != nil:
			c.warnf(at(key), RuleMisplacedKey, "field %s: the host ignores the field %s inside %s: move it to the left", c.name, text.Name(key.Value), place)
		case languageRE.MatchString(key.Value):
			c.unknownLanguage(key)
		default:
			c.warnf(at(key), RuleUnknownKey, "field %s: the host ignores the key %s inside %s, which is a map of languages", c.name, text.Name(key.Value), place)
		}
	})
}

// unknownLanguage reports a text that no one will see.
func (r *reporter) unknownLanguage(key *yaml.Node) {
	meant := nearest(key.Value, languageKeys)
	switch fold(key.Value) {
	case "zh", "zh-cn", "zh-sg":
		meant = "zh_Hans"
	case "zh-hant":
		meant = "" // another script
	}
	r.add(at(key), SeverityWarning, RuleUnknownLanguage, meant,
		fmt.Sprintf("the host ignores texts in %s; it knows %s", text.Name(key.Value), strings.Join(languageKeys, ", ")))
}

// onceALanguage keeps the first diagnostic for each unknown language: whoever writes
// texts in it does so everywhere.
func onceALanguage(ds Diagnostics) Diagnostics {
	seen := make(map[string]bool)
	return slices.DeleteFunc(ds, func(d Diagnostic) bool {
		if d.Rule != RuleUnknownLanguage {
			return false
		}
		again := seen[d.Message]
		seen[d.Message] = true
		return again
	})
}
