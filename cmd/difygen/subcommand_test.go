package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/golden"
)

// TestSubcommandsAreDocumented checks that the usage has every subcommand, and that the list
// in the manual, which is the package comment of the module's root, is that of the table.
func TestSubcommandsAreDocumented(t *testing.T) {
	t.Parallel()
	var usage, stderr bytes.Buffer
	if code := run([]string{"help"}, &usage, &stderr); code != exitDone || stderr.Len() > 0 {
		t.Fatalf("difygen help: exit code %d, %s", code, &stderr)
	}
	var list strings.Builder
	for _, s := range subcommands() {
		if !strings.Contains(usage.String(), "    "+s.synopsis()+"  ") {
			t.Errorf("the usage lacks %q", s.synopsis())
		}
		if s.summary == "" {
			t.Errorf("%q has no summary", s.synopsis())
		}
		list.WriteString("//\t" + s.synopsis() + "\n")
	}
	const manual, heading = "../../generate.go", "// # Subcommands\n//\n"
	src, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(src), heading)
	_, after, end := strings.Cut(rest, "//\n")
	if !ok || !end {
		t.Fatalf("%s has no list of subcommands", manual)
	}
	golden.Check(t, manual, []byte(before+heading+list.String()+"//\n"+after))
}
