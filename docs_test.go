package difygen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
// exists, and that they list exactly the environment variables that it reads.
func TestServeIsDocumentedAsItIs(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("serve/*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := find(t, regexp.MustCompile(`(?m)^(?:func|type) ([A-Z]\w*)`), sources...)
	documents := []string{"README.md", "docs/run.md", "docs/deploy.md", "docs/oauth.md", "docs/reference.md", "docs/testing.md", "serve/serve.go"}
	for _, name := range find(t, regexp.MustCompile(`\bserve\.([A-Z]\w*)`), documents...) {
		if !slices.Contains(declared, name) {
			t.Errorf("serve.%s is documented but does not exist", name)
		}
	}
	read := find(t, regexp.MustCompile(`e\.\w+\("([A-Z_]+)"`), "serve/config.go")
	listed := slices.Concat(
		find(t, regexp.MustCompile("(?m)^\\| `([A-Z_]+)`"), "docs/run.md"),
		find(t, regexp.MustCompile("(?m)^\\| `[A-Z_]+`, `([A-Z_]+)`"), "docs/run.md"))
	slices.Sort(listed)
	if diff := cmp.Diff(read, listed); diff != "" {
		t.Errorf("variables (-read +listed in docs/run.md):\n%s", diff)
	}
	if diff := cmp.Diff(read, find(t, regexp.MustCompile(`(?m)^//\t([A-Z_]+) `), "serve/serve.go")); diff != "" {
		t.Errorf("variables (-read +listed in serve's package comment):\n%s", diff)
	}
}
