package model

var ruleLabel = newRule(ruleInfo{
	rule: "label", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A label is missing, or a label, help or placeholder has no `en_US` text.",
	fix:  `Add the English text.`,
})

var ruleLength = newRule(ruleInfo{
	rule: "length", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A text or name has 1,024 characters or more (in a model provider's form, a name has 256 or more); a credential's option has a value of 128 or more (in a model provider's form, it or a default has 256 or more); the name of a model provider, a model or its parameter, a feature, an option of a model's parameter, or a condition's variable or value has 256 or more; a `scope` has more than 1,024; a credential has 128 options or more (in a model provider's form, more than 128); such a form has more than 32 fields; `supported_model_types` or `configurate_methods` lists more than 16 words; or a model has more than 256 features or 128 parameters.",
	fix:  `Shorten it.`,
})

var ruleOption = newRule(ruleInfo{
	rule: "option-value", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "An option has no value, so it gets no constant. Or, in a parameter of an item, its value is a number or a boolean. The host treats that as text, and so does difygen; other tools pass it on as it is, and then the host silently drops the whole item.",
	fix:  `Give it one, in quotes.`,
})

var ruleDefault = newRule(ruleInfo{
	rule: "default-type", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: `A default is a list, a map or a date.`,
	fix:  `Quote a date: a credential is text.`,
})

var ruleScope = newRule(ruleInfo{
	rule: "scope", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A field that is not a selector has a `scope`, or the `scope` holds no word that the host knows. `array[tools]` is not a selector.",
	fix:  `Remove it, or use a word that the message lists.`,
})

var ruleShowOn = newRule(ruleInfo{
	rule: "show-on", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A condition of `show_on` lacks `variable` or `value`, or there are more than 16 conditions.",
	fix:  `Complete it.`,
})

// RuleIdentity is the rule about what identifies a plugin's providers and items.
var RuleIdentity = newRule(ruleInfo{
	rule: "identity", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading, StepDeclare},
	what: "`identity` lacks `author`, `name`, `icon`, `label.en_US` or `description.en_US`, or the name has characters other than letters, digits, `_` and `-`. A model provider lacks `provider`, `label.en_US`, `supported_model_types`, `configurate_methods` or the label of its model, or has a description, an icon, the title or the url of a help, or a placeholder without `en_US`. A data source lacks a known `provider_type`. A tool or another item without a name is an error, except in `difygen inspect`.",
	fix:  `Add it.`,
})

var ruleRequired = newRule(ruleInfo{
	rule: "required", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A tool or another item lacks something that the host requires outside its identity: a description, `description.llm`, `method` of an endpoint, `model_type` of a model, `pricing.currency`.",
	fix:  "Add it.",
})

var ruleTag = newRule(ruleInfo{
	rule: "tag", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "The manifest or a provider has a tag that the host does not know. A plugin with one cannot be debugged remotely.",
	fix:  "Use a tag that the message lists.",
})

var ruleWord = newRule(ruleInfo{
	rule: "unknown-word", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A value is not among those that the host or Dify's API allows. The rule covers `form` of a tool's parameter, `type` of `auto_generate`, `method` of an endpoint, `supported_model_types`, `configurate_methods`, the features of a model or a strategy, a model's type, and the keys and `mode` of `model_properties`. With one unknown feature, or an unknown property or type of a model, Dify refuses the whole provider.",
	fix:  "Use a value that the message lists.",
})

var ruleNotJSON = newRule(ruleInfo{
	rule: "not-json", severity: SeverityWarning, chapter: breaksRules, steps: []Step{stepLoading},
	what: "A value is one that JSON does not have: `.nan`, `.inf`, or a key that is not text inside a schema or a default. The host loads it, but cannot keep or send it, so this is an error for `difygen` and `difygen package`.",
	fix:  "Write a finite number; put the key in quotes.",
})

