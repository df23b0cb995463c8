package model_test

import (
	"testing"

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
