package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// TestDiagnosticString checks that names of files and text from YAML cannot leave their line,
// hide anything or give a CI system a command.
func TestDiagnosticString(t *testing.T) {
	t.Parallel()
	at := model.Position{File: "a.yaml", Line: 2}
	for want, d := range map[string]model.Diagnostic{
		"a.yaml:2:1: error: wrong [x]":                                    {Pos: at, Severity: model.SeverityError, Rule: "x", Message: "wrong"},
		"a.yaml: warning: wrong [x]":                                      {Pos: model.Position{File: "a.yaml"}, Severity: model.SeverityWarning, Rule: "x", Message: "wrong"},
		"./::error a[2J.yaml:2:1: error: wrong [x]":                       {Pos: model.Position{File: "::error\na\x1b[2J.yaml", Line: 2}, Severity: model.SeverityError, Rule: "x", Message: "wrong"},
		"a.yaml:2:1: error: ./::x # #vso[y] (did you mean r[31mole?) [x]": {Pos: at, Severity: model.SeverityError, Rule: "x", Message: "./::x\u2028##vso[y]", Suggestion: "r\u202e\x1b[31mole"},
	} {
		if got := d.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	at := func(file string, line int, severity model.Severity, message string) model.Diagnostic {
		return model.Diagnostic{Pos: model.Position{File: file, Line: line}, Severity: severity, Rule: "r", Message: message}
	}
	got := model.Join(
		model.Diagnostics{at("b", 1, model.SeverityWarning, "x"), at("b", 1, model.SeverityWarning, "y")},
		nil,
		model.Diagnostics{at("a", 2, model.SeverityError, "x"), at("b", 1, model.SeverityWarning, "y"), at("b", 1, model.SeverityError, "x")},
	)
	var lines []string
	for _, d := range got {
		lines = append(lines, d.String())
	}
	want := []string{"a:2:1: error: x [r]", "b:1:1: error: x [r]", "b:1:1: warning: y [r]"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIsOtherManifest(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]bool{
		"apiVersion: v1\nkind: Pod\n": true, "a: 1\n---\nplugins: {}\n": true, "type: app\n": true,
		"plugins: {}\n": false, "plugins:\n": false, "type: plugin\n": false, "x: &p plugin\ntype: *p\n": false, "a: [\n": false, "": false, "- a\n": false,
	} {
		if got := model.IsOtherManifest([]byte(data)); got != want {
			t.Errorf("%q: %t", data, got)
		}
	}
}
