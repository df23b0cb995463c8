package model

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// Errors of Load.
var (
	ErrUnknownKind     = errors.New("unknown kind")
	ErrUnsupportedKind = errors.New("no code is generated yet for providers of kind")
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
	RuleIdentity      Rule = "identity"         // (rule) identity lacks something
	RuleDropped       Rule = "dropped"          // the host ignores this without a word
	RuleNameless      Rule = "nameless-field"   // a field without a name
	RuleDuplicateName Rule = "duplicate-name"   // two fields of one name
	RuleDefaultValue  Rule = "default-value"    // a default that cannot be chosen
	RuleNoOptions     Rule = "no-options"       // a select without options
	RuleDuplicateOpt  Rule = "duplicate-option" // one option twice
)

// The host's limits. Lengths count characters.
const (
	maxText        = 1024 // exclusive: label, help, placeholder, name
	maxOptions     = 128  // exclusive
	maxOptionValue = 128  // exclusive
)

// fieldKeys are the keys of a field that the host decodes.
var fieldKeys = []string{
	"name", "type", "scope", "required", "default", "options", "multiple",
	"label", "help", "url", "placeholder",
}

// credentialTypes are the types the host's rules allow in a credential.
var credentialTypes = []FieldType{
	TypeSecretInput, TypeTextInput, TypeSelect, TypeBoolean,
	TypeAppSelector, TypeModelSelector, TypeArrayTools,
}

// goTypes are the types that have a Go form though the host's rules refuse them.
var goTypes = []FieldType{TypeString, TypeRadio, TypeSwitch}

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

// deepest is the position of the last key of a path that is there.
func deepest(root *yaml.Node, path []string) Position {
	for n := len(path); n > 0; n-- {
		if key, _ := lookup(root, path[:n]...); key != nil {
			return at(key)
		}
	}
	return Position{Line: 1, Column: 1}
}

// checkField reports where a field breaks the host's declared rules.
func checkField(r *reporter, f *hostField) {
	c := fieldChecker{reporter: r, f: f}
	c.name()
	c.fieldType()
	c.text("label", &f.Label, true)
	c.text("help", f.Help, false)
	c.text("placeholder", f.Placeholder, false)
	c.defaultValue()
	c.scope()
	c.options()
}

type fieldChecker struct {
	*reporter
	f *hostField
}

// key is the position of a key of the field, or of the field if the key is absent.
func (c fieldChecker) key(path ...string) Position {
	for n := len(path); n > 0; n-- {
		if key, _ := lookup(c.f.node, path[:n]...); key != nil {
			return at(key)
		}
	}
	return c.f.position()
}

func (c fieldChecker) name() {
	if c.f.Name == "" {
		c.warnf(c.f.position(), RuleNameless, "a field without a name is left out")
	}
	if utf8.RuneCountInString(c.f.Name) >= maxText {
		c.warnf(c.key("name"), RuleLength, "a field's name must have fewer than %d characters", maxText)
	}
}

func (c fieldChecker) fieldType() {
	t := FieldType(c.f.Type)
	name := text.Name(c.f.Name)
	switch {
	case slices.Contains(credentialTypes, t):
	case t == "":
		c.errorf(c.key("type"), RuleFieldType, "field %s has no type", name)
	case slices.Contains(goTypes, t):
		c.add(c.key("type"), SeverityWarning, RuleFieldType, insteadOf[t],
			"field "+name+": the host does not know the type "+string(t)+" here")
	default:
		c.add(c.key("type"), SeverityError, RuleFieldType, nearest(string(t), credentialTypes),
			"field "+name+" has the unknown type "+text.Name(string(t)))
	}
}

// insteadOf names the credential type for a type that belongs elsewhere.
var insteadOf = map[FieldType]string{
	TypeString: string(TypeTextInput),
	TypeRadio:  string(TypeSelect),
	TypeSwitch: string(TypeBoolean),
}

func (c fieldChecker) text(key string, t *hostText, required bool) {
	if t == nil {
		return
	}
	if t.English == "" {
		what := "field " + text.Name(c.f.Name) + ": " + key
		if _, v := lookup(c.f.node, key); required && v == nil {
			c.warnf(c.key(key), RuleLabel, "%s is missing", what)
		} else {
			c.warnf(c.key(key, "en_US"), RuleLabel, "%s needs a text in en_US", what)
		}
	}
	for _, lang := range []struct{ key, text string }{
		{"en_US", t.English}, {"zh_Hans", t.Chinese}, {"ja_JP", t.Japanese}, {"pt_BR", t.Portuguese},
	} {
		if utf8.RuneCountInString(lang.text) >= maxText {
			c.warnf(c.key(key, lang.key), RuleLength, "field %s: %s must have fewer than %d characters", text.Name(c.f.Name), key, maxText)
		}
	}
}

