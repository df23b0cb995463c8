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
// host or to plugins, of all kinds.
var documentKeys = []string{
	"identity", "credentials_for_provider", "credentials_schema", "oauth_schema", "tools", "extra", "provider_type",
	"datasources", "subscription_schema", "subscription_constructor", "events", "settings", "endpoints", "provider",
	"label", "description", "icon_small", "icon_large", "icon_small_dark", "icon_large_dark", "background", "help",
	"supported_model_types", "configurate_methods", "models", "position", "provider_credential_schema",
	"model_credential_schema", "strategies", "meta",
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
	languageRE   = regexp.MustCompile(`^[A-Za-z]{2,3}([-_].*)?$`)
)

// checkKeys reports keys that the host ignores: at the top of the document those
// that look like a misspelt one, since plugins may keep words of their own there,
// and below it all of them.
func checkKeys(r *reporter, root *yaml.Node) {
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
	eachKey(n, func(key, _ *yaml.Node) {
		if slices.Contains(languageKeys, key.Value) {
			return
		}
		if slices.Contains(c.rules.keys, key.Value) {
			c.misplaced(key, place)
			return
		}
		if !languageRE.MatchString(key.Value) {
			c.warnf(at(key), RuleUnknownKey, "field %s: the host ignores the key %s inside %s, which is a map of languages", c.name, text.Name(key.Value), place)
			return
		}
		c.unknownLanguage(key)
	})
}

// unknownLanguage reports a language once in a file: whoever writes texts in it
// does so everywhere.
func (r *reporter) unknownLanguage(key *yaml.Node) {
	if r.languages[key.Value] {
		return
	}
	if r.languages == nil {
		r.languages = make(map[string]bool)
	}
	r.languages[key.Value] = true
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