var ruleDropped = newRule(ruleInfo{
	rule: "dropped", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "The host ignores something: a value among fields that is not a map, an alias in place of a field, `<<` among fields, an empty item of a list, `credentials_for_provider` beside `credentials_schema` or in a data source, a `subscription_constructor` that is not a map, what follows a first line that is indented too much, the fraction of a `precision`.",
	fix:  "Write the field out. `<<` works inside a field.",
})

var ruleEmptyFile = newRule(ruleInfo{
	rule: "empty-file", severity: SeverityWarning, chapter: surprising,
	what: "A file has nothing in it but comments. The host loads it all the same.",
	fix:  "Write what belongs in it, or remove it from the list that names it.",
})

var ruleUnknownKey = newRule(ruleInfo{
	rule: "unknown-key", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "The host ignores a key that it does not know. At the top of the file, where plugins may keep keys of their own, a key is reported only if it looks misspelled (`oauth_shema`).",
	fix:  `Use the key that the message suggests, or remove it.`,
})

var ruleMisplacedKey = newRule(ruleInfo{
	rule: "misplaced-key", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "A key, or a whole field, is inside a text, an option, a condition or another field, where the host ignores it. Usually its line is indented too far. Or a language, such as `en_US`, stands beside the text that it belongs to, because its line is not indented enough.",
	fix:  `Indent it as the message says.`,
})

var ruleUnknownLanguage = newRule(ruleInfo{
	rule: "unknown-language", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "A text has a language that looks like a misspelling of one of those that the host knows, `en_US`, `zh_Hans`, `ja_JP` and `pt_BR`: `ja_Jp`, `zh_CN`. It is reported once in a file, at the first text that no comment ignores. Texts in other languages, such as `ko_KR` and `zh_Hant`, do no harm.",
	fix:  `Use the spelling that the message suggests.`,
})

var ruleNameless = newRule(ruleInfo{
	rule: "nameless-field", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "A field in a list has no `name` (in the form of a model, no `variable`).",
	fix:  `Name it.`,
})

// RuleDuplicateName is the rule about two things of one name.
var RuleDuplicateName = newRule(ruleInfo{
	rule: "duplicate-name", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepDeclare},
	what: `A section declares two fields with one name, or a provider has two tools, or two models of one type, with one name, or two endpoints with one method and path. The last one counts, of endpoints the first. But a value must satisfy all rules that a model has for a parameter.`,
	fix:  `Remove or rename one.`,
})

// RuleModelType is the rule about types of models of which a provider has no models, or models that
// it does not support.
var RuleModelType = newRule(ruleInfo{
	rule: "model-type", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepDeclare},
	what: "A model has a `model_type` that `supported_model_types` of its provider does not list, so that Go asks for no method that runs it. Or that lists a type of which the provider has no models, and `configurate_methods` lets users add none, so that its method is never called.",
	fix:  "Add the type, or remove it. Add a model of the type, or let users do that with `customizable-model`.",
})

// RuleModelList is the rule about how a provider lists its models, and their order.
var RuleModelList = newRule(ruleInfo{
	rule: "model-list", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepDeclare},
	what: "A provider lists a model under another type than its own. Or a file with the order of models, such as `models/llm/_position.yaml`, names one that the provider does not have, or one twice.",
	fix:  "List the model under its type. Correct the name, or remove it.",
})

// RuleUnsentParameter is the rule about parameters that Dify never sends.
var RuleUnsentParameter = newRule(ruleInfo{
	rule: "unsent-parameter", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepDeclare},
	what: "A data source of an `online_drive` has parameters. Dify neither shows nor sends them: it asks for a folder or for a file, and Go has no struct for them. Or a parameter of a strategy is a `file` or `files`, for which Dify shows users no input.",
	fix:  "Remove them, and write `parameters: []`. What users enter once, such as a region, belongs in `credentials_schema`. For files, write `type: any` with `scope: array[file]`.",
})

