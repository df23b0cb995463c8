package difygen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// find returns the first submatch of every match, sorted and without duplicates.
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

// TestServeIsDocumentedAsItIs checks that every name of package serve in the documents
// exists, and that each list of environment variables has exactly those that it reads.
func TestServeIsDocumentedAsItIs(t *testing.T) {
	t.Parallel()
	sources := glob(t, "serve/*.go")
	sources = slices.DeleteFunc(sources, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	declared := find(t, regexp.MustCompile(`(?m)^(?:func|type) ([A-Z]\w*)`), sources...)
	documents := slices.Concat(glob(t, "*.md"), glob(t, "docs/*.md"), glob(t, "deploy/*.md"), sources)
	for _, name := range find(t, regexp.MustCompile(`\bserve\.([A-Z]\w*)`), documents...) {
		if !slices.Contains(declared, name) {
			t.Errorf("serve.%s is documented but does not exist", name)
		}
	}
	read := find(t, regexp.MustCompile(`e\.\w+\("([A-Z_]+)"`), "serve/config.go")
	const row = "(?m)^\\| `([A-Z_]+)`"
	const second = "(?m)^\\| `[A-Z_]+`, `([A-Z_]+)`"
	listed := slices.Concat(find(t, regexp.MustCompile(row), "docs/run.md"), find(t, regexp.MustCompile(second), "docs/run.md"))
	slices.Sort(listed)
	for list, names := range map[string][]string{
		"docs/run.md":             listed,
		"serve's package comment": find(t, regexp.MustCompile(`(?m)^//\t([A-Z_]+) `), "serve/serve.go"),
		"serve's usage":           find(t, regexp.MustCompile(`\b([A-Z]+_[A-Z_]+)\b`), "serve/usage.go"),
	} {
		if diff := cmp.Diff(read, names); diff != "" {
			t.Errorf("variables (-read +listed in %s):\n%s", list, diff)
		}
	}
}

// glob returns the names of the files that match a pattern, of which there must be some.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	return names
}
