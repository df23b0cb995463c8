package model_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/yamldoc"
	"github.com/difygen/difygen/model"
)

// reasonRE matches why a file breaks a rule: the path in the host's structs, and the
// validator's tag.
var reasonRE = regexp.MustCompile(`(?s)^\w+\.([\w.\[\]]+): tag "(\w+)"`)

// TestBrokenRules checks that every rule of the host that a provider file breaks has a
// diagnostic of a fitting rule on its line, and that there is none of such a rule where the
// host accepts the file.
func TestBrokenRules(t *testing.T) {
	t.Parallel()
	files, reasons := 0, 0
	for _, c := range corpus.Cases(t, "tool", "model", "datasource", "trigger", "endpoint", "agent-strategy") {
		source := c.Source(t)
		p, findings, err := model.Load(c.Name(), source, model.Kind(c.Kind))
		if err != nil {
			t.Fatal(err)
		}
		diags := findings.Settle()
		if loads := c.Verdict != corpus.CannotLoad; loads != (p != nil) {
			t.Errorf("%s: the host says %s (%q), but Load reports %v", c.Name(), c.Verdict, c.Reasons, diags)
			continue
		}
		if c.Verdict == corpus.Accept {
			for _, d := range diags {
				onlyOurs := strings.HasPrefix(d.Message, "identity.name may") && c.Kind == "datasource"
				if slices.Contains(declaredRules, string(d.Rule)) && !onlyOurs || d.Severity == model.SeverityError {
					t.Errorf("%s: the host accepts it, but Load reports %v", c.Name(), d)
				}
			}
		}
		if c.Verdict != corpus.BreaksRules {
			continue
		}
		files++
		doc, err := yamldoc.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, reason := range c.Reasons {
			m := reasonRE.FindStringSubmatch(reason)
			if m == nil {
				t.Errorf("%s: unknown reason %q", c.Name(), reason)
				continue
			}
			reasons++
			rules, lines := brokenRules(m[1], m[2]), brokenLines(doc.Root, m[1])
			if !slices.ContainsFunc(diags, func(d model.Diagnostic) bool {
				return slices.Contains(rules, string(d.Rule)) && slices.Contains(lines, d.Pos.Line)
			}) {
				t.Errorf("%s: no diagnostic of %v on a line of %v for %s %s; got\n%v", c.Name(), rules, lines, m[1], m[2], diags)
			}
		}
	}
	t.Logf("%d files that break %d rules", files, reasons)
}

// declaredRules are the rules that report only what breaks rules of the host.
var declaredRules = []string{"label", "length", "default-type", "scope", "show-on", "identity", "tag", "unknown-word"}

// brokenRules returns the rules that can report a broken rule of the host.
func brokenRules(path, tag string) []string {
	steps := strings.Split(path, ".")
	last := steps[len(steps)-1]
	switch {
	case tag == "lte" && last == "ShowOn":
		return []string{"show-on"}
	case tag == "lt" || tag == "lte" || tag == "max":
		return []string{"length"}
	case tag == "is_scope":
		return []string{"scope"}
	case tag == "is_basic_type":
		return []string{"default-type"}
	case strings.HasSuffix(path, "AutoGenerate.Type"):
		return []string{"unknown-word"}
	case last == "Type" && len(steps) > 1:
		return []string{"field-type"}
	case tag == "plugin_tag":
		return []string{"tag"}
	case tag == "model_type" || tag == "model_provider_configurate_method":
		return []string{"unknown-word"}
	case strings.Contains(path, "ShowOn"):
		return []string{"show-on"}
	case last == "Value":
		return []string{"option-value"}
	case last == "Variable" || last == "Name" && strings.HasPrefix(steps[len(steps)-2], "Parameters["):
		return []string{"nameless-field"}
	}
	return []string{"label", "identity"}
}

// hostKeys are the keys of the host's structs' fields where they are not the name in
// lower case with _ between words. An embedded struct has none.
var hostKeys = map[string]string{
	"OAuthSchema": "oauth_schema", "URL": "url", "LLM": "llm", "EnUS": "en_US", "JaJp": "ja_JP", "ZhHans": "zh_Hans", "PtBr": "pt_BR",
	"ToolProviderIdentity": "", "ToolIdentity": "",
}

var wordRE = regexp.MustCompile(`[A-Z][a-z]*`)

// hostKey returns the key of a field of the host's structs.
func hostKey(field string) string {
	if key, ok := hostKeys[field]; ok {
		return key
	}
	return strings.ToLower(strings.Join(wordRE.FindAllString(field, -1), "_"))
}

// brokenLines returns the lines of the deepest key or item that a path in the host's structs
// leads to. There are several if it is an alias.
func brokenLines(root *yamldoc.Node, path string) []int {
	n, lines := root, []int{1}
	if root != nil {
		lines[0] = root.Line
	}
	for _, step := range strings.Split(path, ".") {
		field, index, isItem := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		name := hostKey(field)
		if name == "" {
			continue
		}
		if _, v := yamldoc.Lookup(n, name); name == "credentials_schema" && n == root && (v == nil || len(yamldoc.Resolve(v).Content) == 0) {
			name = "credentials_for_provider"
		}
		key, value := yamldoc.Lookup(n, name)
		if value == nil {
			return lines
		}
		n, lines = yamldoc.Resolve(value), []int{key.Line}
		if isItem {
			i, err := strconv.Atoi(index)
			if err != nil {
				panic(err)
			}
			n, lines = hostItem(n, i, itemKinds[name])
		}
	}
	return lines
}

// itemKinds are the kinds of nodes that are items in lists that also name files.
var itemKinds = map[string][]yaml.Kind{
	"tools": {yamldoc.Mapping}, "events": {yamldoc.Mapping}, "strategies": {yamldoc.Mapping}, "datasources": {yamldoc.Mapping},
	"endpoints": {yamldoc.Mapping, yamldoc.Alias},
}

// hostItem returns the item of a list, or of a map of fields, that has an index in the
// host's list, and its lines. Only nodes of the given kinds count in a list, if any is given.
func hostItem(n *yamldoc.Node, index int, kinds []yaml.Kind) (*yamldoc.Node, []int) {
	step, first := 1, 0
	if n.Kind == yamldoc.Mapping {
		step, first, kinds = 2, 1, []yaml.Kind{yamldoc.Mapping}
	}
	for i := first; i < len(n.Content); i += step {
		item := n.Content[i]
		target := yamldoc.Resolve(item)
		if yamldoc.IsNull(target) || kinds != nil && !slices.Contains(kinds, item.Kind) {
			continue
		}
		if index--; index < 0 {
			return target, []int{n.Content[i-first].Line, item.Line, target.Line}
		}
	}
	panic("no such item")
}