func (c fieldChecker) defaultValue() {
	switch v := c.f.Default.(type) {
	case nil, bool, int, int64, uint64, string:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			c.warnf(c.key("default"), RuleDefault, "field %s: the default is not a finite number", text.Name(c.f.Name))
		}
	default:
		c.warnf(c.key("default"), RuleDefault, "field %s: the default must be text, a number or a boolean", text.Name(c.f.Name))
		return
	}
	if c.f.Default != nil {
		c.defaultChoice()
	}
}

// defaultChoice reports a scalar default that the form does not offer.
func (c fieldChecker) defaultChoice() {
	name, value := text.Name(c.f.Name), fmt.Sprint(c.f.Default)
	switch FieldType(c.f.Type) {
	case TypeSelect, TypeRadio:
		same := func(o hostOption) bool { return o.Value == value }
		if len(c.f.Options) > 0 && value != "" && !slices.ContainsFunc(c.f.Options, same) {
			c.warnf(c.key("default"), RuleDefaultValue, "field %s: the default is not among the options", name)
		}
	case TypeBoolean, TypeSwitch:
		if !slices.Contains([]string{"true", "false", "True", "False", "1", "0", ""}, value) {
			c.warnf(c.key("default"), RuleDefaultValue, "field %s: the default must be true or false", name)
		}
	}
}

func (c fieldChecker) scope() {
	if c.f.Scope == nil {
		return
	}
	name := text.Name(c.f.Name)
	words, ok := scopes[FieldType(c.f.Type)]
	if !ok {
		c.warnf(c.key("scope"), RuleScope, "field %s: only a selector has a scope", name)
		return
	}
	for _, word := range strings.Split(*c.f.Scope, "&") {
		if slices.Contains(words, strings.TrimSpace(word)) {
			return
		}
	}
	c.add(c.key("scope"), SeverityWarning, RuleScope, nearest(*c.f.Scope, words),
		"field "+name+": the scope of "+string(c.f.Type)+" is one of "+strings.Join(words, ", "))
}

func (c fieldChecker) options() {
	f, name := c.f, text.Name(c.f.Name)
	if t := FieldType(f.Type); len(f.Options) == 0 && (t == TypeSelect || t == TypeRadio) {
		c.warnf(c.key("options"), RuleNoOptions, "field %s is a %s without options", name, t)
	}
	if len(f.Options) >= maxOptions {
		c.warnf(c.key("options"), RuleLength, "field %s: there must be fewer than %d options", name, maxOptions)
	}
	seen := make(map[string]bool, len(f.Options))
	for i := range f.Options {
		o := &f.Options[i]
		key := func(k string) Position {
			if n, _ := lookup(o.node, k); n != nil {
				return at(n)
			}
			return at(o.node)
		}
		switch {
		case o.Value == "":
			c.warnf(key("value"), RuleOption, "field %s: an option has no value", name)
		case seen[o.Value]:
			c.warnf(key("value"), RuleDuplicateOpt, "field %s: option %s is given twice", name, text.Name(o.Value))
		case utf8.RuneCountInString(o.Value) >= maxOptionValue:
			c.warnf(key("value"), RuleLength, "field %s: an option's value must have fewer than %d characters", name, maxOptionValue)
		}
		seen[o.Value] = true
		if o.Label.English == "" {
			c.warnf(key("label"), RuleLabel, "field %s: option %s needs a label in en_US", name, text.Name(o.Value))
		} else if utf8.RuneCountInString(o.Label.English) >= maxText {
			c.warnf(key("label"), RuleLength, "field %s: an option's label must have fewer than %d characters", name, maxText)
		}
	}
}

// checkNames reports names that a section declares more than once.
func checkNames(r *reporter, fields []hostField) {
	first := make(map[string]int, len(fields))
	for i := range fields {
		f := &fields[i]
		if f.Name == "" {
			continue
		}
		if line, ok := first[f.Name]; ok {
			r.warnf(f.position(), RuleDuplicateName, "field %s is declared on line %d too; the last declaration holds", text.Name(f.Name), line)
			continue
		}
		first[f.Name] = f.position().Line
	}
}
