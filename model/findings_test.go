package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSettle settles findings in two files with comments in both.
func TestSettle(t *testing.T) {
	t.Parallel()
	at := func(file string, line int) Position { return Position{File: file, Line: line, Column: 1} }
	found := func(file string, line int, severity Severity, rule Rule) Diagnostic {
		return Diagnostic{Pos: at(file, line), Severity: severity, Rule: rule, Message: "m"}
	}
	comment := func(file string, line int, rule Rule, whole bool) ignore {
		return ignore{rule: rule, pos: at(file, line), first: line + 1, last: line + 2, whole: whole}
	}
	a := Findings{
		diagnostics: Diagnostics{
			found("a", 8, SeverityWarning, ruleURL), // after the lines of the comment
			found("a", 3, SeverityWarning, ruleURL),
			found("a", 2, SeverityWarning, ruleLabel),
			found("a", 2, SeverityWarning, ruleLabel),
		},
		ignores: []ignore{
			comment("a", 1, ruleURL, true),
			comment("a", 4, ruleURL, true),            // covers nothing
			comment("a", 5, ruleURL, false),           // the file could not be loaded
			comment("a", 10, RuleNameClash, true),     // unused if names are checked
			comment("a", 20, RuleManifest, true),      // used by what declaring found
			comment("a", 30, RuleDuplicateName, true), // unused if declaring was checked, too
		},
	}
	b := Findings{
		diagnostics: Diagnostics{
			found("b", 2, SeverityWarning, ruleURL), // the comment that covers line 2 is in the other file
			found("b", 6, SeverityError, ruleFieldType),
			found("a", 21, SeverityWarning, RuleManifest),
		},
		ignores: []ignore{comment("b", 5, ruleFieldType, true)},
	}
	for name, test := range map[string]struct {
		steps  []Step
		unused []string
	}{
		"loading":   {nil, nil},
		"names":     {[]Step{StepNames}, []string{"a:10:1: warning: there is no name-clash warning to ignore here [unused-ignore]"}},
		"declaring": {[]Step{StepDeclare}, []string{"a:30:1: warning: there is no duplicate-name warning to ignore here [unused-ignore]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all Findings
			all.Merge(b)
			all.Merge(a)
			var got []string
			for _, d := range all.Settle(test.steps...) {
				got = append(got, d.String())
			}
			want := []string{
				"a:2:1: warning: m [label]",
				"a:4:1: warning: there is no url warning to ignore here [unused-ignore]",
				"a:8:1: warning: m [url]",
			}
			want = append(want, test.unused...)
			want = append(want,
				"b:2:1: warning: m [url]",
				"b:5:1: warning: the field-type error here cannot be ignored [unused-ignore]",
				"b:6:1: error: m [field-type]",
			)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}
