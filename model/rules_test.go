package model

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/golden"
)

// TestRulesPage holds docs/rules.md to the table of rules.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	golden.Check(t, "../docs/rules.md", []byte(rulesPage()))
}

// TestRules wants every rule once, with all that its page says of it.
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

// rulesPage is docs/rules.md.
func rulesPage() string {
	var b strings.Builder
	b.WriteString(rulesIntroduction)
	var group chapter
	for _, info := range rules {
		if info.chapter != group {
			group = info.chapter
			fmt.Fprintf(&b, "\n## %s\n\n| rule | what | the fix |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", info.rule, info.what, info.fix)
	}
	return b.String()
}

const rulesIntroduction = `# Rules

Every diagnostic ends in the name of its rule. An error means that the Dify host cannot load the file, or
that no Go type can stand for what it says; nothing is written then. A warning means that the host drops
something without a word, that one of the rules it declares is broken (it checks those when a plugin is
signed or debugged remotely), or that the author will regret it. ` + "`" + `-strict` + "`" + ` makes warnings errors.

A warning that you have looked at can be silenced where it stands, by a comment above an entry or at the end
of its first line. It holds for the whole entry (a key with what is below it, or an item of a list) and for the
rules that it names; a reason can follow behind ` + "`" + `--` + "`" + `. What an alias or ` + "`" + `<<` + "`" + ` brings in is reported where it is
written, at the anchor; the comment belongs there. Errors cannot be silenced.

` + "`" + `` + "`" + `` + "`" + `yaml
credentials_schema:
  # difygen:ignore refresh-token -- these tokens never expire
  - name: access_token
    type: secret-input
` + "`" + `` + "`" + `` + "`" + `
`
