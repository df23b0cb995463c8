package docscript

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParse checks what is a block, and what belongs to it.
func TestParse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []block
	}{
		"fence":             {"Text.\n\n```go\nx\n\n\ty\n```\n", []block{{line: 4, lang: "go", text: "x\n\n\ty\n", lead: "Text."}}},
		"two paragraphs":    {"One.\n\nTwo\nlines:\n```\nx\n```\n", []block{{line: 6, text: "x\n", lead: "Two lines:"}}},
		"indented":          {"Text:\n\n    x\n\n      y\n\nText.\n", []block{{line: 3, text: "x\n\n  y\n", lead: "Text:"}}},
		"no block":          {"Text\n    goes on.\n", nil},
		"in a list":         {"1. Text:\n\n       x\n\n   Text.\n\n    no block\n\nText:\n\n    y\n", []block{{line: 3, text: "x\n", lead: "Text:"}, {line: 11, text: "y\n", lead: "Text:"}}},
		"fence in list":     {"- Text:\n\n  ```sh\n  x\n  ```\n", []block{{line: 4, lang: "sh", text: "x\n", lead: "Text:"}}},
		"mark":              {"Text:\n\n<!-- not run: it is slow -->\n```go\nx\n```\n", []block{{line: 5, lang: "go", text: "x\n", lead: "Text:", mark: mark{"not run", "it is slow"}}}},
		"mark of indented":  {"Text:\n\n<!-- fails -->\n\n    go x\n", []block{{line: 5, text: "go x\n", lead: "Text:", mark: mark{"fails", ""}}}},
		"below a heading":   {"`x`:\n## Title\n    x\n\nTitle\n---\n    y\n", []block{{line: 3, text: "x\n"}, {line: 7, text: "y\n"}}},
		"heading ends list": {"- Item.\n# Title\n    x\n", []block{{line: 3, text: "x\n"}}},
		"forms in words":    {"See `~~~`, `<pre>`, `<!--`\n\tand > ```.\n", nil},
		"alone":             {"<!-- new folder -->\n\nText.\n", []block{{line: 1, mark: mark{"new folder", ""}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(block{}, mark{})); diff != "" {
				t.Errorf("blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFaults checks that what a document does not say, or says wrongly, is an error.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no language":       {"Text.\n\n```go\nx\n```\n", "line 4: nothing says what this block is"},
		"open":              {"```go\nx\n", "line 1: the block does not end"},
		"no reason":         {"<!-- not run -->\n```go\nx\n```\n", `the mark "not run" has a wrong value`},
		"unknown mark":      {"<!-- later: x -->\n```go\nx\n```\n", `line 1: unknown mark "later"`},
		"comment":           {"<!-- Later. -->\n", "line 1: a comment that is no mark"},
		"lost mark":         {"<!-- fails -->\n", `the mark "fails" is before no block`},
		"tildes":            {"Text.\n\n~~~sh\nls\n~~~\n", "line 3: unsupported code block"},
		"quoted fence":      {"> ```sh\n> ls\n> ```\n", "line 1: unsupported code block"},
		"quoted indented":   {">     ls\n", "line 1: unsupported code block"},
		"fence after item":  {"1. ```sh\n   ls\n   ```\n", "line 1: unsupported code block"},
		"fence with title":  {"```sh title=x\nls\n```\n", "line 1: unsupported code block"},
		"pre":               {"Text.\n\n  <PRE>\nls\n</PRE>\n", "line 3: unsupported code block"},
		"pre in a table":    {"<td><pre class=x>\nls\n</pre></td>\n", "line 1: unsupported code block"},
		"tab":               {"Text.\n\n\tls\n", "line 3: code that a tab indents"},
		"tab first":         {"  \tls\n", "line 1: code that a tab indents"},
		"tab after block":   {"    echo\n\tls\n", "line 2: code that a tab indents"},
		"tab below heading": {"# Title\n\tls\n", "line 2: code that a tab indents"},
		"comment in text":   {"Text. <!-- fails -->\n", "line 1: a comment that is no mark"},
		"text after mark":   {"<!-- not run: x -->\n\nText.\n\n    cat none\n", `line 3: text between the mark "not run" and its block`},
		"title after mark":  {"<!-- not run: x -->\n# Title\n    cat none\n", `line 2: text between the mark "not run" and its block`},
		"run after mark":    {"<!-- not run: x -->\n<!-- run: echo -->\n\n    cat none\n", "line 2: two marks before one block"},
		"two marks":         {"<!-- fails -->\n<!-- output -->\n```sh\necho\n```\n", "line 2: two marks before one block"},
		"output first":      {"    It says.\n", "line 1: no command before this output"},
		"wrong output":      {"    echo one\n\nsays\n\n    two\n", "line 5: output (-document +got)"},
		"command fails":     {"    cat none\n", "line 1: open "},
		"no command":        {"```sh\nls\n```\n", "documents have no command ls"},
		"does not fail":     {"<!-- fails -->\n\n    echo one\n", "the command does not fail"},
		"early failure":     {"<!-- fails -->\n```sh\ncat none\ncd none\n```\n", "line 3: open "},
		"early status":      {"<!-- fails -->\n```sh\ncd none\ncd none2\n```\n", "line 3: exit status 1"},
		"before &&":         {"<!-- fails -->\n```sh\ncd none && cd none2\n```\n", "line 3: exit status 1"},
		"&& in the middle":  {"```sh\ncd none && echo\necho\n```\n", "line 2: exit status 1"},
		"before a pipe":     {"```sh\ncd none | echo\n```\n", "line 2: exit status 1"},
		"in a substitution": {"```sh\necho $(go tool none)\n```\n", "line 2: exit status 2"},
		"or":                {"```sh\ncd none || echo\n```\n", "documents have no ||"},
		"background":        {"```sh\ncat none &\n```\n", "documents have neither ! nor &"},
		"not":               {"```sh\n! cd none\n```\n", "documents have neither ! nor &"},
		"not in $()":        {"```sh\necho $(! cd none)\n```\n", "documents have neither ! nor &"},
		"exit":              {"```sh\nexit 0\ncat none\n```\n", "documents have no command exit"},
		"if":                {"```sh\nif cd none; then echo; fi\n```\n", "documents have only simple commands"},
		"only a comment":    {"```sh\n# go test\n```\n", "line 2: no command"},
		"run does not fail": {"<!-- run fails: echo -->\n", "line 1: the command does not fail"},
		"run fails early":   {"<!-- run fails: cd none; cd none -->\n", "line 1: exit status 1"},
		"outside":           {"<!-- file: ../x -->\n\n    x\n", "is not in the document's folder"},
		"shows another":     {"`x.go`:\n\n    a b c\n\n<!-- shows: x.go -->\n\n    a c\n", `x.go does not have "a c" here`},
		"not in repository": {"<!-- from: docscript.go -->\n\n    nowhere " + "else\n", "docscript.go does not have this text"},
		"late continues":    {"    echo\n\n<!-- continues: x.md -->\n", "this mark must be the first one"},
		"broken statements": {"`go.mod`:\n\n    module x\n\n`x.go`:\n\n    package x\n\n<!-- func: x.go (i int) -->\n\n    var unused int\n", "declared and not used: unused"},
		"broken YAML":       {"<!-- loads: tool -->\n```yaml\ncredentials_schema: {a: b: c}\n```\n", "[yaml-syntax]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := runText(t, t.TempDir(), test.text); got == nil || !strings.Contains(got.Error(), test.want) {
				t.Errorf("got error %v, want %q", got, test.want)
			}
		})
	}
}

// runText runs a document in a folder.
func runText(t *testing.T, dir, text string) error {
	t.Helper()
	blocks, err := parse(text)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{repository: &repository{root: root}, t: t, dir: dir}
	return s.run(blocks)
}

// TestRun runs a document with all kinds of blocks.
func TestRun(t *testing.T) {
	t.Parallel()
	const document = "`go.mod`:\n\n    module example.com/x\n\n" +
		"`x.go` has a function:\n\n```go\npackage main\n\nimport \"os\"\n\n// main exits.\nfunc main() { os.Exit(0) }\n\nvar one = 1\n```\n\n" +
		"In `x.go`, print instead:\n\n```go\n// main prints.\nfunc main() {\n\tfmt.Println(one)\n\tfmt.Println(\"two\")\n}\n```\n\n" +
		"```sh\ncd . # stay\nA=1 go run . && echo three\n```\n\nprints\n\n    1\n    …\n    t…e\n\n" +
		"<!-- fails -->\n\n    echo && go run ./none\n\n<!-- run fails: cd none -->\n\n" +
		"<!-- shows: x.go -->\n\n    main prints. … main() {\n    fmt.Println(\"two\")\n\n" +
		"<!-- func: x.go (list []string) string -->\n\n    return strings.Join(list, \"\")\n\n" +
		"`a.yaml`:\n\n    # All.\n    a: 1\n    b:\n      - 2\n    c: 3\n\nIn `a.yaml`, change:\n\n    b:\n      - 4\n    d: 5\n\nThen\n\n    cat a.yaml\n\n<!-- output -->\n\n    # All.\n    a: 1\n    b:\n      - 4\n    c: 3\n    d: 5\n\n" +
		"<!-- from: docscript.go -->\n\n    package docscript\n\n" +
		"<!-- new folder -->\n<!-- run: mkdir empty -->\n\n```mermaid\nflowchart TD\n```\n"
	dir := t.TempDir()
	if err := runText(t, dir, document); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 3 {
		t.Errorf("got files %q, %v", left, err)
	}
}

// TestContinues checks that a document starts with what another has left.
func TestContinues(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"one.md":      "`a.txt`:\n\n    one\n\n<!-- snapshot -->\n\n`a.txt`:\n\n    two\n",
		"end.md":      "`a.txt`:\n\n    end\n",
		"last.md":     "<!-- continues: end.md -->\n\n    cat a.txt\n\n<!-- output -->\n\n    end\n",
		"docs/two.md": "<!-- continues: ../one.md -->\n\n    cat a.txt\n\n<!-- output -->\n\n    one\n",
	})
	Run(t, root, "docs/two.md", "one.md", "last.md", "end.md")
}

