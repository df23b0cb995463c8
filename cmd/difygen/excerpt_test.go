package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/difygen/difygen/model"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := "k: " + string(bytes.Repeat([]byte("x"), 200)) + "!"
	tests := []struct {
		source       string
		line, column int
		want         string
	}{
		{"a: 1\nb: 2\n", 2, 4, "    b: 2\n       ^\n"},
		{"a: 1\r\nb: 2\r\n", 1, 1, "    a: 1\n    ^\n"},
		{"\ufeffa: 1\n", 1, 1, "    a: 1\n    ^\n"},
		{"标签: x\n", 1, 5, "    标签: x\n          ^\n"},
		{"\ta: \x1b[31m\u202e\n", 1, 2, "     a: ?[31m?\n     ^\n"},
		{"a: 1\n", 1, 99, "    a: 1\n        ^\n"},
		{long, 1, 204, "    " + long[143:] + "\n    " + string(bytes.Repeat([]byte(" "), 60)) + "^\n"},
		{"s: {type: secret-imput, default: sk-1, x: 1}\n", 1, 5, "    s: {type: secret-imput, default: …\n        ^\n"},
		{"s: {\"default\" :sk-1, type: x}\n", 1, 21, "    s: {\"default\" : …\n                     ^\n"},
		{"s: {defaults: sk-1, type: x}\n", 1, 5, "    s: {defaults: …\n        ^\n"},
		{"k:\n  default: |\n\n    sk-1\n  a: b\n", 4, 5, ""},
		{"k:\n  default: |\n  sk one\n  a: b\n", 3, 3, ""},
		{"k:\n  default: {a: b,\n      c: sk-1}\n", 3, 7, ""},
		{"k:\n  default: sk-1\n  a: b\n", 3, 3, "      a: b\n      ^\n"},
		{"k:\n  default: sk-1\n  a:\n    b: c\n", 4, 5, "        b: c\n        ^\n"},
		{"a: 1\n", 3, 1, ""},
		{"a: 1\n", 0, 0, ""},
		{"\n \n", 2, 1, ""},
		{"a: \xff\n", 1, 1, ""},
	}
	for _, test := range tests {
		if got := excerpt([]byte(test.source), model.Position{Line: test.line, Column: test.column}); got != test.want {
			t.Errorf("%q at %d:%d:\ngot  %q\nwant %q", test.source, test.line, test.column, got, test.want)
		}
	}
}

// TestReportOnTerminal sets the environment, so it does not run in parallel.
func TestReportOnTerminal(t *testing.T) {
	diags := model.Diagnostics{{
		Pos: model.Position{File: "p.yaml", Line: 1, Column: 4}, Severity: model.SeverityError, Rule: "x", Message: "wrong",
	}}
	sources := map[string][]byte{"p.yaml": []byte("a: b\n")}
	for noColor, want := range map[string]string{
		"":  "p.yaml:1:4: \x1b[1;31merror\x1b[0m: wrong [x]\n    a: b\n       ^\n",
		"1": "p.yaml:1:4: error: wrong [x]\n    a: b\n       ^\n",
	} {
		t.Setenv("NO_COLOR", noColor)
		var stderr bytes.Buffer
		std := streams{stderr: &stderr, terminal: true}
		if !std.report(diags, sources, reportOptions{}) || stderr.String() != want {
			t.Errorf("NO_COLOR=%s: got %q, want %q", noColor, stderr.String(), want)
		}
	}
	var stderr bytes.Buffer
	std := streams{stderr: &stderr}
	if !std.report(diags, sources, reportOptions{}) || stderr.String() != "p.yaml:1:4: error: wrong [x]\n" {
		t.Errorf("not on a terminal: got %q", stderr.String())
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) || isTerminal(&bytes.Buffer{}) {
		t.Error("isTerminal reports that a file or a buffer is a terminal")
	}
}
