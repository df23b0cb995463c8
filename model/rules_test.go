package model

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/golden"
)

// TestRulesPage compares docs/rules.md with the table of rules.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	golden.Check(t, "../docs/rules.md", []byte(rulesPage()))
}

// TestRules checks that each rule is complete and in the table once.
func TestRules(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := make(map[Rule]bool)
	for _, info := range rules {
		if !name.MatchString(string(info.rule)) || seen[info.rule] || info.severity == "" || info.chapter == "" ||
			!strings.HasSuffix(info.what, ".") && !strings.HasSuffix(info.what, ")") || !strings.HasSuffix(info.fix, ".") && !strings.HasSuffix(info.fix, ")") {
			t.Errorf("%+v", info)
		}
		seen[info.rule] = true
	}
}

// rulesPage returns the text of docs/rules.md.
func rulesPage() string {
	var b strings.Builder
	b.WriteString(rulesIntroduction)
	var current chapter
	for _, info := range rules {
		if info.chapter != current {
			current = info.chapter
			fmt.Fprintf(&b, "\n## %s\n\n| rule | meaning | fix |\n|---|---|---|\n", current)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", info.rule, info.what, info.fix)
	}
	return b.String()
}

const rulesIntroduction = `# Rules

Every diagnostic ends with the name of its rule. An error means that the Dify host cannot load the file, or
that no Go code can be generated for it; then nothing is written. A warning means that the host silently drops
something, that the file breaks a rule that the host declares (it checks those when a plugin is signed or
debugged remotely), or that the author will regret it. ` + "`" + `-strict` + "`" + ` makes warnings errors.

A comment ignores warnings that you have looked at. Put it above a key or an item of a list, or at the end of
its first line. It applies to the key with its whole value, or to the whole item, and only to the rules that it
names; a reason can follow after ` + "`" + `--` + "`" + `. What an alias or ` + "`" + `<<` + "`" + ` brings in is reported at the anchor, where it is written, so the
comment belongs there. Errors cannot be ignored.

<!-- loads: tool -->
` + "`" + `` + "`" + `` + "`" + `yaml
credentials_schema:
  # difygen:ignore refresh-token -- these tokens never expire
  - name: access_token
    type: secret-input
` + "`" + `` + "`" + `` + "`" + `

A comment that ignores nothing is itself a warning, ` + "`" + `unused-ignore` + "`" + `, but only in a run that made every check of
the rule. ` + "`" + `name-clash` + "`" + ` and ` + "`" + `numbered-name` + "`" + ` are checked only when generating; ` + "`" + `manifest` + "`" + `, ` + "`" + `asset` + "`" + `,
` + "`" + `identity` + "`" + `, ` + "`" + `duplicate-name` + "`" + `, ` + "`" + `model-type` + "`" + ` and ` + "`" + `mixed-types` + "`" + ` in full only by a run for the whole plugin and by ` + "`" + `difygen package` + "`" + `. All
other rules are checked whenever the file is read.

A comment ` + "`" + `# difygen:name NAME` + "`" + `, in the same places, chooses the Go name of a field or an option of a select. Of a
field, NAME is the name in the struct. Of an option, it is the whole constant, without the provider's prefix. In the
file of a model, it can also be above a parameter, an option of one, or ` + "`" + `model` + "`" + `, whose constant it names. Of a
parameter of several models, one comment is enough.

<!-- loads: tool -->
` + "`" + `` + "`" + `` + "`" + `yaml
credentials_schema:
  - name: order
    type: select
    options:
      - {value: id, label: {en_US: Oldest first}}
      # difygen:name OrderDescending
      - {value: -id, label: {en_US: Newest first}}
` + "`" + `` + "`" + `` + "`" + `
`
