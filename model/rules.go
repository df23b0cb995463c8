package model

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// The rules behind diagnostics. Those marked (load) stop the host from loading
// the file; those marked (rule) break a rule that the host declares and checks
// when a plugin is signed or debugged remotely; the others cost the author.
const (
	RuleSyntax        Rule = "yaml-syntax"      // (load) the file is not YAML
	RuleType          Rule = "yaml-type"        // (load) a value has the wrong type
	RuleDuplicateKey  Rule = "duplicate-key"    // (load) a key is given twice
	RuleAlias         Rule = "alias-expansion"  // (load) aliases without end or measure
	RuleTooLarge      Rule = "too-large"        // a map that takes the decoder minutes
	RuleFieldType     Rule = "field-type"       // (rule) `type` is missing or unknown
	RuleLabel         Rule = "label"            // (rule) a text has no en_US
	RuleLength        Rule = "length"           // (rule) a text, name, value or list is too long
	RuleOption        Rule = "option-value"     // (rule) an option has no value
	RuleDefault       Rule = "default-type"     // (rule) a default is a list, map or date
	RuleScope         Rule = "scope"            // (rule) scope is unknown or out of place
	RuleShowOn        Rule = "show-on"          // (rule) a condition is not complete
	RuleIdentity      Rule = "identity"         // (rule) identity lacks something
	RuleDropped       Rule = "dropped"          // the host ignores this without a word
	RuleUnknownKey    Rule = "unknown-key"      // the host ignores a key
	RuleNameless      Rule = "nameless-field"   // a field without a name
	RuleDuplicateName Rule = "duplicate-name"   // two fields of one name
	RuleDefaultValue  Rule = "default-value"    // a default that cannot be chosen
	RuleNoOptions     Rule = "no-options"       // a select without options
	RuleDuplicateOpt  Rule = "duplicate-option" // one option twice

	RulePlainSecret     Rule = "plain-secret"     // a secret in a field that is shown
	RuleSecretDefault   Rule = "secret-default"   // a secret with a default
	RuleBooleanDefault  Rule = "boolean-default"  // a boolean's default as a text
	RuleMissingRequired Rule = "missing-required" // a form's field says nothing of required
	RuleNeverShown      Rule = "never-shown"      // conditions that nothing fulfils
	RuleRefreshToken    Rule = "refresh-token"    // OAuth without a place for it
	RuleClientURL       Rule = "client-url"       // no word of where to register a client
	RuleURL             Rule = "url"              // a URL that is none
	RuleMisplacedKey    Rule = "misplaced-key"    // a key stands too deep
	RuleUnknownLanguage Rule = "unknown-language" // a text in a language the host has not
	RuleBounds          Rule = "bounds"           // bounds that leave nothing
	RuleUnusedIgnore    Rule = "unused-ignore"    // an ignore comment that matches nothing

	RuleNameClash Rule = "name-clash" // two names become one in Go
	RuleManifest  Rule = "manifest"   // the manifest, and the files that it and providers list
)

// loadRules are the rules of warnings that Load can give, but for those about
// comments that ignore.
var loadRules = []Rule{
	RuleFieldType, RuleLabel, RuleLength, RuleOption, RuleDefault, RuleScope, RuleShowOn, RuleIdentity, RuleDropped,
	RuleUnknownKey, RuleNameless, RuleDuplicateName, RuleDefaultValue, RuleNoOptions, RuleDuplicateOpt, RulePlainSecret,
	RuleSecretDefault, RuleBooleanDefault, RuleMissingRequired, RuleNeverShown, RuleRefreshToken, RuleClientURL, RuleURL,
	RuleMisplacedKey, RuleUnknownLanguage, RuleBounds,
}

// ignorable are the rules that a comment can ignore.
var ignorable = append(loadRules, RuleNameClash, RuleManifest)

// The host's limits. Lengths count characters.
const (
	maxText       = 1024 // exclusive: label, help, placeholder, name
	maxOptions    = 128  // exclusive
	maxFormFields = 32
	maxShowOn     = 16
	maxCondition  = 256 // exclusive
)

// fieldKeys are the keys of a field that the host decodes.
var fieldKeys = []string{
	"name", "type", "scope", "required", "default", "options", "multiple",
	"label", "help", "url", "placeholder",
}

// scopes are the words that a selector's scope may have.
var scopes = map[FieldType][]string{
	TypeAppSelector:   {"all", "chat", "workflow", "completion"},
	TypeModelSelector: {"llm", "text-embedding", "rerank", "tts", "speech2text", "moderation", "vision"},
	TypeArrayTools:    {"all", "plugin", "api", "workflow"},
}

var identityNameRE = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func checkIdentity(r *reporter, root *yaml.Node, id *hostIdentity) {
	required := []struct {
		value string
		path  []string
	}{
		{id.Author, []string{"author"}},
		{id.Name, []string{"name"}},
		{id.Icon, []string{"icon"}},
		{id.Label.English, []string{"label", "en_US"}},
		{id.Description.English, []string{"description", "en_US"}},
	}
	for _, f := range required {
		if f.value == "" {
			r.warnf(deepest(root, append([]string{"identity"}, f.path...)), RuleIdentity,
				"the host requires identity.%s", strings.Join(f.path, "."))
		}
	}
	if id.Name != "" && !identityNameRE.MatchString(id.Name) {
		r.warnf(deepest(root, []string{"identity", "name"}), RuleIdentity,
			"identity.name may hold only letters, digits, _ and -")
	}
}

// deepest is the position of the last key of a path that is there, or that of the
// document.
func deepest(root *yaml.Node, path []string) Position {
	for n := len(path); n > 0; n-- {
		if key, _ := lookup(root, path[:n]...); key != nil {
			return at(key)
		}
	}
	if root != nil {
		return at(root)
	}
	return Position{Line: 1, Column: 1}
}
