package model

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// sectionRules are the rules that the host declares for the fields of a section.
type sectionRules struct {
	kind           sectionKinds    // which one
	spec           string          // the name of the spec of a field
	host           reflect.Type    // the struct of a field
	hostOption     reflect.Type    // the struct of an option; nil if options are texts
	word           string          // for a field, in messages
	nameKey        string          // the key that holds a field's name
	helpKey        string          // the key that holds a field's help
	keys           func() []string // that a field can have
	optionKeys     func() []string // that an option can have
	maxName        int             // characters, exclusive; 0 for any number
	maxFields      int             // 0 for any number
	maxOptions     int             // exclusive; 0 for any number
	maxOptionValue int             // characters, exclusive; 0 for any number
	maxDefault     int             // characters, exclusive; 0 for any scalar
	basicDefault   bool            // a default must be text, a number or a boolean
	checksDefault  bool            // a default that is not of the field's type is not used
	textDefault    bool            // the host keeps a default as text
	unchecked      bool            // the host checks nothing; the Go type of an unknown type is any
	isForm         bool            // fields can have conditions, and share a name under different ones
	typedOptions   bool            // the host keeps the values of options as they are typed
	holdsSecrets   bool            // the host has secret-input there
	needsHelp      bool            // the host requires help
	hasForm        bool            // the host requires form
	plainOptions   bool            // options are texts, without labels
	sharedNames    bool            // of several fields with one name, the host checks a value against each
	trustsDefault  bool            // Dify fills in a default whatever it is
	scopes         scopeRule
}

// scopeRule says which scopes the host accepts.
type scopeRule int

const (
	scopeOfType scopeRule = iota // the words of the field's type
	scopeAny                     // any text
	scopeNone                    // none
)

var (
	fieldKeys  = sync.OnceValue(yamldoc.Keys[hostField])
	optionKeys = sync.OnceValue(yamldoc.Keys[hostOption])

	parameterOptionKeys = sync.OnceValue(yamldoc.Keys[hostParameterOption])

	credentialRules = sectionRules{
		spec: "Credential", host: reflect.TypeFor[hostField](), hostOption: reflect.TypeFor[hostOption](),
		kind: inCredentials, word: "field", nameKey: "name", helpKey: "help", keys: fieldKeys, optionKeys: optionKeys,
		maxName: maxText, maxOptions: 128, maxOptionValue: 128, basicDefault: true, holdsSecrets: true,
	}
	subscriptionRules = sectionRules{
		spec: "Property", host: reflect.TypeFor[hostField](), hostOption: reflect.TypeFor[hostOption](),
		kind: inCredentials, word: "field", nameKey: "name", helpKey: "help", keys: fieldKeys, optionKeys: optionKeys,
		unchecked: true, holdsSecrets: true,
	}
	formRules = sectionRules{
		spec: "FormField", host: reflect.TypeFor[hostFormField](), hostOption: reflect.TypeFor[hostFormOption](),
		kind: inForms, word: "field", nameKey: "variable", helpKey: "help",
		keys: sync.OnceValue(yamldoc.Keys[hostFormField]), optionKeys: sync.OnceValue(yamldoc.Keys[hostFormOption]),
		maxFields: maxFormFields, maxName: 256, maxOptions: 129, maxOptionValue: 256, maxDefault: 256, textDefault: true, isForm: true, holdsSecrets: true,
	}
	parameterRules = sectionRules{
		spec: "EventParameter", host: reflect.TypeFor[hostEventParameter](), hostOption: reflect.TypeFor[hostEventOption](),
		kind: inEvents, word: "parameter", nameKey: "name", helpKey: "description",
		keys: sync.OnceValue(yamldoc.Keys[hostEventParameter]), optionKeys: sync.OnceValue(yamldoc.Keys[hostEventOption]),
		checksDefault: true, typedOptions: true, scopes: scopeAny,
	}
	toolRules = sectionRules{
		spec: "ToolParameter", host: reflect.TypeFor[hostToolParameter](), hostOption: reflect.TypeFor[hostParameterOption](),
		kind: inTools, word: "parameter", nameKey: "name", helpKey: "human_description",
		keys: sync.OnceValue(yamldoc.Keys[hostToolParameter]), optionKeys: parameterOptionKeys,
		maxName: maxText, checksDefault: true, needsHelp: true, hasForm: true, holdsSecrets: true,
	}
	datasourceRules = sectionRules{
		spec: "DatasourceParameter", host: reflect.TypeFor[hostDatasourceParameter](), hostOption: reflect.TypeFor[hostParameterOption](),
		kind: inDatasources, word: "parameter", nameKey: "name", helpKey: "description",
		keys: sync.OnceValue(yamldoc.Keys[hostDatasourceParameter]), optionKeys: parameterOptionKeys,
		maxName: maxText, needsHelp: true, basicDefault: true, checksDefault: true, holdsSecrets: true, scopes: scopeNone,
	}
	strategyRules = sectionRules{
		spec: "StrategyParameter", host: reflect.TypeFor[hostStrategyParameter](), hostOption: reflect.TypeFor[hostParameterOption](),
		kind: inStrategies, word: "parameter", nameKey: "name", helpKey: "help",
		keys: sync.OnceValue(yamldoc.Keys[hostStrategyParameter]), optionKeys: parameterOptionKeys,
		maxName: maxText, basicDefault: true, checksDefault: true, holdsSecrets: true,
	}
	modelRules = sectionRules{
		spec: "ModelParameter", host: reflect.TypeFor[hostModelRule](),
		kind: inModels, word: "parameter", nameKey: "name", helpKey: "help",
		keys: sync.OnceValue(yamldoc.Keys[hostModelRule]), optionKeys: func() []string { return nil },
		maxFields: maxModelRules, maxName: maxModelName, maxOptionValue: 256, basicDefault: true, plainOptions: true,
		sharedNames: true, trustsDefault: true,
	}
)

