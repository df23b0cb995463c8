package model

import (
	"slices"
	"strings"
)

// Rule names the rule that a diagnostic is about, such as "field-type". docs/rules.md
// explains each.
type Rule string

// Step is a step of a run in which rules are checked.
type Step string

// The steps that only some runs take: choosing Go names, and declaring the plugin to
// the host.
const (
	StepNames   Step = "names"
	StepDeclare Step = "declare"
)

// stepLoading is the step that every run takes: reading a file.
const stepLoading Step = "load"

// ruleInfo is what this package knows about a rule.
type ruleInfo struct {
	rule     Rule
	severity Severity // of most of its diagnostics
	chapter  chapter  // of docs/rules.md
	steps    []Step   // the steps that check it; none if it cannot be ignored
	onlyGo   bool     // its errors are about Go code: the host loads the file
	what     string   // what it means, in Markdown
	fix      string   // what to do, in Markdown
}

// chapter is a chapter of docs/rules.md.
type chapter string

const (
	cannotLoad  chapter = "Errors: the host cannot load it"
	noGo        chapter = "Errors: no Go code for it"
	breaksRules chapter = "Warnings: it breaks a rule of the host"
	surprising  chapter = "Warnings: it is not what it seems"
	regretted   chapter = "Warnings: authors regret it"
)

// rules are all rules, in the order of docs/rules.md, which is that of this file and then ruleswarnings.go.
var rules []ruleInfo

// newRule adds a rule to rules.
func newRule(info ruleInfo) Rule {
	rules = append(rules, info)
	return info.rule
}

var ruleSyntax = newRule(ruleInfo{
	rule: "yaml-syntax", severity: SeverityError, chapter: cannotLoad,
	what: `The file is not YAML, or not UTF-8.`,
	fix:  `Do what the message says, on the line that it names or the one before. If the host names another line, the message ends with that.`,
})

var ruleType = newRule(ruleInfo{
	rule: "yaml-type", severity: SeverityError, chapter: cannotLoad,
	what: "A value has the wrong type: `required: \"true\"`, `label: Key`.",
	fix:  "Write what the message asks for: `required: true`, `label: {en_US: Key}`.",
})

var ruleDuplicateKey = newRule(ruleInfo{
	rule: "duplicate-key", severity: SeverityError, chapter: cannotLoad,
	what: "A map defines one key twice. (Of two fields with one name, the host uses the last: see `duplicate-name`.)",
	fix:  `Remove one.`,
})

var ruleAlias = newRule(ruleInfo{
	rule: "alias-expansion", severity: SeverityError, chapter: cannotLoad,
	what: `Aliases expand to a value that contains itself, or to hundreds of thousands of values.`,
	fix:  `Write out only what is needed.`,
})

var ruleFieldType = newRule(ruleInfo{
	rule: "field-type", severity: SeverityError, chapter: noGo, steps: []Step{stepLoading}, onlyGo: true,
	what: "`type` is missing, or is not a type that the host knows for such a field. It is a warning for types that have a Go type all the same, such as `string`, `radio` and `switch` for a credential.",
	fix:  "Use the type that the message suggests. A credential is a " + typeList(knownTypes(inCredentials)) + ".",
})

// RuleNameClash is the rule about names in Go.
var RuleNameClash = newRule(ruleInfo{
	rule: "name-clash", severity: SeverityError, chapter: noGo, steps: []Step{StepNames},
	what: "Two providers need the same Go name in one package (providers of different kinds can share theirs), or a `# difygen:name` comment chooses a name that something else has. It is a warning for two fields of one struct, two options, two items, two models, two values in a path, or two outputs of an item, whose names in the YAML give the same Go name: the later one gets a number.",
	fix:  "Give the providers different packages or prefixes. Choose another name for the field, option or model, with a `# difygen:name` comment; rename the item, output or value, or the file of the endpoint.",
})

