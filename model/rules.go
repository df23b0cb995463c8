package model

import "slices"

// Rule is the name of the rule behind a diagnostic.
type Rule string

// The rules that other packages of this module report, too.
const (
	RuleNameClash     Rule = "name-clash"
	RuleManifest      Rule = "manifest"
	RuleIdentity      Rule = "identity"
	RuleDuplicateName Rule = "duplicate-name"
)

// The rules that only this package reports.
const (
	ruleSyntax          Rule = "yaml-syntax"
	ruleType            Rule = "yaml-type"
	ruleDuplicateKey    Rule = "duplicate-key"
	ruleAlias           Rule = "alias-expansion"
	ruleFieldType       Rule = "field-type"
	ruleTooLarge        Rule = "too-large"
	ruleLabel           Rule = "label"
	ruleLength          Rule = "length"
	ruleOption          Rule = "option-value"
	ruleDefault         Rule = "default-type"
	ruleScope           Rule = "scope"
	ruleShowOn          Rule = "show-on"
	ruleDropped         Rule = "dropped"
	ruleUnknownKey      Rule = "unknown-key"
	ruleMisplacedKey    Rule = "misplaced-key"
	ruleUnknownLanguage Rule = "unknown-language"
	ruleNameless        Rule = "nameless-field"
	ruleDuplicateOption Rule = "duplicate-option"
	ruleNoOptions       Rule = "no-options"
	ruleDefaultValue    Rule = "default-value"
	ruleBounds          Rule = "bounds"
	ruleBooleanDefault  Rule = "boolean-default"
	ruleMissingRequired Rule = "missing-required"
	ruleNeverShown      Rule = "never-shown"
	rulePlainSecret     Rule = "plain-secret"
	ruleSecretDefault   Rule = "secret-default"
	ruleRefreshToken    Rule = "refresh-token"
	ruleClientURL       Rule = "client-url"
	ruleURL             Rule = "url"
	ruleUnusedIgnore    Rule = "unused-ignore"
)

// Check is a step of a run in which rules are checked.
type Check string

// The steps that only some runs take: choosing Go names, and declaring the plugin to
// the host.
const (
	CheckNames   Check = "names"
	CheckDeclare Check = "declare"
)

// checkLoading is the step that every run takes: reading a file.
const checkLoading Check = "load"

// ruleInfo is what there is to know of a rule.
type ruleInfo struct {
	rule     Rule
	severity Severity // of most of its diagnostics
	chapter  chapter
	check    Check  // "" if its warnings cannot be ignored
	what     string // for docs/rules.md, in Markdown
	fix      string
}

// chapter is a chapter of docs/rules.md.
type chapter string

const (
	cannotLoad  chapter = "Errors: the host cannot load it"
	noGo        chapter = "Errors: no Go for it"
	breaksRules chapter = "Warnings: a declared rule is broken"
	surprising  chapter = "Warnings: not what it seems"
	regretted   chapter = "Warnings: what authors regret"
)