// TestNeverRun checks that a document that would not run is an error.
func TestNeverRun(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"begins.md": "Text.\n",
		"lost.md":   "<!-- continues: nothere.md -->\n",
		"one.md":    "<!-- continues: two.md -->\n",
		"two.md":    "<!-- continues: one.md -->\n",
		"itself.md": "<!-- continues: itself.md -->\n",
		"links.md":  "Text.\n\n[a](none.md)\n",
	})
	for name, test := range map[string]struct {
		documents []string
		want      string
	}{
		"none":       {nil, "no documents"},
		"a link":     {[]string{"begins.md", "links.md"}, "links.md: line 3: the link to none.md: there is no none.md"},
		"not there":  {[]string{"begins.md", "lost.md"}, "lost.md continues nothere.md, which is not among the documents"},
		"not given":  {[]string{"begins.md", "one.md"}, "one.md continues two.md, which is not among the documents"},
		"each other": {[]string{"begins.md", "one.md", "two.md"}, "one.md does not run"},
		"itself":     {[]string{"begins.md", "itself.md"}, "itself.md does not run"},
		"no file":    {[]string{"nothere.md"}, "nothere.md: open "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readAll(root, test.documents); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

// folder returns a folder with documents.
func folder(t *testing.T, documents map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range documents {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// FuzzParse checks that every text gives blocks or an error.
func FuzzParse(f *testing.F) {
	f.Add("1. Text:\n\n       x\n\n<!-- fails -->\n```go\nx\n```\n")
	f.Fuzz(func(t *testing.T, text string) {
		blocks, err := parse(text)
		for _, b := range blocks {
			if b.line < 1 || err == nil && b.text == "" && !marks[b.mark.key].alone && b.lang == "" && !strings.Contains(text, "```") {
				t.Errorf("%+v of %q", b, text)
			}
		}
	})
}