// checkSection reports fields of a section that break the rules.
func checkSection(r *reporter, s *Section, rules *sectionRules) {
	first := make(map[string]*Field, len(s.Fields))
	secrets := s.secrets()
	for i := range s.Fields {
		c := fieldChecker{reporter: r, f: &s.Fields[i], rules: rules, name: rules.word + " " + text.Name(s.Fields[i].Name)}
		c.fieldName(first)
		c.keys()
		c.fieldType()
		c.secret(secrets)
		c.url()
		if rules.unchecked {
			continue
		}
		c.text("label", &c.f.Label, true)
		c.text(rules.helpKey, c.f.Help, rules.needsHelp)
		c.text("placeholder", c.f.Placeholder, false)
		c.defaultValue()
		c.scope()
		c.options()
		c.parameter()
	}
}

// fieldChecker checks one field.
type fieldChecker struct {
	*reporter
	f     *Field
	rules *sectionRules
	name  string // of the field with the word for it, safe to show
}

// at returns the position of the last key of a path in the field that is present, or
// else of the field.
func (c *fieldChecker) at(path ...string) Position {
	if key := yamldoc.Deepest(c.f.node, path...); key != nil {
		return at(key)
	}
	return c.f.Pos
}

// fieldName reports a name that is missing, too long or repeated. It adds the field to
// first, the first field of each name.
func (c *fieldChecker) fieldName(first map[string]*Field) {
	name := c.f.Name
	if name == "" {
		c.report(c.at(c.rules.nameKey), ruleNameless, "this %s has no %s, so it is left out", c.rules.word, c.rules.nameKey)
		return
	}
	if c.rules.maxName > 0 && utf8.RuneCountInString(name) >= c.rules.maxName {
		c.report(c.at(c.rules.nameKey), ruleLength, "the %s of a %s must have fewer than %d characters", c.rules.nameKey, c.rules.word, c.rules.maxName)
	}
	if other, ok := first[name]; !ok {
		first[name] = c.f
	} else if c.rules.sharedNames {
		c.report(c.f.Pos, RuleDuplicateName, "%s is also declared on line %d; a value must satisfy both declarations", c.name, other.Pos.Line)
	} else if !c.rules.isForm || other.Type.values() != c.f.Type.values() {
		c.report(c.f.Pos, RuleDuplicateName, "%s is also declared on line %d; the last declaration counts", c.name, other.Pos.Line)
	}
}

