package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// checkKeys reports keys outside fields that the host ignores. At the top of the document,
// where plugins may keep keys of their own, it reports only those that look misspelled.
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
				r.unknownLanguage(key)
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

// keys reports keys of a field, its texts and its options that the host ignores.
func (c *fieldChecker) keys() {
	yamldoc.EachKey(c.f.node, func(key, value *yamldoc.Node) {
		if slices.Contains(c.rules.keys(), key.Value) {
			return
		}
		meant := nearest(key.Value, c.rules.keys())
		if isField(value) && meant == "" {
			c.misplaced(key, "field", c.name, "another field")
			return
		}
		c.unknownFieldKey(key, meant, c.name)
	})
	for _, textKey := range []string{"label", c.rules.helpKey, "placeholder"} {
		c.languages(c.f.node, textKey)
	}
	for i := range c.f.Options {
		option := c.f.Options[i].node
		yamldoc.EachKey(option, func(key, _ *yamldoc.Node) {
			c.nestedKey(key, c.rules.optionKeys(), c.rules.keys(), c.name, "an option")
		})
		c.languages(option, "label")
	}
}

// isField reports whether a value looks like a field.
func isField(value *yamldoc.Node) bool {
	_, typ := yamldoc.Lookup(value, "type")
	return typ != nil
}

// languages reports keys of a text that are not languages of the host. The text is under
// a key of a field or an option.
func (c *fieldChecker) languages(n *yamldoc.Node, under string) {
	_, n = yamldoc.Lookup(n, under)
	yamldoc.EachKey(n, func(key, value *yamldoc.Node) {
		switch {
		case slices.Contains(languageKeys(), key.Value):
		case slices.Contains(c.rules.keys(), key.Value):
			c.misplaced(key, "key", c.name, under)
		case isField(value):
			c.misplaced(key, "field", c.name, under)
		case isLanguage(key.Value) || meantLanguage(key.Value) != "":
			c.unknownLanguage(key)
		default:
			c.report(at(key), ruleUnknownKey, "field %s: the host ignores the key %s inside %s, which is a map of languages", c.name, text.Name(key.Value), under)
		}
	})
}

// nestedKey reports a key of a map inside a field that is not among the map's keys.
func (r *reporter) nestedKey(key *yamldoc.Node, keys, fieldKeys []string, field, inside string) {
	meant := nearest(key.Value, keys)
	switch {
	case slices.Contains(keys, key.Value):
	case meant == "" && slices.Contains(fieldKeys, key.Value):
		r.misplaced(key, "key", field, inside)
	default:
		r.unknownFieldKey(key, meant, field)
	}
}

func (r *reporter) unknownFieldKey(key *yamldoc.Node, meant, field string) {
	r.suggest(at(key), ruleUnknownKey, meant, "field %s: the host ignores the key %s", field, text.Name(key.Value))
}

// misplaced reports a key, or a field under it, that is nested too deep.
func (r *reporter) misplaced(key *yamldoc.Node, what, field, inside string) {
	r.report(at(key), ruleMisplacedKey, "field %s: the host ignores the %s %s inside %s; indent it less", field, what, text.Name(key.Value), inside)
}

// unknownLanguage reports a language that misspells one of the host's. Others are meant.
func (r *reporter) unknownLanguage(key *yamldoc.Node) {
	if meant := meantLanguage(key.Value); meant != "" {
		r.suggest(at(key), ruleUnknownLanguage, meant,
			"the host ignores texts in %s; it knows only %s", text.Name(key.Value), strings.Join(languageKeys(), ", "))
	}
}
