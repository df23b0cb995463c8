package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// The ways in which a tool's parameter is set.
const (
	ParameterFormLLM    = "llm"    // by a language model, when it calls the tool
	ParameterFormForm   = "form"   // by a user, before the tool is called
	ParameterFormSchema = "schema" // like form, and can refer to variables of the workflow
)

var (
	parameterForms    = []string{ParameterFormLLM, ParameterFormForm, ParameterFormSchema}
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
		c.notJSON(key)
	}
	c.precision()
}

// oneOf reports a text of the field that is not among the words that the host knows.
func (c *fieldChecker) oneOf(value string, words []string, path ...string) {
	if !slices.Contains(words, value) {
		c.suggest(c.at(path...), ruleWord, nearest(value, words),
			"field %s: %s must be one of %s", c.name, strings.Join(path, "."), strings.Join(words, ", "))
	}
}

// precision reports a precision that is not a whole number: the host cuts off the rest.
func (c *fieldChecker) precision() {
	if _, n := yamldoc.Lookup(c.f.node, "precision"); n != nil && c.f.Precision != nil && yamldoc.IsFraction(n) {
		c.report(c.at("precision"), ruleDropped, "field %s: the host takes %d for precision; write a whole number", c.name, *c.f.Precision)
	}
}

// notJSON reports a value under a key of the field that JSON does not have.
func (c *fieldChecker) notJSON(key string) {
	if _, n := yamldoc.Lookup(c.f.node, key); n != nil {
		c.reportNotJSON(n, "field "+c.name+": "+key)
	}
}