var ruleNameComment = newRule(ruleInfo{
	rule: "name-comment", severity: SeverityError, chapter: noGo, steps: []Step{stepLoading}, onlyGo: true,
	what: "A `# difygen:name` comment has no name, several, or one that is not an exported Go identifier. It is a warning if the comment has nothing to name, if another comment names it already, or if a comment looks like a misspelled one.",
	fix:  "Write `# difygen:name NAME` above a field, an option or the name of a model, or at the end of its first line.",
})

// RuleEndpointPath is the rule about the paths of endpoints.
var RuleEndpointPath = newRule(ruleInfo{
	rule: "endpoint-path", severity: SeverityError, chapter: noGo, steps: []Step{StepNames},
	what: "The `path` of an endpoint is not a pattern that Dify's SDK and Go both understand, such as `/items/<int:id>`, or no request has its `method`. It is a warning for a value as other frameworks write it, such as `{id}` or `:id`, which is a text here, and for what no path of a request has: `?`, `#`, `%2F`, `..`. So it is for an endpoint that no request reaches, since one before it has the same pattern and method: `GET` includes `HEAD`. Only a run for the whole plugin reports it.",
	fix:  "Do what the message says. Write `<id>` for a value. List the endpoint for `HEAD` before the one for `GET`; remove one that is there twice.",
})

// RuleManifest is the rule about a plugin's manifest and the files that it names.
var RuleManifest = newRule(ruleInfo{
	rule: "manifest", severity: SeverityError, chapter: noGo, steps: []Step{StepDeclare},
	what: "The manifest or a provider lists a file that does not exist, is not a regular file, or is outside the plugin's folder. It is a warning if the manifest lists no providers, and if the file of a tool or another item does not exist yet when code for credentials is generated. A run for the whole plugin and `difygen package` also report what the host would refuse in a manifest (its author, name, versions, `created_at`, `meta`, kinds that cannot share a plugin), and warn of what it would not use, and of permissions without which endpoints or agent strategies are of no use.",
	fix:  `Correct the path, or write what the message asks for.`,
})

// RuleNoCode is the rule about what a plugin declares and no code answers for.
var RuleNoCode = newRule(ruleInfo{
	rule: "no-code", severity: SeverityError, chapter: noGo,
	what: "The plugin declares something that Dify asks nothing of, such as a data source whose provider has an unknown `provider_type`. Only `difygen package` reports it. With `-allow-incomplete`, it is a warning.",
	fix:  "Remove it from the YAML, or pack the plugin with `-allow-incomplete`: calls to it fail with an error.",
})

// RuleAsset is the rule about a plugin's icons and other assets.
var RuleAsset = newRule(ruleInfo{
	rule: "asset", severity: SeverityError, chapter: noGo, steps: []Step{StepDeclare},
	what: "The YAML names an icon that is not in the folder `_assets`, or the folder holds more than 50 MiB or a file of more than 32 MiB, is a symbolic link, or is a Go module. It is a warning for what is left out there: an empty file, a symbolic link, a Go module, a key (`.pem`, `.key`, `.env`, what has the first line of a private key …), what starts with a dot, or a name that Go cannot embed, such as `it's.png`.",
	fix:  "Put the icon in `_assets`, and name it by its path from there. Rename or remove what is left out.",
})

var ruleTooLarge = newRule(ruleInfo{
	rule: "too-large", severity: SeverityError, chapter: noGo,
	what: `A map has more than 10,000 keys, or one key hundreds of times, which takes the host's decoder minutes, or there are more than 10,000 fields in a section or options in a field.`,
	fix:  `Split it.`,
})

// typeList lists field types in Markdown.
func typeList(types []FieldType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = "`" + string(t) + "`"
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// info returns the row for r, or a zero row for an unknown rule.
func (r Rule) info() ruleInfo {
	i := slices.IndexFunc(rules, func(info ruleInfo) bool { return info.rule == r })
	if i < 0 {
		return ruleInfo{}
	}
	return rules[i]
}

// ignorable returns the rules that a comment can ignore.
func ignorable() []Rule {
	var list []Rule
	for _, info := range rules {
		if len(info.steps) > 0 {
			list = append(list, info.rule)
		}
	}
	return list
}
