package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/difygen/difygen/model"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := "name: " + string(bytes.Repeat([]byte("x"), 200)) + "!"
	tests := []struct {
		source       string
		line, column int
		want         string
	}{
		{"a: 1\ntype: b\n", 2, 7, "    type: b\n          ^\n"},
		{"type: a\r\nb: 2\r\n", 1, 1, "    type: a\n    ^\n"},
		{"a: 1\rtype: b\u2028name: c\n", 3, 7, "    name: c\n          ^\n"},
		{"\ufefftype: a\n", 1, 1, "    type: a\n    ^\n"},
		{"name: 标签 x\n", 1, 10, "    name: 标签 x\n               ^\n"},
		{"\tname: \x1b[31m\u202e\n", 1, 2, "     name: ?[31m?\n     ^\n"},
		{"type: a\n", 1, 99, "    type: a\n           ^\n"},
		{long, 1, 207, "    " + long[146:] + "\n    " + string(bytes.Repeat([]byte(" "), 60)) + "^\n"},
		{"a: sk-1\n", 1, 4, "    a: …\n       ^\n"},
		{"  - access_token: sk-1\n", 1, 5, "      - access_token: …\n        ^\n"},
		{"s: {type: secret-imput, default: sk-1, x: 1}\n", 1, 5, "    s: {type: secret-imput, default: …\n        ^\n"},
		{"s: {\"default\" : sk-1, type: x}\n", 1, 21, "    s: {\"default\" : …\n                     ^\n"},
		{"s: {defaults: {a: sk-1}, type: x}\n", 1, 5, "    s: {defaults: …\n        ^\n"},
		{"type: &sk-1 x\n", 1, 7, "    type: …\n          ^\n"},
		{"k:\n  default: |\n\n    sk-1\n  a: b\n", 4, 5, ""},
		{"k:\n  default: |\n  sk one\n  a: b\n", 3, 3, ""},
		{"k:\n  default: |\n      sk-1\n    name: sk-2\n", 4, 5, ""},
		{"k:\n  default: {a: b,\n      name: sk-1}\n", 3, 7, ""},
		{"k:\n  default=sk-1\n", 2, 3, ""},
		{"k:\n  default: sk-1\n  type: b\n", 3, 3, "      type: b\n      ^\n"},
		{"k:\n  default: sk-1\n  a:\n    type: c\n", 4, 5, "        type: c\n        ^\n"},
		{"a: 1\n", 3, 1, ""},
		{"a: 1\n", 0, 0, ""},
		{"\n \n", 2, 1, ""},
		{"type: \xff\n", 1, 1, ""},
	}
	for _, test := range tests {
		if got := excerpt(sourceLines([]byte(test.source)), model.Position{Line: test.line, Column: test.column}); got != test.want {
			t.Errorf("%q at %d:%d:\ngot  %q\nwant %q", test.source, test.line, test.column, got, test.want)
		}
	}
}

// TestReportOnTerminal sets the environment, so it does not run in parallel.
func TestReportOnTerminal(t *testing.T) {
	diags := model.Diagnostics{{
		Pos: model.Position{File: "p.yaml", Line: 1, Column: 4}, Severity: model.SeverityError, Rule: "x", Message: "wrong",
	}}
	sources := map[string][]byte{"p.yaml": []byte("name: b\n")}
	for noColor, want := range map[string]string{
		"":  "p.yaml:1:4: \x1b[1;31merror\x1b[0m: wrong [x]\n    name: b\n       ^\n",
		"1": "p.yaml:1:4: error: wrong [x]\n    name: b\n       ^\n",
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
