package analyzers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/analyzers"
	"github.com/difygen/difygen/internal/golden"
)

// TestPage compares docs/vet.md with the documentation of the analyzers.
func TestPage(t *testing.T) {
	t.Parallel()
	golden.Check(t, "../../docs/vet.md", []byte(vetPage()))
}

// vetPage returns the text of docs/vet.md.
func vetPage() string {
	var b strings.Builder
	b.WriteString(pageStart)
	b.WriteString("\n| analyzer | what it does |\n|---|---|\n")
	for _, a := range analyzers.All() {
		summary, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "| [`%s`](#%[1]s) | %s |\n", a.Name, summary)
	}
	b.WriteString(pageUse)
	for _, a := range analyzers.All() {
		_, text, _ := strings.Cut(a.Doc, "\n\n")
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", a.Name, fenced(text))
	}
	return b.String()
}

// fenced returns a text of the go command's help, where code is indented, as Markdown.
func fenced(text string) string {
	var b strings.Builder
	code := false
	blank := 0
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		if strings.TrimSpace(line) == "" {
			blank++
			continue
		}
		source, indented := strings.CutPrefix(line, "\t")
		if code && !indented {
			b.WriteString("```\n")
		}
		b.WriteString(strings.Repeat("\n", blank))
		if !code && indented {
			b.WriteString("<!-- not run: the packages in testdata have such code -->\n```go\n")
		}
		blank, code = 0, indented
		b.WriteString(source)
	}
	if code {
		b.WriteString("```\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

const pageStart = `<!-- continues: ../README.md -->

# difygen-vet

The compiler finds a key that the YAML does not declare. What it cannot see is a secret that gets into a log, a check of
credentials that accepts everything, or a stub that was forgotten. difygen-vet finds those, in the code of a plugin:
`

const pageUse = `
It looks at packages that depend on ` + "`runtime`" + `, and at nothing in tests or generated files. It recognizes the types of
difygen by the import path of that package, and generated ones by the header of their file. A helper package that does
not depend on ` + "`runtime`" + ` is not checked.

## How to run it

In the plugin's module, once; one that ` + "`difygen init`" + ` made has it already:

    go get -tool github.com/difygen/difygen/cmd/difygen-vet

Then, and in CI beside ` + "`go vet ./...`" + ` itself:

    go vet -vettool=$(go tool -n difygen-vet) ./...

The go command caches the results, and the exit code is not 0 if something was found. ` + "`go tool difygen-vet ./...`" + ` does
the same without that cache.

- A flag of its name runs one analyzer, ` + "`-secretleak`" + `, or all but one: ` + "`-stdout=false`" + `.
- ` + "`-fix`" + ` makes the changes that it proposes, and ` + "`-fix -diff`" + ` shows them: ` + "`go tool difygen-vet -fix ./...`" + `. Read the
  diff: an added case of a switch, for one, is empty.
- ` + "`-json`" + ` prints what it finds as JSON.
- ` + "`go tool difygen-vet help`" + ` lists the analyzers and flags, and ` + "`help secretleak`" + ` is the text below.

As in go vet, no comment hides a finding. If an analyzer is wrong for your plugin, turn it off by its flag; with
golangci-lint, ` + "`//nolint:difygen // reason`" + ` hides one line. gopls runs no analyzers from outside, so editors show
them only through golangci-lint.

## In golangci-lint

The analyzers are a linter of the name ` + "`difygen`" + ` there, once they are built in. Without a clone, write a main function into a
module of its own, such as the folder ` + "`lint`" + `:

<!-- not run: the tests of tools/golangci-lint build one -->
` + "```go" + `
package main

import (
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"

	_ "github.com/difygen/difygen/golangci"
)

func main() {
	if commands.Execute(commands.BuildInfo{Version: "v2"}) != nil {
		os.Exit(3)
	}
}
` + "```" + `

Build it there. The second command names both modules, since ` + "`golangci`" + ` does not say which version of
the other it takes:

<!-- not run: a test of golangci runs the go get, and those of tools/golangci-lint build such a main function -->

    go mod init lint
    go get github.com/difygen/difygen@latest github.com/difygen/difygen/golangci@latest
    go mod tidy
    go build -o ../golangci-lint .

Or let ` + "`golangci-lint custom`" + ` clone and build it, with this ` + "`.custom-gcl.yml`" + ` and the versions that you use. It has an
entry for each of the two modules, in this order, and imports the same package for both:

<!-- not run: it clones golangci-lint -->
` + "```yaml" + `
version: v2.15.0
plugins:
  - module: github.com/difygen/difygen
    import: github.com/difygen/difygen/golangci
    version: latest
  - module: github.com/difygen/difygen/golangci
    version: latest
` + "```" + `

Either reads ` + "`.golangci.yml`" + `:

<!-- not run: the tests of tools/golangci-lint have one like it -->
` + "```yaml" + `
version: "2"
linters:
  enable: [difygen]
  settings:
    custom:
      difygen:
        type: module
        description: Mistakes in Dify plugins
        settings:
          disable: [notimplemented] # optional
` + "```" + `
`
