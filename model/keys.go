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
		texts := textsIn(m, known)
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
				if under := textAbove(n, key, texts); under != "" {
					r.besideText(key, under, "")
					return
				}
				r.unknownKey(key, m, top)
			}
		})
	}
}

// textsIn returns the keys of the texts in a mapping.
func textsIn(m yamldoc.Map, known []yamldoc.Map) []string {
	var keys []string
	for _, text := range known {
		if last := len(text.Path) - 1; text.Is(hostText{}) && slices.Equal(text.Path[:last], m.Path) {
			keys = append(keys, text.Path[last])
		}
	}
	return keys
}

// unknownKey reports a key of a mapping outside fields.
func (r *reporter) unknownKey(key *yamldoc.Node, in yamldoc.Map, top []string) {
	name, path, meant := text.Name(key.Value), strings.Join(in.Path, "."), text.Nearest(key.Value, in.Keys)
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
	texts := []string{"label", c.rules.helpKey, "placeholder"}
	yamldoc.EachKey(c.f.node, func(key, value *yamldoc.Node) { c.key(key, value, texts) })
	for _, textKey := range texts {
		c.languages(c.f.node, textKey)
	}
	for i := range c.f.Options {
		option := c.f.Options[i].node
		yamldoc.EachKey(option, func(key, _ *yamldoc.Node) {
			if under := textAbove(option, key, texts[:1]); under != "" {
				c.besideText(key, under, c.name+": ")
				return
			}
			c.nestedKey(key, c.rules.optionKeys(), c.rules.keys(), c.name, "an option")
		})
		c.languages(option, "label")
	}
}

// key reports a key of a field that the host ignores. Texts are the keys of the field's
// texts.
func (c *fieldChecker) key(key, value *yamldoc.Node, texts []string) {
	if slices.Contains(c.rules.keys(), key.Value) {
		return
	}
	meant, under := text.Nearest(key.Value, c.rules.keys()), textAbove(c.f.node, key, texts)
	switch {
	case meant == "" && isField(value):
		c.misplaced(key, "field", c.name, "another field")
	case under != "":
		c.besideText(key, under, c.name+": ")
	case key.Value == "placeholder":
		c.suggest(at(key), ruleUnknownKey, c.rules.helpKey, "%s: the host ignores the key placeholder, which parameters do not have", c.name)
	case meant == "" && c.helpKey() == key.Value:
		c.unknownFieldKey(key, c.rules.helpKey, c.name)
	default:
		c.unknownFieldKey(key, meant, c.name)
	}
}

// helpKeys are keys that authors write for the help of a field. In each section, the host
// knows some.
var helpKeys = []string{"help", "description", "human_description", "hint", "tooltip"}

// helpKey returns the key that holds the help of the field, even if the host knows another.
func (c *fieldChecker) helpKey() string {
	for _, name := range append([]string{c.rules.helpKey}, helpKeys...) {
		if key, _ := yamldoc.Lookup(c.f.node, name); key != nil {
			return name
		}
	}
	return ""
}

// textAbove returns the key of the text that a language in the mapping n belongs to: the one
// of texts right above it, if that is empty or lacks the language. It returns "" if there is
// none, or if key is not a language.
func textAbove(n, key *yamldoc.Node, texts []string) string {
	if !slices.Contains(languageKeys(), key.Value) {
		return ""
	}
	above, passed := "", false
	yamldoc.EachKey(n, func(k, value *yamldoc.Node) {
		switch passed = passed || k == key; {
		case passed || slices.Contains(languageKeys(), k.Value):
		case slices.Contains(texts, k.Value) && lacks(yamldoc.Resolve(value), key.Value):
			above = k.Value
		default:
			above = ""
		}
	})
	return above
}

// lacks reports whether a text is empty, or a map without a language.
func lacks(text *yamldoc.Node, language string) bool {
	key, _ := yamldoc.Lookup(text, language)
	return yamldoc.IsNull(text) || text.Kind == yamldoc.Mapping && key == nil
}

// besideText reports a language beside the text that it belongs to.
func (r *reporter) besideText(key *yamldoc.Node, under, where string) {
	r.suggest(at(key), ruleMisplacedKey, under+"."+key.Value, "%sthe host ignores the key %s beside %s; indent it more", where, key.Value, under)
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
			c.report(at(key), ruleUnknownKey, "%s: the host ignores the key %s inside %s, which is a map of languages", c.name, text.Name(key.Value), under)
		}
	})
}

// nestedKey reports a key of a map inside a field that is not among the map's keys.
func (r *reporter) nestedKey(key *yamldoc.Node, keys, fieldKeys []string, field, inside string) {
	meant := text.Nearest(key.Value, keys)
	switch {
	case slices.Contains(keys, key.Value):
	case meant == "" && slices.Contains(fieldKeys, key.Value):
		r.misplaced(key, "key", field, inside)
	default:
		r.unknownFieldKey(key, meant, field)
	}
}

func (r *reporter) unknownFieldKey(key *yamldoc.Node, meant, field string) {
	r.suggest(at(key), ruleUnknownKey, meant, "%s: the host ignores the key %s", field, text.Name(key.Value))
}

// misplaced reports a key, or a field under it, that is nested too deep.
func (r *reporter) misplaced(key *yamldoc.Node, what, field, inside string) {
	r.report(at(key), ruleMisplacedKey, "%s: the host ignores the %s %s inside %s; indent it less", field, what, text.Name(key.Value), inside)
}

// unknownLanguage reports a language that misspells one of the host's. Others are meant.
func (r *reporter) unknownLanguage(key *yamldoc.Node) {
	if meant := meantLanguage(key.Value); meant != "" {
		r.suggest(at(key), ruleUnknownLanguage, meant,
			"the host ignores texts in %s; it knows only %s", text.Name(key.Value), strings.Join(languageKeys(), ", "))
	}
}
