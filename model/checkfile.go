package model

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// fileChecker checks values outside sections against the rules that the host declares. The
// paths of keys that its methods take lead from root to the value.
type fileChecker struct {
	*reporter
	root *yamldoc.Node
	rule Rule // about what is missing, outside identity
}

// checker returns the checker of an item.
func (l *loader) checker() *fileChecker { return &fileChecker{&l.reporter, l.root, ruleRequired} }

// wrong reports the value at a path of keys.
func (c *fileChecker) wrong(rule Rule, path []string, format string, args ...any) {
	c.report(deepest(c.root, path...), rule, "%s "+format, append([]any{strings.Join(path, ".")}, args...)...)
}

// present reports a value that is missing, and whether it is there.
func (c *fileChecker) present(is bool, path ...string) bool {
	if !is {
		rule := c.rule
		if path[0] == "identity" {
			rule = RuleIdentity
		}
		c.report(deepest(c.root, path...), rule, "the host requires %s", strings.Join(path, "."))
	}
	return is
}

// required reports a text that is missing, and whether it is there.
func (c *fileChecker) required(value string, path ...string) bool {
	return c.present(value != "", path...)
}

// name is like required, for the name by which Dify addresses an item. Unless the run only
// inspects, it must be there.
func (c *fileChecker) name(value string, path ...string) bool {
	if value == "" {
		c.strictly(deepest(c.root, path...), RuleIdentity, "the host requires %s", strings.Join(path, "."))
	}
	return value != ""
}

// text reports a text in several languages without English, or with one that is too long.
func (c *fileChecker) text(t hostText, path ...string) {
	path = path[:len(path):len(path)]
	c.required(t.English, append(path, "en_US")...)
	for language, s := range t.text().languages() {
		c.shorter(s, maxText, append(path, language)...)
	}
}

// given is like text, for a text that can be absent.
func (c *fileChecker) given(t *hostText, path ...string) {
	if t != nil {
		c.text(*t, path...)
	}
}

// shorter reports a text that does not have fewer characters than a limit.
func (c *fileChecker) shorter(value string, limit int, path ...string) {
	if utf8.RuneCountInString(value) >= limit {
		c.wrong(ruleLength, path, "must have fewer than %d characters", limit)
	}
}

// word reports a text that is neither missing nor one of the words that the host knows.
func (c *fileChecker) word(value string, words []string, path ...string) {
	if value != "" && !slices.Contains(words, value) {
		c.suggest(deepest(c.root, path...), ruleWord, text.Nearest(value, words),
			"%s must be one of %s", strings.Join(path, "."), strings.Join(words, ", "))
	}
}

// words reports a list under a key that is missing or too long, or has words that the host
// does not know.
func (c *fileChecker) words(list, known []string, key string) {
	c.present(list != nil, key)
	if len(list) > maxListed {
		c.wrong(ruleLength, []string{key}, "must have at most %d items", maxListed)
	}
	for _, word := range unknownWords(c.value(key), known) {
		c.suggest(at(word), ruleWord, text.Nearest(word.Value, known), "%s: the host does not know %s; it knows %s",
			key, text.Name(word.Value), strings.Join(known, ", "))
	}
}

// unknownWords returns the elements of a list of texts that are not among the known words.
func unknownWords(list *yamldoc.Node, known []string) []*yamldoc.Node {
	return slices.DeleteFunc(texts(list), func(n *yamldoc.Node) bool { return slices.Contains(known, n.Value) })
}

// value returns the value of a key, or nil.
func (c *fileChecker) value(key string) *yamldoc.Node {
	_, n := yamldoc.Lookup(c.root, key)
	return n
}

// itemIdentity checks the identity of an item. Limited means that only some characters
// may be in its name.
func (c *fileChecker) itemIdentity(id *hostItemName, limited bool) {
	c.required(id.Author, "identity", "author")
	if c.name(id.Name, "identity", "name") && limited && !namePattern.match(id.Name) {
		c.report(deepest(c.root, "identity", "name"), RuleIdentity, "identity.name may hold only letters, digits, _ and -")
	}
	c.text(id.Label, "identity", "label")
}

// reportNotJSON reports the first value in n that JSON does not have: the host loads it,
// but can neither keep nor send it. Keys is as for yamldoc.NotJSON.
func (r *reporter) reportNotJSON(n *yamldoc.Node, keys yamldoc.TextKeys, what string) {
	if bad, problem := yamldoc.NotJSON(n, keys); bad != nil {
		r.strictly(at(bad), ruleNotJSON, "%s %s", what, problem)
	}
}

// knownFeature reports a feature that is too long, or not among those that Dify's API knows.
func (c *fileChecker) knownFeature(n *yamldoc.Node, known []string) {
	switch {
	case utf8.RuneCountInString(n.Value) >= maxFeature:
		c.report(at(n), ruleLength, "a feature must have fewer than %d characters", maxFeature)
	case !slices.Contains(known, n.Value):
		c.suggest(at(n), ruleWord, text.Nearest(n.Value, known),
			"features: Dify does not know %s, which makes the whole provider unusable; it knows %s", text.Name(n.Value), strings.Join(known, ", "))
	}
}

// texts returns the elements of a list of texts that the host keeps, without those after
// maxFields.
func texts(list *yamldoc.Node) []*yamldoc.Node {
	var nodes []*yamldoc.Node
	if list = yamldoc.Resolve(list); list == nil || list.Kind != yamldoc.Sequence {
		return nil
	}
	for _, n := range list.Content[:min(len(list.Content), maxFields)] {
		if n = yamldoc.Resolve(n); n.Kind == yamldoc.Scalar && !yamldoc.IsNull(n) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}
