package model

import (
	"slices"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/yamldoc"

	"github.com/difygen/difygen/internal/text"
)

var languageKeys = sync.OnceValue(yamldoc.Keys[hostText])

// checkKeys reports keys outside fields that the host ignores: at the top of the document
// those that look like a misspelt one, since plugins may keep words of their own there,
// and below it all of them.
func checkKeys(r *reporter, root *yamldoc.Node, known []yamldoc.Map) {
	top := known[0].Keys
	for _, m := range known {
		_, n := yamldoc.Lookup(root, m.Path...)
		if len(m.Path) == 0 {
			n = root
		}
		yamldoc.EachKey(n, func(key, _ *yamldoc.Node) {
			switch {
			case slices.Contains(m.Keys, key.Value):
			case m.Is(hostText{}):
				if isLanguage(key.Value) {
					r.unknownLanguage(key)
				}
			default:
				r.unknownKey(key, m, top)
			}
		})
	}
}

// unknownKey reports a key of a mapping outside fields.
func (r *reporter) unknownKey(key *yamldoc.Node, in yamldoc.Map, top []string) {
	name, path, meant := text.Name(key.Value), strings.Join(in.Path, "."), nearest(key.Value, in.Keys)
	switch {
	case path == "" && meant != "":
		r.suggest(at(key), ruleUnknownKey, meant, "the host ignores the key %s", name)
	case path == "":
	case meant == "" && slices.Contains(top, key.Value):
		r.report(at(key), ruleMisplacedKey, "the host ignores the key %s inside %s; move it to the top level", name, path)
	default:
		r.suggest(at(key), ruleUnknownKey, meant, "the host ignores the key %s in %s", name, path)
	}
}

// isLanguage reports whether s is spelled like the code of a language, such as en_US.
func isLanguage(s string) bool {
	language, region, more := strings.Cut(strings.ReplaceAll(s, "-", "_"), "_")
	letters := !strings.ContainsFunc(language+region, func(c rune) bool { return !isLetter(c) })
	return letters && len(language) == 2 && (!more || len(region) >= 2 && len(region) <= 4)
}

// keys reports keys of a field, its texts and its options that the host ignores.
func (c *fieldChecker) keys() {
	yamldoc.EachKey(c.f.node, func(key, value *yamldoc.Node) {
		if slices.Contains(c.rules.keys(), key.Value) {
			return
		}
		meant := nearest(key.Value, c.rules.keys())
		if _, typed := yamldoc.Lookup(value, "type"); typed != nil && meant == "" {
			c.report(at(key), ruleMisplacedKey, "field %s: the host ignores the field %s inside it; indent that field less", c.name, text.Name(key.Value))
			return
		}
		c.unknownKey(key, meant)
	})
	for _, place := range []string{"label", c.rules.helpKey, "placeholder"} {
		_, n := yamldoc.Lookup(c.f.node, place)
		c.languages(n, place)
	}
	for i := range c.f.Options {
		c.optionKeys(c.f.Options[i].node)
	}
}

func (c *fieldChecker) unknownKey(key *yamldoc.Node, meant string) {
	c.suggest(at(key), ruleUnknownKey, meant, "field %s: the host ignores the key %s", c.name, text.Name(key.Value))
}

func (c *fieldChecker) optionKeys(n *yamldoc.Node) {
	yamldoc.EachKey(n, func(key, _ *yamldoc.Node) {
		if slices.Contains(c.rules.optionKeys(), key.Value) {
			return
		}
		meant := nearest(key.Value, c.rules.optionKeys())
		if meant == "" && slices.Contains(c.rules.keys(), key.Value) {
			c.misplaced(key, "an option")
			return
		}
		c.unknownKey(key, meant)
	})
	_, label := yamldoc.Lookup(n, "label")
	c.languages(label, "label")
}

// misplaced reports a key of a field that stands deeper than it belongs.
func (c *fieldChecker) misplaced(key *yamldoc.Node, inside string) {
	c.report(at(key), ruleMisplacedKey, "field %s: the host ignores the key %s inside %s; indent it less", c.name, text.Name(key.Value), inside)
}

// languages reports keys of a text that are no language of the host.
func (c *fieldChecker) languages(n *yamldoc.Node, place string) {
	yamldoc.EachKey(n, func(key, value *yamldoc.Node) {
		_, typed := yamldoc.Lookup(value, "type")
		switch {
		case slices.Contains(languageKeys(), key.Value):
		case slices.Contains(c.rules.keys(), key.Value):
			c.misplaced(key, place)
		case typed != nil:
			c.report(at(key), ruleMisplacedKey, "field %s: the host ignores the field %s inside %s; indent it less", c.name, text.Name(key.Value), place)
		case isLanguage(key.Value):
			c.unknownLanguage(key)
		default:
			c.report(at(key), ruleUnknownKey, "field %s: the host ignores the key %s inside %s, which is a map of languages", c.name, text.Name(key.Value), place)
		}
	})
}

// unknownLanguage reports a text that no one will see.
func (r *reporter) unknownLanguage(key *yamldoc.Node) {
	meant := nearest(key.Value, languageKeys())
	switch fold(key.Value) {
	case "zh", "zh-cn", "zh-sg":
		meant = "zh_Hans"
	case "zh-hant":
		meant = "" // another script
	}
	r.suggest(at(key), ruleUnknownLanguage, meant,
		"the host ignores texts in %s; it knows only %s", text.Name(key.Value), strings.Join(languageKeys(), ", "))
}
