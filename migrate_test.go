package difygen_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// rowRE matches a row of a table with two columns.
var rowRE = regexp.MustCompile(`(?m)^\| (.*?) \| (.*) \|$`)

// spanRE matches code in a sentence.
var spanRE = regexp.MustCompile("`([^`\n]+)`")

// TestMigrationIsComplete checks that docs/migrate.md has each name of the Python SDK: the public
// classes and methods of its packages interfaces, invocations, errors and file, those methods that
// plugins override, what the SDK exports at its top, and the entities that authors make or read.
func TestMigrationIsComplete(t *testing.T) {
	t.Parallel()
	names, err := os.ReadFile("testdata/sdk/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, span := range find(t, spanRE, "docs/migrate.md") {
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(span, -1) {
			found[word] = true
		}
	}
	for name := range strings.FieldsSeq(string(names)) {
		if !found[name] {
			t.Errorf("docs/migrate.md does not have %s", name)
		}
	}
}

// TestMigrationIsTrue checks that every Go name in the tables of docs/migrate.md exists: in the
// package that it names or, of fields, methods and what is generated, somewhere.
func TestMigrationIsTrue(t *testing.T) {
	t.Parallel()
	names := declaredNames(t, "./runtime/...", "./serve", "./internal/session", "./examples/...", "./testdata/golden/...", "net/http", "log/slog", "time")
	page, err := os.ReadFile("docs/migrate.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range regexp.MustCompile(`\b[A-Z]\w*`).FindAllString(strings.Join(find(t, regexp.MustCompile("(?s)```go\n(.*?)```"), "docs/migrate.md"), ""), -1) {
		names[word] = true // the plugin of the page compiles
	}
	checked := 0
	for _, row := range rowRE.FindAllStringSubmatch(string(page), -1) {
		for _, span := range spanRE.FindAllStringSubmatch(row[2], -1) {
			for _, m := range regexp.MustCompile(`(?:\b([a-z]\w*)\.)?\b([A-Z]\w*[a-z]\w*|URL|ID)\b`).FindAllStringSubmatch(span[1], -1) {
				checked++
				if name, qualified := m[2], m[1]+"."+m[2]; !names[qualified] && (names[m[1]+"."] || !names[name]) {
					t.Errorf("%s does not exist: %s", strings.TrimPrefix(qualified, "."), row[0])
				}
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d names were checked", checked)
	}
}

// declaredNames returns what packages declare, each name alone and after that of the package,
// and the names of the packages with a dot.
func declaredNames(t *testing.T, patterns ...string) map[string]bool {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", `{{$p := .}}{{range .GoFiles}}{{$p.Dir}}/{{.}}{{"\n"}}{{end}}`}, patterns...)...)
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for file := range strings.FieldsSeq(string(output)) {
		f, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pkg := f.Name.Name
		if path.Base(filepath.ToSlash(filepath.Dir(file))) != "session" { // whose names are aliases in serve
			names[pkg+"."] = true
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name], names[pkg+"."+n.Name.Name] = true, true
				return false
			case *ast.TypeSpec:
				names[n.Name.Name], names[pkg+"."+n.Name.Name] = true, true
			case *ast.ValueSpec:
				for _, name := range n.Names {
					names[name.Name], names[pkg+"."+name.Name] = true, true
				}
			case *ast.Field:
				for _, name := range n.Names {
					names[name.Name] = true
				}
			}
			return true
		})
	}
	return names
}
