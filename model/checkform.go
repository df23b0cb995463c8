package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// checkModel reports what the host requires of a model provider and is missing.
func checkModel(r *reporter, root *yamldoc.Node, host *hostModel) {
	c := fileChecker{r, root, RuleIdentity}
	c.required(host.Provider, "provider")
	c.shorter(host.Provider, maxProvider, "provider")
	c.text(host.Label, "label")
	c.given(host.Description, "description")
	c.given(host.IconSmall, "icon_small")
	c.given(host.IconLarge, "icon_large")
	c.given(host.IconSmallDark, "icon_small_dark")
	c.given(host.IconLargeDark, "icon_large_dark")
	c.words(host.SupportedModelTypes, hostModelTypes, "supported_model_types")
	for _, word := range texts(c.value("supported_model_types")) {
		c.known(word, word.Value, "supported_model_types")
	}
	c.words(host.ConfigurateMethods, configurateMethods, "configurate_methods")
	if help := host.Help; help != nil {
		c.text(help.Title, "help", "title")
		c.text(help.URL, "help", "url")
		for language, link := range help.URL.text().languages() {
			if link != "" && !isURL(link) {
				r.report(deepest(root, "help", "url", language), ruleURL, "help.url must be a link that a browser can open, such as https://example.com/keys")
			}
		}
	}
	if form := host.ModelCredential; form != nil {
		c.text(form.Model.Label, "model_credential_schema", "model", "label")
		c.given(form.Model.Placeholder, "model_credential_schema", "model", "placeholder")
	}
}

// configurateMethods are the words for the ways to add models that the host knows.
var configurateMethods = valuesOf(methodWords)

// formChecker checks what only the fields of a form have: conditions, and required.
type formChecker struct {
	*reporter
	section  *Section
	types    []string // of models that a condition can name
	fields   map[string][]*Field
	names    []string        // of fields, sorted
	showable map[string]bool // fields that some input shows
	name     string          // of the field being checked with the word for it, safe to show
}

func newFormChecker(r *reporter, s *Section, supported []string) *formChecker {
	c := &formChecker{reporter: r, section: s, types: supported, fields: make(map[string][]*Field)}
	if len(supported) == 0 {
		c.types = hostModelTypes
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		c.fields[f.Name] = append(c.fields[f.Name], f)
	}
	c.names = slices.Sorted(maps.Keys(c.fields))
	c.findShowable()
	return c
}

// findShowable finds the fields that some input shows, by following conditions on other
// fields. Fields that depend on each other in a circle are not among them.
func (c *formChecker) findShowable() {
	c.showable = make(map[string]bool, len(c.fields))
	for changed := true; changed; {
		changed = false
		for i := range c.section.Fields {
			f := &c.section.Fields[i]
			// Following the conditions of an absurdly large form would take too long.
			shown := len(c.section.Fields) > 10*maxFormFields || !slices.ContainsFunc(f.ShowOn, c.impossible)
			if shown && !c.showable[f.Name] {
				c.showable[f.Name] = true
				changed = true
			}
		}
	}
}

// impossible reports whether no field found so far to be showable satisfies a condition.
// An incomplete condition is reported elsewhere.
func (c *formChecker) impossible(condition Condition) bool {
	if condition.Variable == "" || condition.Value == "" {
		return false
	}
	if condition.Variable == ModelTypeVariable {
		return !c.section.HasModelType() || !slices.Contains(c.types, condition.Value)
	}
	values, limited := choices(c.fields[condition.Variable])
	return !c.showable[condition.Variable] || limited && !slices.Contains(values, condition.Value)
}

func (c *formChecker) field(field *yamldoc.Sourced[hostFormField]) {
	f := &field.Value
	c.name = formRules.word + " " + text.Name(f.Variable)
	if _, v := yamldoc.Lookup(field.Node, "required"); v == nil || yamldoc.IsNull(yamldoc.Resolve(v)) {
		c.report(deepest(field.Node, "required"), ruleMissingRequired, "%s: required is missing, which means false to the host and true to its Python SDK; write required: true or required: false", c.name)
	}
	c.conditions(field.Node, f.ShowOn)
	for i := range f.Options {
		c.conditions(f.Options[i].Node, f.Options[i].Value.ShowOn)
	}
}