// RuleUnsetOutput is the rule about outputs that nothing sets.
var RuleUnsetOutput = newRule(ruleInfo{
	rule: "unset-output", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepNames, StepDeclare},
	what: "A data source of a `website_crawl` or an `online_drive` declares an output that stays empty: Dify sets those of a page itself (`source_url`, `content`, `title`, `description`), or that of a file (`file`), and a plugin none. It gets no setter in Go. Or an event declares an output that no tag in Go can name, such as one with a comma or a quote in its name. It gets no field in Go.",
	fix:  "Remove it. Put what belongs to a page into its content. Rename that of an event.",
})

// RuleOutputType is the rule about types of outputs of data sources that are always texts.
var RuleOutputType = newRule(ruleInfo{
	rule: "output-type", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading, StepDeclare},
	what: "A data source declares an output that is always text with another type than `string`: of an `online_document`, `content`, `title`, `page_id` or `workspace_id`; of a `website_crawl`, `source_url`, `content`, `title` or `description`. Nodes that follow in a workflow expect something else than they get, and a test in Go that reads a document fails.",
	fix:  "Write `type: string`.",
})

var ruleProperty = newRule(ruleInfo{
	rule: "model-property", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "A value in `model_properties` is not one that Dify can use: `context_size`, `max_chunks` or another that counts something is not a whole number, or `default_voice` is not the `mode` of one of `voices`.",
	fix:  "Write a number without quotes, or one of the voices.",
})

var ruleOutputName = newRule(ruleInfo{
	rule: "output-name", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "`output_schema` of a tool, strategy or data source declares an output called `text`, `json` or `files`. Dify reserves these names for outputs of its own, and does not let a plugin set them. It gets no setter in Go.",
	fix:  "Choose another name.",
})

var ruleOutputSchema = newRule(ruleInfo{
	rule: "output-schema", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "Dify shows fewer outputs than `output_schema` seems to declare, or one without its type: there is no `properties`, a property is not a map, its `type` is not a type of JSON Schema (`float`, `array[string]`), or a key looks like a misspelled `properties`. In Go, an output without a known type is `any`.",
	fix:  "Write what the message suggests, such as `properties: {count: {type: integer}}`. A list of text is `{type: array, items: {type: string}}`.",
})

var ruleDuplicateOption = newRule(ruleInfo{
	rule: "duplicate-option", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: `A field has two options with one value.`,
	fix:  `Remove one.`,
})

var ruleNoOptions = newRule(ruleInfo{
	rule: "no-options", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "A select has no options, so nobody can choose. Its Go type is `string`.",
	fix:  "Add options, or make it a `text-input`.",
})

var ruleDefaultValue = newRule(ruleInfo{
	rule: "default-value", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "The default is not one of the options, not a boolean or a number (it is then ignored), or not between `min` and `max`. Or the default of a parameter of a tool, data source, event, subscription or strategy is not a value of the parameter's type, such as text for a list, more decimal places than `precision`, or anything for a file. Code for these fills in no default that this rule reports. Dify does so with a default of a model's parameter, of whatever type it is, where a call lacks a required parameter.",
	fix:  `Use a value that is allowed.`,
})

var ruleBounds = newRule(ruleInfo{
	rule: "bounds", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "`min` is greater than `max`, so no number is valid.",
	fix:  `Correct one of them.`,
})

var ruleBooleanDefault = newRule(ruleInfo{
	rule: "boolean-default", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "The default of a boolean is text (`default: \"false\"`). Dify passes it on as text, and in Python every text but `\"\"` is true.",
	fix:  `Remove the quotes.`,
})

var ruleMissingRequired = newRule(ruleInfo{
	rule: "missing-required", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: `A field in the form of a model does not say whether it is required. The host takes it as optional, its Python SDK as required.`,
	fix:  "Write `required: true` or `required: false`.",
})

