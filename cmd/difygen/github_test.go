package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

func TestAnnotation(t *testing.T) {
	t.Parallel()
	g := &github{root: "/work/repo/plugins", workspace: "/work/repo"}
	for want, a := range map[string]annotation{
		"::error file=plugins/a.yaml,line=3,col=7,title=t::m":           {severity: model.SeverityError, file: "a.yaml", line: 3, column: 7, title: "t", message: "m"},
		"::warning title=t::m":                                          {severity: model.SeverityWarning, title: "t", message: "m"},
		"::error title=50%25%2C a%3Ab ::100%25: a, b ::error::x":        {severity: model.SeverityError, title: "50%, a:b\n", message: "100%: a, b\n::error::x"},
		"::error file=../../other/a.yaml,title=t::./::error::x":         {severity: model.SeverityError, file: "../../other/a.yaml", title: "t", message: "::error::x"},
		"::error file=plugins/x%2Cline=1%3A%25/a b.yaml,title=t::%250A": {severity: model.SeverityError, file: "x,line=1:%/a b.yaml", title: "t", message: "%0A"},
		"::error title=t::# #[group]x":                                  {severity: model.SeverityError, title: "t", message: "##[group]x"},
	} {
		var out bytes.Buffer
		if g.write(&out, a); out.String() != want+"\n" {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	}
}

// TestWorkspace checks the path of a file where the workspace is reached by a link.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "repo", "sub"), 0o750), os.Symlink("repo", link)); err != nil {
		t.Skip("no links", err)
	}
	for _, g := range []*github{
		{root: filepath.Join(dir, "repo", "sub"), workspace: link}, {root: filepath.Join(link, "sub"), workspace: filepath.Join(dir, "repo")},
	} {
		if got := g.path("a.yaml"); got != "sub/a.yaml" {
			t.Errorf("%+v: got %s", g, got)
		}
	}
	if got := (&github{root: dir}).path("a.yaml"); got != "a.yaml" {
		t.Errorf("without a workspace: got %s", got)
	}
}

// TestNoCommandInOutput checks that nothing that comes from YAML, or from files, is a command of
// GitHub Actions, whatever a run prints.
func TestNoCommandInOutput(t *testing.T) {
	t.Parallel()
	const hostile = "::error::x\n  ::set-output name=a::b\n##[error]x\n\t::warning::y\n"
	var out bytes.Buffer
	std := streams{stdout: &out, stderr: &out, github: &github{}}
	std.fail(errors.New(hostile))
	std.note(true, hostile)
	std.diff([]commit.Change{{Name: hostile, Old: []byte(hostile), New: []byte("\n" + hostile + "::debug::z")}})
	std.outOfDate(hostile, []commit.Change{{Name: hostile}}, false)
	std.outOfDate(hostile, nil, true)
	showMissing(std, []pipeline.Missing{{File: hostile, Package: "p", Type: "T", Code: "// a\n" + hostile, Imports: []string{"context"}}})
	std.report(model.Diagnostics{{Pos: model.Position{File: hostile}, Severity: model.SeverityWarning, Rule: "x", Message: hostile}}, nil, reportOptions{})
	for line := range strings.Lines(out.String()) {
		command, isCommand := strings.CutPrefix(strings.TrimLeft(line, " \t"), "::")
		ours := strings.HasPrefix(command, "error file=") || strings.HasPrefix(command, "error title=difygen") || strings.HasPrefix(command, "warning file=")
		if isCommand && !ours || strings.Contains(line, "##[") {
			t.Errorf("a command: %q", line)
		}
	}
}