// conditions reports conditions that break the host's rules or never hold.
func (c *formChecker) conditions(node *yamldoc.Node, conditions []yamldoc.Sourced[hostShowOn]) {
	if len(conditions) > maxShowOn {
		key, _ := yamldoc.Lookup(node, "show_on")
		c.report(at(key), ruleShowOn, "%s: there must be at most %d conditions", c.name, maxShowOn)
	}
	wanted := make(map[string]string, len(conditions))
	for i := range conditions {
		condition := &conditions[i]
		yamldoc.EachKey(condition.Node, func(key, _ *yamldoc.Node) {
			c.nestedKey(key, conditionKeys(), formRules.keys(), c.name, "a condition")
		})
		variable, value := condition.Value.Variable, condition.Value.Value
		named, valued := c.hasKey(condition, "variable", variable), c.hasKey(condition, "value", value)
		if !named || !valued {
			continue
		}
		if other, ok := wanted[variable]; ok && other != value {
			c.report(at(condition.Node), ruleNeverShown, "%s: %s cannot have two values at once", c.name, text.Name(variable))
		}
		wanted[variable] = value
		c.reachable(condition)
	}
}

var conditionKeys = sync.OnceValue(yamldoc.Keys[hostShowOn])

// hasKey reports a value of a condition that is missing or too long, and returns false
// for a missing one.
func (c *formChecker) hasKey(condition *yamldoc.Sourced[hostShowOn], key, value string) bool {
	if value == "" {
		c.report(deepest(condition.Node, key), ruleShowOn, "%s: a condition needs a %s", c.name, key)
	} else if utf8.RuneCountInString(value) >= maxCondition {
		c.report(deepest(condition.Node, key), ruleLength, "%s: a condition's %s must have fewer than %d characters", c.name, key, maxCondition)
	}
	return value != ""
}

// reachable reports a condition that no input satisfies.
func (c *formChecker) reachable(condition *yamldoc.Sourced[hostShowOn]) {
	variable, value := condition.Value.Variable, condition.Value.Value
	never := func(key, meant, format string, args ...any) {
		c.suggest(deepest(condition.Node, key), ruleNeverShown, meant, "%s: %s", c.name, fmt.Sprintf(format, args...))
	}
	if variable == ModelTypeVariable {
		switch {
		case !c.section.HasModelType():
			never("variable", "", "%s has no value in provider credentials, which are entered without a model", variable)
		case !slices.Contains(c.types, value):
			never("value", text.Nearest(value, c.types), "%s is never %s here; its values are %s", variable, text.Name(value), shortList(c.types))
		}
		return
	}
	declared := c.fields[variable]
	if len(declared) == 0 {
		never("variable", text.Nearest(variable, c.names), "this form has no field %s", text.Name(variable))
		return
	}
	if !c.showable[variable] {
		never("variable", "", "a condition depends on %s, which is never shown", text.Name(variable))
		return
	}
	if values, limited := choices(declared); limited && !slices.Contains(values, value) {
		never("value", text.Nearest(value, values), "%s is never %s; its values are %s", text.Name(variable), text.Name(value), shortList(values))
	}
}

// choices returns the values that the declarations of a field allow, and false if they
// allow any value.
func choices(declarations []*Field) (values []string, limited bool) {
	for _, f := range declarations {
		switch f.Type.values() {
		case TypeBoolean:
			values = append(values, "true", "false")
		case TypeSelect:
			for _, o := range f.Options {
				values = append(values, o.Value)
			}
		default:
			return nil, false
		}
	}
	return values, len(values) > 0
}

// shortList joins words with commas, and leaves out all but the first few.
func shortList(words []string) string {
	const most = 8
	var shown []string
	for _, w := range words[:min(len(words), most)] {
		shown = append(shown, text.Name(w))
	}
	if len(words) > most {
		shown = append(shown, "…")
	}
	return strings.Join(shown, ", ")
}
