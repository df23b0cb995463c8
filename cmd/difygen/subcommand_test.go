package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestSubcommandsAreDocumented checks that the usage, and the manual in the package comment
// of the module's root, have every subcommand.
func TestSubcommandsAreDocumented(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../generate.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	var usage, stderr bytes.Buffer
	if code := run([]string{"help"}, &usage, &stderr); code != exitDone || stderr.Len() > 0 {
		t.Fatalf("difygen help: exit code %d, %s", code, &stderr)
	}
	for _, s := range subcommands() {
		if !strings.Contains(usage.String(), "    "+s.synopsis()+"  ") {
			t.Errorf("the usage lacks %q", s.synopsis())
		}
		if !strings.Contains(file.Doc.Text(), "\t"+s.synopsis()+"\n") {
			t.Errorf("the manual lacks %q", s.synopsis())
		}
		if s.summary == "" {
			t.Errorf("%q has no summary", s.synopsis())
		}
	}
}
