package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// The ways in which a tool's parameter is set.
const (
	ParameterFormLLM    = "llm"    // by a language model, when it calls the tool
	ParameterFormForm   = "form"   // by a user, before the tool is called
	ParameterFormSchema = "schema" // like form, and can refer to variables of the workflow
)

var (
	parameterForms    = valuesOf(formWords)
	autoGenerateTypes = []string{"prompt_instruction"}
)

// parameter reports what only a parameter of an item has.
func (c *fieldChecker) parameter() {
	if c.rules.hasForm {
		c.oneOf(c.f.Form, parameterForms, "form")
	}
	if c.f.generated != nil {
		c.oneOf(c.f.generated.Type, autoGenerateTypes, "auto_generate", "type")
	}
	for _, key := range []string{"default", "min", "max"} {
		c.notJSON(c.f.node, key)
	}
	if c.rules.typedOptions {
		for i := range c.f.Options {
			c.notJSON(c.f.Options[i].node, "value")
		}
	}
	c.precision()
}

// parameterDefault reports a default of a parameter of a call that is not a value of its type.
func (c *fieldChecker) parameterDefault() {
	if c.f.Default == nil || c.f.Default == "" {
		return
	}
	value, scalar := Scalar(c.f.Default)
	_, isList := c.f.Default.([]any)
	must := ""
	switch t := c.f.Type; t.values() {
	case TypeNumber:
		if n, err := strconv.ParseFloat(value, 64); !scalar {
			must = "a number"
		} else if err == nil && !c.f.HasPlacesFor(n) {
			must = placesWords(*c.f.Precision)
		}
	case TypeBoolean:
		must = wordIf(!scalar, "true or false")
	case TypeArray:
		must = wordIf(!isList, "a list")
	case TypeObject:
		must = wordIf(scalar || isList, "a map")
	case TypeFile, TypeFiles, TypeAppSelector, TypeModelSelector, TypeArrayTools:
		c.report(c.at("default"), ruleDefaultValue, "%s: the type %s has no default, since only users can choose a value; this one is not used", c.name, t)
	case TypeAny, TypeCheckbox: // anything goes
	case TypeSelect, TypeDynamicSelect:
		must = wordIf(!scalar && (!isList || !c.f.Multiple), "one value")
	default:
		must = wordIf(!scalar, "text")
	}
	if must != "" {
		c.wrongDefault(must)
	}
}

// placesWords says which numbers a precision allows.
func placesWords(precision int) string {
	switch precision {
	case 0:
		return "a whole number, since precision is 0"
	case 1:
		return "a number with at most 1 decimal place"
	}
	return fmt.Sprintf("a number with at most %d decimal places", max(precision, 0))
}

// wrongDefault reports what a default must be.
func (c *fieldChecker) wrongDefault(must string) {
	used := "this one is not used"
	if c.rules.trustsDefault {
		used = "Dify uses this one all the same"
	}
	c.report(c.at("default"), ruleDefaultValue, "%s: the default must be %s; %s", c.name, must, used)
}

// wordIf returns a word if a condition holds, or else "".
func wordIf(is bool, word string) string {
	if is {
		return word
	}
	return ""
}

// oneOf reports a text of the field that is not among the words that the host knows.
func (c *fieldChecker) oneOf(value string, words []string, path ...string) {
	if !slices.Contains(words, value) {
		c.suggest(c.at(path...), ruleWord, text.Nearest(value, words),
			"%s: %s must be one of %s", c.name, strings.Join(path, "."), strings.Join(words, ", "))
	}
}

// optionType reports the value of an option of an item that the host turns into text. It
// refuses or silently drops an item that is registered with such a value as it is.
func (c *fieldChecker) optionType(o *Option) {
	_, n := yamldoc.Lookup(o.node, "value")
	if c.rules.plainOptions {
		n = o.node
	}
	if c.rules.kind&(inItems|inModels) == 0 || c.rules.typedOptions || n == nil {
		return
	}
	if found := yamldoc.Found(yamldoc.Resolve(n).ShortTag()); found != "text" {
		c.report(at(n), ruleOption, "%s: the value of option %s is %s, which the host treats as text; put it in quotes", c.name, text.Name(o.Value), found)
	}
}

// hasTemplate reports whether the parameter of a model names a template, even an empty one,
// and so needs no type.
func (c *fieldChecker) hasTemplate() bool {
	_, n := yamldoc.Lookup(c.f.node, "use_template")
	return c.rules.kind == inModels && n != nil && !yamldoc.IsNull(yamldoc.Resolve(n))
}

// precision reports a precision that is not a whole number: the host cuts off the rest.
func (c *fieldChecker) precision() {
	if _, n := yamldoc.Lookup(c.f.node, "precision"); n != nil && c.f.Precision != nil && yamldoc.IsFraction(n) {
		c.report(at(n), ruleDropped, "%s: the host cuts precision to %d; write a whole number", c.name, *c.f.Precision)
	}
}

// notJSON reports a value under a key of a field or an option that JSON does not have.
func (c *fieldChecker) notJSON(n *yamldoc.Node, key string) {
	if _, value := yamldoc.Lookup(n, key); value != nil {
		c.reportNotJSON(value, yamldoc.TextKeysNowhere, c.name+": "+key)
	}
}
