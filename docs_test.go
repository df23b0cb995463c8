package difygen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	_ "github.com/difygen/difygen/internal/golden"
)

// TestRulesAreDocumented wants a line in docs/rules.md for every rule, and a rule
// for every line.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"model/*.go", "gen/*.go", "internal/generate/*.go"} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, matches...)
	}
	declared := find(t, regexp.MustCompile(`(?m)Rule\w+ +(?:model\.)?Rule += "([a-z-]+)"`), files...)
	documented := find(t, regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|"), "docs/rules.md")
	if diff := cmp.Diff(declared, documented); diff != "" {
		t.Errorf("rules (-declared +documented):\n%s", diff)
	}
}

// find returns the first group of every match, sorted and once each.
func find(t *testing.T, re *regexp.Regexp, files ...string) []string {
	t.Helper()
	var found []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range re.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
