package model_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/model"
)

var hostLine = regexp.MustCompile(`line (\d+):`)

// TestHostVerdicts compares Load with what the host made of every file.
func TestHostVerdicts(t *testing.T) {
	t.Parallel()
	cases := corpus.Cases(t, "tool", "model", "datasource", "trigger", "endpoint", "agent-strategy")
	sameLine, withLine := 0, 0
	for _, c := range cases {
		p, findings, err := model.Load(c.Name(), c.Source(t), model.Kind(c.Kind))
		if err != nil {
			t.Fatal(err)
		}
		diags := findings.Settle()
		for _, d := range diags {
			if d.Pos.Line < 1 || d.Pos.Column < 1 {
				t.Errorf("%s: no position: %v", c.Name(), d)
			}
		}
		switch c.Verdict {
		case corpus.CannotLoad:
			if p != nil || !diags.HasErrors() {
				t.Errorf("%s: the host cannot load it (%v), but Load reports no error", c.Name(), c.Reasons)
			}
			if lines := hostLines(c); len(lines) > 0 {
				withLine++
				if slices.ContainsFunc(diags, func(d model.Diagnostic) bool {
					return slices.ContainsFunc(lines, func(line int) bool { return d.Pos.Line == line || namesHostLine(d, line) }) || strings.Contains(d.Message, "alias here") && slices.Contains(lines, aliased(t, c, d.Pos.Line))
				}) {
					sameLine++
				} else {
					t.Logf("%s: the host reports %v, Load reports %v", c.Name(), c.Reasons, diags)
				}
			}
			continue
		case corpus.BreaksRules:
			if len(diags) == 0 {
				t.Errorf("%s: it breaks the host's rules (%v), but Load reports nothing", c.Name(), c.Reasons)
			}
		case corpus.Accept:
			if diags.HasErrors() {
				t.Errorf("%s: the host accepts it, but Load reports %v", c.Name(), diags)
			}
		}
		if p == nil {
			t.Errorf("%s: the host loads it, but Load reports %v", c.Name(), diags)
			continue
		}
		if diff := cmp.Diff(c.Decoded, inspect(t, p), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: fields differ from the host's (-host +ours):\n%s", c.Name(), diff)
		}
	}
	t.Logf("%d files; %d of %d load errors name the host's line", len(cases), sameLine, withLine)
	if sameLine < withLine {
		t.Errorf("%d of %d load errors name the host's line, want all", sameLine, withLine)
	}
}

// inspect returns the fields of a provider by section, from the JSON that users see.
func inspect(t *testing.T, p *model.Provider) map[string][]corpus.Field {
	t.Helper()
	data, err := model.Inspect([]*model.Provider{p})
	if err != nil {
		t.Fatal(err)
	}
	var out []struct {
		Sections []struct {
			Name   string
			Fields []corpus.Field
		}
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	sections := make(map[string][]corpus.Field)
	for _, s := range out[0].Sections {
		for k, f := range s.Fields {
			for i, o := range f.Options {
				f.Options[i] = o.(map[string]any)["value"]
			}
			if s.Name == "parameters" { // the corpus lacks the rest
				s.Fields[k].Label, s.Fields[k].Default, s.Fields[k].Scope = "", nil, ""
			}
		}
		sections[s.Name] = s.Fields
	}
	return sections
}

// namesHostLine reports whether the message of a syntax error, which can be nearer to the
// fault, keeps the line of the host.
func namesHostLine(d model.Diagnostic, line int) bool {
	return d.Rule == "yaml-syntax" && strings.HasSuffix(d.Message, fmt.Sprintf(" (the host reports line %d)", line))
}

// aliased returns the line of the anchor that an alias on a line refers to, or 0. If a
// whole section is an alias, the host names that line, though nothing is wrong there.
func aliased(t *testing.T, c corpus.Case, line int) (anchor int) {
	t.Helper()
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode && n.Line == line {
			anchor = n.Alias.Line
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	var doc yaml.Node
	if yaml.Unmarshal(c.Source(t), &doc) == nil {
		visit(&doc)
	}
	return anchor
}

func hostLines(c corpus.Case) []int {
	lines := make(map[int]bool)
	for _, r := range c.Reasons {
		for _, m := range hostLine.FindAllStringSubmatch(r, -1) {
			n, _ := strconv.Atoi(m[1])
			lines[n] = true
		}
	}
	return slices.Sorted(maps.Keys(lines))
}

func ExampleDiagnostic_String() {
	_, findings, _ := model.Load("github.yaml", []byte("credentials_for_provider:\n  token:\n    type: secret_input\n    label: {en_US: Token}\n"), model.KindTool)
	for _, d := range findings.Settle() {
		if d.Severity == model.SeverityError {
			fmt.Println(d)
		}
	}
	// Output: github.yaml:3:5: error: field token has the unknown type secret_input (did you mean secret-input?) [field-type]
}