// rules are all rules, in the order of docs/rules.md.
var rules = []ruleInfo{
	{
		rule: ruleSyntax, severity: SeverityError, chapter: cannotLoad,
		what: `The file is not YAML, or not UTF-8.`,
		fix:  `Usually indentation or a missing quote on the line, or on the one before or behind: the line is the one that the host names.`,
	},
	{
		rule: ruleType, severity: SeverityError, chapter: cannotLoad,
		what: "A value has the wrong type: `required: \"true\"`, `label: Key`.",
		fix:  "Write what the message asks for: `required: true`, `label: {en_US: Key}`.",
	},
	{
		rule: ruleDuplicateKey, severity: SeverityError, chapter: cannotLoad,
		what: "A key is given twice in one map. (Of two fields with one name the host takes the last: see `duplicate-name`.)",
		fix:  `Remove one.`,
	},
	{
		rule: ruleAlias, severity: SeverityError, chapter: cannotLoad,
		what: `Aliases stand for a value that contains itself, or for hundreds of thousands of values.`,
		fix:  `Write out what is needed.`,
	},
	{
		rule: ruleFieldType, severity: SeverityError, chapter: noGo, check: checkLoading,
		what: "`type` is missing or no type of a credential. It is a warning for `string`, `radio` and `switch`, which have a Go type but no place here.",
		fix:  "Use `secret-input`, `text-input`, `select`, `boolean`, `app-selector`, `model-selector` or `array[tools]`.",
	},
	{
		rule: RuleNameClash, severity: SeverityError, chapter: noGo, check: CheckNames,
		what: `Two providers want one name in one package; those of different kinds may share theirs. It is a warning for two fields of one struct: the later one gets a number.`,
		fix:  `Give the providers different packages or prefixes; rename one field.`,
	},
	{
		rule: RuleManifest, severity: SeverityError, chapter: noGo, check: CheckDeclare,
		what: "The manifest, or a provider, lists a file that is not there, is no file, or lies outside the plugin's folder. It is a warning if the manifest lists no provider at all. For `difygen package` and a plugin that runs, also what the host would refuse in a manifest (its author, name, versions, `created_at`, `meta`, kinds that do not go together), and, as a warning, what it would not use.",
		fix:  `Correct the path, or write what the message asks for.`,
	},
	{
		rule: ruleTooLarge, severity: SeverityError, chapter: noGo,
		what: `A map has more than 10,000 keys, which takes the host's decoder minutes.`,
		fix:  `Split it.`,
	},
	{
		rule: ruleLabel, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: "A label is missing, or a label, help or placeholder has no `en_US`.",
		fix:  `Add the English text.`,
	},
	{
		rule: ruleLength, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: `A text or name has 1,024 characters or more, an option's value 128 (in forms of models 256, as a default there), there are 128 options or more, or a form of a model has more than 32 fields.`,
		fix:  `Shorten it.`,
	},
	{
		rule: ruleOption, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: `An option has no value. It gets no constant.`,
		fix:  `Give it one.`,
	},
	{
		rule: ruleDefault, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: `A default is a list, a map, a date, or no finite number.`,
		fix:  `Quote the date; a credential is text.`,
	},
	{
		rule: ruleScope, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: "`scope` stands on a field that is no selector, or holds no word the host knows.",
		fix:  `Remove it, or use a word that the message lists.`,
	},
	{
		rule: ruleShowOn, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: "A condition of `show_on` lacks `variable` or `value`, or there are more than 16.",
		fix:  `Complete it.`,
	},
	{
		rule: RuleIdentity, severity: SeverityWarning, chapter: breaksRules, check: checkLoading,
		what: "`identity` lacks `author`, `name`, `icon`, `label.en_US` or `description.en_US`, or the name has odd characters. A model provider lacks `provider`, `label.en_US`, `supported_model_types`, `configurate_methods` or the label of its model; a data source lacks `provider_type`.",
		fix:  `Add it.`,
	},
	{
		rule: ruleDropped, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "The host ignores this: an entry that is no map, an alias for a field, `<<` among fields, an empty item, `credentials_for_provider` beside `credentials_schema`.",
		fix:  "Write the field out; `<<` works inside a field.",
	},
	{
		rule: ruleUnknownKey, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "The host ignores a key: one of a field that it does not know, one of an option, a text or a condition, or one of the document that looks like a misspelt one (`oauth_shema`).",
		fix:  `Use the key that the message suggests, or remove it.`,
	},
	{
		rule: ruleMisplacedKey, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: `A key or a whole field stands inside a text, an option or another field, where the host ignores it. Usually its line is indented too far.`,
		fix:  `Move it to the left.`,
	},
	{
		rule: ruleUnknownLanguage, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "The host has texts in `en_US`, `zh_Hans`, `ja_JP` and `pt_BR` only. It is reported once for each other language of a file, at the first text that is not ignored.",
		fix:  `Use the spelling that the message suggests. Texts in other languages do no harm.`,
	},
	{
		rule: ruleNameless, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "An item of a list has no `name`.",
		fix:  `Name it.`,
	},
	{
		rule: RuleDuplicateName, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: `A section declares one name twice, or a provider has two tools or models of one name; the last one counts.`,
		fix:  `Remove one.`,
	},
	{
		rule: ruleDuplicateOption, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: `A select has one value twice.`,
		fix:  `Remove one.`,
	},
	{
		rule: ruleNoOptions, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "A select has no options, so no one can choose. Its Go type is `string`.",
		fix:  "Add options, or make it a `text-input`.",
	},
	{
		rule: ruleDefaultValue, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: `The default is not among the options, not a boolean (it is ignored then), or a number out of its bounds.`,
		fix:  `Use one of the values.`,
	},
	{
		rule: ruleBounds, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "`min` is greater than `max`, so that no number is right.",
		fix:  `Correct one of them.`,
	},
	{
		rule: ruleBooleanDefault, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "The default of a boolean is text (`default: \"false\"`). Dify passes it on as text, and in Python every text but `\"\"` is true.",
		fix:  `Remove the quotes.`,
	},
	{
		rule: ruleMissingRequired, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: `A field of a model's form does not say whether it is required. The host takes that for false, its Python SDK for true.`,
		fix:  "Write `required: true` or `required: false`.",
	},
	{
		rule: ruleNeverShown, severity: SeverityWarning, chapter: surprising, check: checkLoading,
		what: "No input fulfils a condition of `show_on`: it asks for a variable that the form does not have, for a value that is not among the options, for a type of model that the provider does not support, for two values at once, or for a field that is never shown itself. The field or option is dead.",
		fix:  "Use the variable or value that the message suggests. `__model_type` has a value in `model_credential_schema` only.",
	},
	{
		rule: rulePlainSecret, severity: SeverityWarning, chapter: regretted, check: checkLoading,
		what: "A `text-input` is called like a secret: token, secret, password, api_key. Dify would store it unencrypted and show it to whoever opens the form.",
		fix:  "Make it a `secret-input`.",
	},
	{
		rule: ruleSecretDefault, severity: SeverityWarning, chapter: regretted, check: checkLoading,
		what: "A `secret-input` has a default. It is published with the plugin, and whoever enters nothing uses it.",
		fix:  `Remove the default, and the secret from your service: it is known.`,
	},
	{
		rule: ruleRefreshToken, severity: SeverityWarning, chapter: regretted, check: checkLoading,
		what: "`oauth_schema.credentials_schema` has an `access_token`, but no `refresh_token`. When a flow returns one, Dify stores it in plain text, and shows it.",
		fix:  "Declare it as a `secret-input` that is not required; ignore the rule if the service has none.",
	},
	{
		rule: ruleClientURL, severity: SeverityWarning, chapter: regretted, check: checkLoading,
		what: "No field of `oauth_schema.client_schema` has a `url`, or a link in its help, so an administrator must find out alone where to register a client.",
		fix:  "Give `client_id` the address of that page.",
	},
	{
		rule: ruleURL, severity: SeverityWarning, chapter: regretted, check: checkLoading,
		what: "A `url` is no link that a browser can open, such as `todo`. The form shows it all the same.",
		fix:  "Write one that starts with `https://` or `http://`, without spaces, or remove it.",
	},
	{
		rule: ruleUnusedIgnore, severity: SeverityWarning, chapter: regretted,
		what: "A comment `difygen:ignore` names no rule, one that there is not, one of an error, or one that nothing at this entry breaks; or a comment is nearly one.",
		fix:  "Remove it, move it to the entry that it is for, or put `--` before the reason.",
	},
}

// info is the row of the table for r; the zero one for an unknown rule.
func (r Rule) info() ruleInfo {
	i := slices.IndexFunc(rules, func(info ruleInfo) bool { return info.rule == r })
	if i < 0 {
		return ruleInfo{}
	}
	return rules[i]
}

// ignorable are the rules whose warnings a comment can ignore.
func ignorable() []Rule {
	var list []Rule
	for _, info := range rules {
		if info.check != "" {
			list = append(list, info.rule)
		}
	}
	return list
}