var ruleNeverShown = newRule(ruleInfo{
	rule: "never-shown", severity: SeverityWarning, chapter: surprising, steps: []Step{stepLoading},
	what: "No input satisfies a condition of `show_on`: it names a variable that the form does not have, a value that is not one of the options, a type of model that the provider does not support, two values at once, or a field that is never shown itself. The field or option is never shown.",
	fix:  "Use the variable or value that the message suggests. `__model_type` has a value in `model_credential_schema` only.",
})

var rulePlainSecret = newRule(ruleInfo{
	rule: "plain-secret", severity: SeverityWarning, chapter: regretted, steps: []Step{stepLoading},
	what: "A `text-input`, or a parameter that is a `string` and not set by a language model, has the name of a secret, such as token, secret, password or api_key. Dify would store it unencrypted and show it to everyone who opens the form. The public half of a pair whose other half is a `secret-input` of the same section (`app_key` beside `app_secret`, `access_key` beside `secret_key`) is not reported.",
	fix:  "Make it a `secret-input`.",
})

var ruleSecretDefault = newRule(ruleInfo{
	rule: "secret-default", severity: SeverityWarning, chapter: regretted, steps: []Step{stepLoading},
	what: "A `secret-input` has a default. The default is published with the plugin and used by everyone who enters no value.",
	fix:  `Remove the default, and revoke the secret: it is known.`,
})

var ruleRefreshToken = newRule(ruleInfo{
	rule: "refresh-token", severity: SeverityWarning, chapter: regretted, steps: []Step{stepLoading},
	what: "`oauth_schema.credentials_schema` has an `access_token` but no `refresh_token`. If a flow returns one, Dify stores and shows it in plain text.",
	fix:  "Declare it as a `secret-input` that is not required, or ignore the rule if the service has none.",
})

var ruleClientURL = newRule(ruleInfo{
	rule: "client-url", severity: SeverityWarning, chapter: regretted, steps: []Step{stepLoading},
	what: "No field of `oauth_schema.client_schema` has a `url` or a link in its help, so nothing tells an administrator where to register a client.",
	fix:  "Give `client_id` the address of that page.",
})

var ruleURL = newRule(ruleInfo{
	rule: "url", severity: SeverityWarning, chapter: regretted, steps: []Step{stepLoading},
	what: "A `url`, such as `todo`, is not a link that a browser can open. The form shows it all the same.",
	fix:  "Write one that starts with `https://` or `http://`, without spaces, or remove it.",
})

// RuleMixedTypes is the rule about one field in Go whose declarations differ in their types.
var RuleMixedTypes = newRule(ruleInfo{
	rule: "mixed-types", severity: SeverityWarning, chapter: regretted, steps: []Step{StepNames, StepDeclare},
	what: "Two models of a provider declare a parameter, or its two forms a field, with types whose values differ in kind, such as `float` and `boolean`, or `select` and `switch`. What calls get has one field for it, of type `any` or, if the values are all text, `string`.",
	fix:  "Declare it alike, or choose two names.",
})

// RuleNumberedName is the rule about names in Go that only the order of the YAML decides.
var RuleNumberedName = newRule(ruleInfo{
	rule: "numbered-name", severity: SeverityWarning, chapter: regretted, steps: []Step{StepNames},
	what: "A field, an option or a model, such as `+`, has no letter or digit to make a Go name of. Its name is its number, as in `OpOption1`. If the YAML is reordered, the name means another one, and the code compiles all the same.",
	fix:  "Choose a name with a comment: `# difygen:name OpPlus`.",
})

var ruleUnusedIgnore = newRule(ruleInfo{
	rule: "unused-ignore", severity: SeverityWarning, chapter: regretted,
	what: "A `difygen:ignore` comment names no rule, a rule that does not exist or cannot be ignored, an error, or a rule that reports nothing there; or a comment looks like a misspelled one.",
	fix:  "Remove the comment, move it to the key or item that it is about, or put `--` before the reason.",
})
