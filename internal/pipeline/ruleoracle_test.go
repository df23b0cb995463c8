package pipeline_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/difygen/difygen/model"
)

// ruleOracle makes right and wrong parameters for a language model. It knows the rules in the YAML
// and what Dify's SDK makes of them, and nothing of the code that checks them.
type ruleOracle struct {
	rand  *rand.Rand
	rules []model.Field
}

// ruleCase is a set of parameters with what must become of it.
type ruleCase struct {
	sent    map[string]any
	want    map[string]any
	fault   string   // the parameter that is wrong; "" if none is
	untyped []string // the parameters whose defaults have another type
}

// right makes a set of right parameters.
func (o *ruleOracle) right() ruleCase {
	c := ruleCase{sent: map[string]any{"not a parameter": 1.0}, want: make(map[string]any)}
	for i := range o.rules {
		f := &o.rules[i]
		value, ok := o.value(f)
		switch {
		case ok && (f.Required && f.Default == nil || o.rand.IntN(3) > 0):
			c.sent[o.nameFor(f)], c.want[f.Name] = value, value
		case f.Required && f.Default != nil:
			c.want[f.Name] = asJSON(f.Default)
			if !hasTypeOf(f, c.want[f.Name]) {
				c.untyped = append(c.untyped, f.Name)
			}
		case o.rand.IntN(2) == 0:
			c.sent[f.Name] = nil
		}
	}
	return c
}

// nameFor is a name under which the value of a parameter can come: its own or that of its template,
// if no other parameter can be meant.
func (o *ruleOracle) nameFor(f *model.Field) string {
	others := slices.ContainsFunc(o.rules, func(other model.Field) bool {
		return other.Name != f.Name && (other.Name == f.Template || other.Template == f.Template)
	})
	if f.Template == "" || others || o.rand.IntN(3) > 0 {
		return f.Name
	}
	return f.Template
}

// value makes a right value for a parameter. It returns false if there is none.
func (o *ruleOracle) value(f *model.Field) (any, bool) {
	switch f.Type {
	case model.TypeFloat, model.TypeInt:
		return o.number(f)
	case model.TypeBoolean:
		return o.rand.IntN(2) == 0, true
	case model.TypeString:
		if len(f.Options) > 0 {
			return f.Options[o.rand.IntN(len(f.Options))].Value, true
		}
	}
	if f.Name == "json_schema" || f.Template == "json_schema" { // for what the model writes
		return pick(o.rand, `{"schema": {"type": "object"}, "name": "llm_response"}`, `{"type": "object"}`), true
	}
	return pick(o.rand, "", "text", "ein\nText ✓"), true
}

func (o *ruleOracle) number(f *model.Field) (any, bool) {
	low, high := -1000.0, 1000.0
	if f.Min != nil {
		low, high = *f.Min, *f.Min+1000
	}
	if f.Max != nil {
		high = *f.Max
		if f.Min == nil {
			low = high - 1000
		}
	}
	n := low + (high-low)*o.rand.Float64()
	switch {
	case f.Type == model.TypeInt:
		n = math.Round(n)
	case f.Precision != nil:
		n = decimals(n, *f.Precision)
	}
	return n, low <= n && n <= high
}

// decimals rounds a number to decimal places.
func decimals(n float64, places int) float64 {
	scale := math.Pow10(places)
	return math.Round(n*scale) / scale
}

// wrong makes sets of parameters of which one is wrong, one for each parameter and each way to be
// wrong.
func (o *ruleOracle) wrong() []ruleCase {
	var list []ruleCase
	for i := range o.rules {
		f := &o.rules[i]
		for _, value := range o.faults(f) {
			c := o.right()
			c.sent = maps.Clone(c.sent)
			delete(c.sent, f.Template)
			c.sent[f.Name], c.fault = value, f.Name
			list = append(list, c)
		}
		if f.Required && f.Default == nil {
			c := o.right()
			delete(c.sent, f.Name)
			delete(c.sent, f.Template)
			c.fault = f.Name
			list = append(list, c)
		}
	}
	return list
}

// faults are wrong values of a parameter.
func (o *ruleOracle) faults(f *model.Field) []any {
	switch f.Type {
	case model.TypeFloat, model.TypeInt:
		faults := []any{"5", true, []any{}}
		if f.Min != nil {
			faults = append(faults, math.Floor(*f.Min)-1)
		}
		if f.Max != nil {
			faults = append(faults, math.Ceil(*f.Max)+1)
		}
		n, ok := o.number(f)
		if f.Type == model.TypeInt {
			faults = append(faults, 1.5)
		} else if f.Precision != nil && *f.Precision < 8 && ok {
			faults = append(faults, n.(float64)+math.Pow10(-*f.Precision)/4)
		}
		return faults
	case model.TypeBoolean:
		return []any{"true", 1.0}
	case model.TypeString:
		if len(f.Options) > 0 {
			return []any{"no" + strings.Repeat("o", 40), 1.0}
		}
	}
	return []any{1.0, false, map[string]any{}}
}

// hasTypeOf reports whether a value has the type of a parameter.
func hasTypeOf(f *model.Field, v any) bool {
	switch v.(type) {
	case float64:
		return f.Type == model.TypeFloat || f.Type == model.TypeInt
	case bool:
		return f.Type == model.TypeBoolean
	case string:
		return f.Type == model.TypeString || f.Type == model.TypeText
	}
	return false
}

// asJSON is a decoded scalar as JSON has it.
func asJSON(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return v
}
