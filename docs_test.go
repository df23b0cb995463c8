package difygen_test

import (
	"os"
	"os/exec"
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

// TestNamesInDocuments checks that every name of a package for authors in the documents exists.
func TestNamesInDocuments(t *testing.T) {
	t.Parallel()
	declared := declaredNames(t, "./runtime", "./runtime/agent", "./runtime/authcode", "./runtime/difytest", "./runtime/webhook", "./serve")
	sources := slices.DeleteFunc(glob(t, "serve/*.go"), func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	documents := slices.Concat(glob(t, "*.md"), glob(t, "docs/*.md"), glob(t, "deploy/*.md"), sources)
	names := find(t, regexp.MustCompile(`[^/\w.]((?:runtime|agent|authcode|difytest|webhook|serve)\.[A-Z]\w*)`), documents...)
	if len(names) < 50 {
		t.Errorf("only %d names were found", len(names))
	}
	for _, name := range names {
		if !declared[name] {
			t.Errorf("%s is documented but does not exist", name)
		}
	}
}

// TestFlagsAreDocumented checks that docs/reference.md has every subcommand, and that it or
// docs/run.md has every flag.
func TestFlagsAreDocumented(t *testing.T) {
	t.Parallel()
	reference := find(t, regexp.MustCompile("(?s)^(.*)$"), "docs/reference.md")[0]
	help := func(args ...string) string {
		output, err := exec.CommandContext(t.Context(), "go", append([]string{"tool", "difygen", "help"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(output)
	}
	usage := help()
	flags := regexp.MustCompile(`(?m)^    (-\w+)`)
	found := flags.FindAllStringSubmatch(usage, -1)
	subcommands := regexp.MustCompile(`(?m)^    difygen ([a-z]+) `).FindAllStringSubmatch(usage, -1)
	for _, m := range subcommands {
		if !strings.Contains(reference, "`"+m[1]+"`") {
			t.Errorf("docs/reference.md does not have the subcommand %s", m[1])
		}
		if m[1] != "help" {
			found = append(found, flags.FindAllStringSubmatch(help(m[1]), -1)...)
		}
	}
	if len(subcommands) < 6 || len(found) < 20 {
		t.Errorf("only %d subcommands and %d flags were found", len(subcommands), len(found))
	}
	documented := find(t, regexp.MustCompile("[` \\n](-[a-z]+|-C)\\b"), "docs/reference.md", "docs/run.md")
	for _, m := range found {
		if !slices.Contains(documented, m[1]) {
			t.Errorf("docs/reference.md does not have the flag %s", m[1])
		}
	}
}

// TestServeIsDocumentedAsItIs checks that each list of environment variables has exactly those
// that package serve reads.
func TestServeIsDocumentedAsItIs(t *testing.T) {
	t.Parallel()
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
