package model_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/model"
)

// TestHostVerdictsOnItems compares LoadItem with what the host made of every item file.
func TestHostVerdictsOnItems(t *testing.T) {
	t.Parallel()
	for _, c := range corpus.Items(t) {
		kind, ok := model.KindOfItem(c.Kind)
		if !ok {
			t.Fatalf("%s: unknown kind %s", c.Name(), c.Kind)
		}
		item, findings := model.LoadItem(c.Name(), c.Source(t), kind)
		diags := findings.Settle()
		for _, d := range diags {
			if d.Pos.Line < 1 || d.Pos.Column < 1 {
				t.Errorf("%s: no position: %v", c.Name(), d)
			}
		}
		if c.Verdict == corpus.CannotLoad {
			if item != nil || !diags.HasErrors() {
				t.Errorf("%s: the host cannot load it (%v), but LoadItem reports no error", c.Name(), c.Reasons)
			}
			continue
		}
		if item == nil {
			t.Errorf("%s: the host loads it (%s), but LoadItem does not: %v", c.Name(), c.Verdict, diags)
			continue
		}
		if c.Verdict == corpus.Accept && diags.HasErrors() {
			t.Errorf("%s: the host accepts it: %v", c.Name(), diags)
		}
		if c.Verdict == corpus.BreaksRules && len(diags) == 0 {
			t.Errorf("%s: it breaks the host's rules (%v), but LoadItem reports nothing", c.Name(), c.Reasons)
		}
		got := corpus.Normal(t, item.HostForm())
		if diff := cmp.Diff(corpus.Normal(t, c.Decoded), got); diff != "" {
			t.Errorf("%s (-host +LoadItem):\n%s", c.Name(), diff)
		}
	}
}

// TestReasonsOnItems checks that each rule that an item file breaks is reported on its line:
// that of the value or, if that is missing, of the nearest key above it.
func TestReasonsOnItems(t *testing.T) {
	t.Parallel()
	reasons := 0
	for _, c := range corpus.Items(t) {
		if c.Verdict != corpus.BreaksRules {
			continue
		}
		source := c.Source(t)
		var doc yaml.Node
		if err := yaml.Unmarshal(source, &doc); err != nil {
			t.Fatal(c.Name(), err)
		}
		kind, _ := model.KindOfItem(c.Kind)
		_, findings := model.LoadItem(c.Name(), source, kind)
		diags := findings.Settle()
		for _, reason := range c.Reasons {
			reasons++
			line := reasonLine(&doc, reason)
			if !slices.ContainsFunc(diags, func(d model.Diagnostic) bool { return d.Pos.Line == line }) {
				t.Errorf("%s: %s: no diagnostic in line %d: %v", c.Name(), reason, line, diags)
			}
		}
	}
	if reasons == 0 {
		t.Error("no reasons")
	}
}

// reasonKeys are the keys of fields of the host's structs whose names differ from them by
// more than their spelling.
var reasonKeys = map[string]string{"EnUS": "en_US", "PriceConfig": "pricing", "LLM": "llm"}

// reasonLine returns the line of the value that a reason such as
// "ToolDeclaration.Parameters[1].Options[0].Value: required" is about.
func reasonLine(doc *yaml.Node, reason string) int {
	if len(doc.Content) == 0 {
		return 1
	}
	path, _, _ := strings.Cut(reason, ":")
	n := doc.Content[0]
	line := n.Line
	for _, name := range strings.Split(path, ".")[1:] {
		name, index, isItem := strings.Cut(strings.TrimSuffix(name, "]"), "[")
		key := reasonKeys[name]
		if key == "" {
			key = snakeCase(name)
		}
		found := false
		for i := 0; i+1 < len(n.Content) && !found; i += 2 {
			if found = n.Content[i].Value == key; found {
				line, n = n.Content[i].Line, n.Content[i+1]
			}
		}
		if !found {
			return line
		}
		for n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if isItem {
			i, _ := strconv.Atoi(index)
			items := slices.DeleteFunc(slices.Clone(n.Content), func(n *yaml.Node) bool { return n.ShortTag() == "!!null" })
			n = items[i]
			line = n.Line
		}
	}
	return line
}

func snakeCase(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
