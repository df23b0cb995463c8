package model

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

func checkModelItem(c *fileChecker, host *hostModelItem) {
	c.name(host.Model, "model")
	c.shorter(host.Model, maxModelName, "model")
	for language, s := range host.Label.text().languages() {
		c.shorter(s, maxText, "label", language)
	}
	if c.required(host.ModelType, "model_type") {
		c.word(host.ModelType, hostModelTypes, "model_type")
		c.known(yamldoc.Deepest(c.root, "model_type"), host.ModelType, "model_type")
	}
	c.word(host.FetchFrom, configurateMethods, "fetch_from")
	if len(host.Features) > maxModelFeatures {
		c.wrong(ruleLength, []string{"features"}, "must list at most %d features", maxModelFeatures)
	}
	for _, n := range texts(c.value("features")) {
		c.knownFeature(n, apiFeatures)
	}
	c.properties(host)
	if len(host.ParameterRules) > maxModelRules {
		c.wrong(ruleLength, []string{"parameter_rules"}, "must list at most %d parameters", maxModelRules)
	}
	if host.Pricing != nil {
		c.required(host.Pricing.Currency, "pricing", "currency")
	}
}

// known reports a type of model that the host knows, but Dify's API does not.
func (c *fileChecker) known(n *yamldoc.Node, modelType, key string) {
	if slices.Contains(hostModelTypes, modelType) && !slices.Contains(apiModelTypes, modelType) {
		c.report(at(n), ruleWord, "%s: Dify does not know %s, which makes the whole provider unusable; it knows %s",
			key, modelType, strings.Join(apiModelTypes, ", "))
	}
}

// properties reports model_properties that Dify does not know or cannot use.
func (c *fileChecker) properties(host *hostModelItem) {
	known := valuesOf(propertyWords)
	for _, name := range slices.Sorted(maps.Keys(host.Properties)) {
		path, v := []string{"model_properties", name}, host.Properties[name]
		switch {
		case !slices.Contains(known, name):
			c.suggest(deepest(c.root, path...), ruleWord, text.Nearest(name, known),
				"model_properties: Dify does not know %s, which makes the whole provider unusable; it knows %s", text.Name(name), strings.Join(known, ", "))
		case v == nil:
		case slices.Contains(wholeProperties, name) && !isWhole(v):
			c.wrong(ruleProperty, path, "must be a whole number, without quotes")
		case name == "mode":
			mode, scalar := Scalar(v)
			c.word(cmp.Or(mode, wordIf(!scalar, "?")), modes, path...)
		}
	}
	voice, isText := host.Properties["default_voice"].(string)
	if voices := voicesOf(host.Properties["voices"]); isText && voices != nil && !slices.Contains(voices, voice) {
		c.suggest(deepest(c.root, "model_properties", "default_voice"), ruleProperty, text.Nearest(voice, voices),
			"model_properties.default_voice must be the mode of one of voices (%s)", shortList(voices))
	}
}

// isWhole reports whether a value is a number without a fraction.
func isWhole(v any) bool {
	switch v := v.(type) {
	case int, int64, uint64:
		return true
	case float64:
		return v == math.Trunc(v) && !math.IsInf(v, 0)
	}
	return false
}

// voicesOf returns how requests name the voices of a list, or nil if that is not such a list.
func voicesOf(v any) []string {
	list, _ := v.([]any)
	var modes []string
	for _, voice := range list {
		of, _ := yamldoc.Plain(voice).(map[string]any)
		mode, ok := of["mode"].(string)
		if !ok {
			return nil
		}
		modes = append(modes, mode)
	}
	return modes
}

// modelDefault reports a default of a model's parameter that is not a value of its type. Where a
// required parameter is missing, calls get it as it is.
func (c *fieldChecker) modelDefault(value string) {
	_, isText := c.f.Default.(string)
	_, isBool := c.f.Default.(bool)
	must := ""
	switch c.f.Type {
	case TypeFloat, TypeInt:
		if isText || isBool {
			must = "a number, without quotes"
		} else if c.f.Type == TypeInt && !isWhole(c.f.Default) {
			must = "a whole number"
		}
	case TypeBoolean:
		if isText {
			c.defaultChoice(value)
			return
		}
		must = wordIf(!isBool, "true or false")
	case TypeString, TypeText:
		must = wordIf(!isText, "text, in quotes")
		if isText && len(c.f.Options) > 0 && value != "" && !c.offers(value) {
			c.notOption()
		}
	}
	if must != "" {
		c.wrongDefault(must)
	}
}