func (c *fieldChecker) fieldType() {
	t, in := c.f.Type, c.rules.kind
	info := t.info()
	switch {
	case info.known&in != 0:
	case c.rules.unchecked && info.typed&in == 0:
		c.add(c.at("type"), SeverityWarning, ruleFieldType, meantTypeOf(string(t), knownTypes(in), nil),
			fmt.Sprintf("%s has the unknown type %s; its Go type is any", c.name, text.Name(string(t))))
	case t == "" && c.hasTemplate():
		c.warnf(c.at("type"), ruleFieldType, "%s has no type", c.name)
	case t == "":
		c.report(c.at("type"), ruleFieldType, "%s has no type", c.name)
	case info.typed&in != 0:
		suggestion := ""
		if info.instead.info().known&in != 0 {
			suggestion = string(info.instead)
		}
		c.add(c.at("type"), SeverityWarning, ruleFieldType, suggestion,
			fmt.Sprintf("%s: the host does not know the type %s here", c.name, t))
	default:
		c.unknownType()
	}
}

// unknownType reports a type that the host does not know, with what to write in its place.
func (c *fieldChecker) unknownType() {
	t, known := string(c.f.Type), knownTypes(c.rules.kind)
	meant, others := meantTypeOf(t, known, c.rules.keys()), ""
	if meant == "" {
		others = "; it must be one of " + joinTypes(known)
	}
	c.suggest(c.at("type"), ruleFieldType, meant, "%s has the unknown type %s%s", c.name, text.Name(t), others)
}

func (c *fieldChecker) text(key string, t *Text, required bool) {
	if t == nil {
		return
	}
	if t.English == "" {
		if _, v := yamldoc.Lookup(c.f.node, key); required && v == nil {
			c.report(c.f.Pos, ruleLabel, "%s: %s is missing", c.name, key)
		} else {
			c.report(c.at(key, "en_US"), ruleLabel, "%s: %s needs an en_US text", c.name, key)
		}
	}
	for lang, s := range t.languages() {
		if utf8.RuneCountInString(s) >= maxText {
			c.report(c.at(key, lang), ruleLength, "%s: %s must have fewer than %d characters", c.name, key, maxText)
		}
	}
}

func (c *fieldChecker) defaultValue() {
	value, scalar := Scalar(c.f.Default)
	switch f, _ := c.f.Default.(float64); {
	case c.f.Default == nil:
	case c.rules.basicDefault && !scalar:
		c.report(c.at("default"), ruleDefault, "%s: the default must be text, a number or a boolean", c.name)
	case math.IsNaN(f) || math.IsInf(f, 0): // reported as such
	case c.rules.maxDefault > 0 && utf8.RuneCountInString(value) >= c.rules.maxDefault:
		c.report(c.at("default"), ruleLength, "%s: the default must have fewer than %d characters", c.name, c.rules.maxDefault)
	case c.rules.trustsDefault:
		c.modelDefault(value)
	case scalar:
		c.defaultChoice(value)
	default:
		c.defaultChoices()
	}
	c.bounds()
	if c.rules.checksDefault && (scalar || !c.rules.basicDefault) {
		c.parameterDefault()
	}
}

// defaultChoices reports a list as default if one of its items is not an option.
func (c *fieldChecker) defaultChoices() {
	list, _ := c.f.Default.([]any)
	for _, item := range list {
		value, ok := Scalar(item)
		if len(c.f.Options) > 0 && (!ok || !c.offers(value)) {
			c.notOption()
			return
		}
	}
}

// notOption reports a default that is not one of the options.
func (c *fieldChecker) notOption() {
	var values []string
	for i := range c.f.Options {
		if value := c.f.Options[i].Value; value != "" {
			values = append(values, value)
		}
	}
	listed := ""
	if len(values) > 0 {
		listed = " (" + shortList(values) + ")"
	}
	used := ", so it is not used"
	if c.rules.trustsDefault {
		used = ", but Dify uses it all the same"
	}
	c.report(c.at("default"), ruleDefaultValue, "%s: the default is not one of the options%s%s; write one of them", c.name, listed, used)
}

// boundWords says between which bounds a number must be. One of them is finite.
func boundWords(low, high float64) string {
	least, most := strconv.FormatFloat(low, 'f', -1, 64), strconv.FormatFloat(high, 'f', -1, 64)
	switch {
	case math.IsInf(low, -1):
		return "at most " + most
	case math.IsInf(high, 1):
		return "at least " + least
	}
	return "between " + least + " and " + most
}

func (c *fieldChecker) offers(value string) bool {
	return slices.ContainsFunc(c.f.Options, func(o Option) bool { return o.Value == value })
}

