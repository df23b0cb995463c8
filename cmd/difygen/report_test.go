package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

// TestHostileText checks that names of files, and what files contain, reach neither the
// terminal nor a CI system as they are.
func TestHostileText(t *testing.T) {
	t.Parallel()
	const name = "::x\n\x1b[2J\u202e\u009b##vso[y].yaml"
	diags := model.Diagnostics{{Pos: model.Position{File: name, Line: 1, Column: 1}, Severity: model.SeverityError, Rule: "x", Message: "wrong", Suggestion: name}}
	const clean = "./::x [2J# #vso[y].yaml"
	changes := []commit.Change{{Name: "a", Old: []byte("a\n\tb\x1b[2J\u202e##vso[y]\n"), New: []byte("a\n\tb\n")}}
	for want, act := range map[string]func(streams){
		clean + ":1:1: error: wrong (did you mean ::x [2J# #vso[y].yaml?) [x]\n": func(std streams) { std.report(diags, nil, reportOptions{}) },
		"difygen: " + clean[2:4] + "x\ndifygen: [2J# #vso[y].yaml\n":             func(std streams) { std.fail(errors.New(name)) },
		clean + ": up to date\n": func(std streams) { std.note(true, name+": up to date") },
		"--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-\tb[2J# #vso[y]\n+\tb\ndifygen: the generated code is out of date: run go generate\n": func(std streams) {
			show(std, &pipeline.Result{Changes: changes})
		},
	} {
		var out bytes.Buffer
		act(streams{stdout: &out, stderr: &out})
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	var annotations bytes.Buffer
	streams{stderr: &annotations, github: &github{}}.report(diags, nil, reportOptions{})
	const annotated = "::error file=./%3A%3Ax [2J# #vso[y].yaml,line=1,col=1,title=difygen%3A x::" +
		clean + ":1:1: wrong (did you mean ::x [2J# #vso[y].yaml?) [x]\n"
	if got := annotations.String(); got != annotated {
		t.Errorf("got %q, want %q", got, annotated)
	}
	var out bytes.Buffer
	streams{stderr: &out}.report(diags, nil, reportOptions{json: true})
	var decoded struct{ File, Suggestion string }
	const want = `{"file":"::x\n\u001b[2J\u202e\u009b\u0023\u0023vso[y].yaml","line":1,"column":1,"severity":"error","rule":"x","message":"wrong","suggestion":"::x\n\u001b[2J\u202e\u009b\u0023\u0023vso[y].yaml"}` + "\n"
	if err := json.Unmarshal(out.Bytes(), &decoded); err != nil || decoded.File != name || decoded.Suggestion != name || out.String() != want {
		t.Errorf("got %s, %v, want %s", out.String(), err, want)
	}
}

// TestHostileFile checks the names of files that exist.
func TestHostileFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	dir := t.TempDir()
	const name = "::error\n\x1b[2J\u202e.yaml"
	if err := os.WriteFile(filepath.Join(dir, name), []byte("a: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"./::error [2J.yaml:1:4: error: not YAML: ":                            {"-C", dir, name},
		"difygen: \"::error [2J.yaml\": file does not exist; check the path\n": {"-C", os.TempDir(), name},
		"difygen: -C ::error\ndifygen: [2J.yaml: no such folder\n":             {"-C", name},
	} {
		var stderr bytes.Buffer
		if code := run(args, &stderr, &stderr); code == 0 || !strings.HasPrefix(stderr.String(), want) {
			t.Errorf("%q: exit code %d, got %q, want %q", args, code, stderr.String(), want)
		}
	}
}

// TestPrintableCode checks that the difference of a file does not show the default of a
// secret.
func TestPrintableCode(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`+	Key: d.SecretOr("key", "A \"key\"", runtime.FieldOptional, "sk-1"),`: `+	Key: d.SecretOr("key", "A \"key\"", runtime.FieldOptional, …`,
		`+	Key: d.Secret("key", "Key", runtime.FieldOptional),`:                 `+	Key: d.Secret("key", "Key", runtime.FieldOptional),`,
	} {
		if got := printableCode(line); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