// bounds reports bounds that no number satisfies, or not the default.
func (c *fieldChecker) bounds() {
	low, high := math.Inf(-1), math.Inf(1)
	if c.f.Min != nil {
		low = *c.f.Min
	}
	if c.f.Max != nil {
		high = *c.f.Max
	}
	text, scalar := Scalar(c.f.Default)
	isNumber := c.f.Type == TypeNumber || c.f.Type == TypeFloat || c.f.Type == TypeInt
	switch n, err := strconv.ParseFloat(text, 64); {
	case isNumber && scalar && text != "" && err != nil && !c.rules.trustsDefault:
		c.wrongDefault("a number")
	case low > high:
		c.report(c.at("max"), ruleBounds, "%s: min is greater than max", c.name)
	case isNumber && err == nil && (n < low || n > high):
		c.wrongDefault(boundWords(low, high))
	}
}

// defaultChoice reports a default that nobody could choose.
func (c *fieldChecker) defaultChoice(value string) {
	switch {
	case c.f.Type.HasOptions():
		if len(c.f.Options) > 0 && value != "" && !c.offers(value) {
			c.notOption()
		}
	case c.f.Type.values() == TypeBoolean:
		_, isText := c.f.Default.(string)
		if _, ok := Boolean(value); !ok && value != "" {
			c.wrongDefault("true or false")
		} else if isText && !c.rules.textDefault && value != "" {
			c.report(c.at("default"), ruleBooleanDefault, "%s: the default is text; write true or false without quotes", c.name)
		}
	}
}

func (c *fieldChecker) scope() {
	if c.f.Scope == nil || c.rules.scopes == scopeAny {
		return
	}
	if c.rules.kind&inItems != 0 && utf8.RuneCountInString(*c.f.Scope) > maxScope {
		c.report(c.at("scope"), ruleLength, "%s: scope must have at most %d characters", c.name, maxScope)
	}
	words := c.f.Type.info().scopes
	if words == nil || c.rules.scopes == scopeNone {
		c.report(c.at("scope"), ruleScope, "%s: only a selector can have a scope", c.name)
		return
	}
	for word := range strings.SplitSeq(*c.f.Scope, "&") {
		if slices.Contains(words, strings.TrimSpace(word)) {
			return
		}
	}
	c.suggest(c.at("scope"), ruleScope, text.Nearest(*c.f.Scope, words),
		"%s: for type %s, scope must be one of %s", c.name, c.f.Type, strings.Join(words, ", "))
}

func (c *fieldChecker) options() {
	if t := c.f.Type; len(c.f.Options) == 0 && t.values() == TypeSelect {
		c.report(c.at("options"), ruleNoOptions, "%s is a %s without options", c.name, t)
	}
	if limit := c.rules.maxOptions; limit > 0 && len(c.f.Options) >= limit {
		c.report(c.at("options"), ruleLength, "%s: there must be fewer than %d options", c.name, limit)
	}
	seen := make(map[string]bool, len(c.f.Options))
	for i := range c.f.Options {
		o := &c.f.Options[i]
		switch n := utf8.RuneCountInString(o.Value); {
		case o.Value == "" && (!c.rules.typedOptions || o.Raw == nil):
			c.report(deepest(o.node, "value"), ruleOption, "%s: an option has no value", c.name)
		case seen[o.Value] && len(o.ShowOn) == 0:
			c.report(deepest(o.node, "value"), ruleDuplicateOption, "%s: option %s is listed twice", c.name, text.Name(o.Value))
		case c.rules.maxOptionValue > 0 && n >= c.rules.maxOptionValue:
			c.report(deepest(o.node, "value"), ruleLength, "%s: an option's value must have fewer than %d characters", c.name, c.rules.maxOptionValue)
		}
		seen[o.Value] = true
		c.optionType(o)
		if c.rules.plainOptions {
			continue
		}
		c.optionLabel(o)
	}
}

func (c *fieldChecker) optionLabel(o *Option) {
	if o.Label.English == "" {
		c.report(deepest(o.node, "label", "en_US"), ruleLabel, "%s: option %s needs an en_US label", c.name, text.Name(o.Value))
	}
	for lang, s := range o.Label.languages() {
		if utf8.RuneCountInString(s) >= maxText {
			c.report(deepest(o.node, "label", lang), ruleLength, "%s: an option's label must have fewer than %d characters", c.name, maxText)
		}
	}
}
