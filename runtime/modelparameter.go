package runtime

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// ModelParameterType is the type of a parameter of a model, in Dify's words.
type ModelParameterType string

// The types of parameters.
const (
	ModelParameterFloat   ModelParameterType = "float"
	ModelParameterInt     ModelParameterType = "int"
	ModelParameterString  ModelParameterType = "string"
	ModelParameterBoolean ModelParameterType = "boolean"
	ModelParameterText    ModelParameterType = "text" // of several lines
)

// ParameterRule is the rule for a parameter of a model, which users set for each app.
type ParameterRule struct {
	Name string
	// Template is one of Dify's templates, such as "temperature", that says what is left out here. It
	// is also another name under which the value may come. "" for none.
	Template  string
	Label     string            // in English; that of the template, or Name, if empty
	Labels    map[string]string // in other languages: zh_Hans, ja_JP and pt_BR
	Help      string            // in English
	Helps     map[string]string // in other languages
	Type      ModelParameterType
	Required  bool
	Default   any               // of a required parameter, it replaces a missing value
	Min, Max  Optional[float64] // of a number
	Precision Optional[int]     // decimal places of a float
	Options   []string          // of a string; none for any text
}

// checkParameters checks the parameters of a call against the rules of the model, as Dify's SDK does
// (PROTOCOL-CALLS, section 1.1): a missing value is sought under the name of the template, a default
// replaces that of a required parameter, and what has no rule is left out. Without a schema, that is
// everything. Unlike in Python, a boolean is not a number, and null is absent under both names. The error,
// of type ErrorInvokeBadRequest, names every parameter that is wrong, but no value.
func (s *ModelSchema) checkParameters(values map[string]any) (map[string]any, error) {
	checked := make(map[string]any)
	if s == nil {
		return checked, nil
	}
	var wrong problems
	for i := range s.Parameters {
		p := &s.Parameters[i]
		v := values[p.Name]
		if v == nil && p.Template != "" {
			v = values[p.Template]
		}
		switch {
		case v != nil:
			v = plainNumber(v)
			p.check(&wrong, v)
		case !p.Required:
			continue
		case p.Default == nil:
			wrong.fail(p.Name, p.Label, reasonRequired)
			continue
		default: // which is trusted
			v = plainNumber(p.Default)
		}
		checked[p.Name] = v
	}
	if err := wrong.Err(); err != nil {
		return nil, &Error{Type: ErrorInvokeBadRequest, Err: err}
	}
	return checked, nil
}

// numberOf returns a number as encoding/json decodes it, or as code writes it.
func numberOf(v any) (f float64, ok bool) {
	var err error
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), true
	case json.Number:
		f, err = v.Float64()
		return f, err == nil
	}
	return 0, false
}

// plainNumber returns a number as encoding/json decodes it, and other values as they are.
func plainNumber(v any) any {
	if f, ok := numberOf(v); ok {
		return f
	}
	return v
}

// check adds what is wrong with a value.
func (p *ParameterRule) check(wrong *problems, v any) {
	fail := func(reason string) { wrong.fail(p.Name, p.Label, reason) }
	switch p.Type {
	case ModelParameterInt, ModelParameterFloat:
		f, ok := v.(float64)
		switch {
		case !ok || math.IsNaN(f) || math.IsInf(f, 0):
			fail(p.wantNumber())
			return
		case p.Type == ModelParameterInt && f != math.Trunc(f):
			fail(reasonInteger)
		case p.Type == ModelParameterFloat:
			p.checkPrecision(fail, f)
		}
		if limit, ok := p.Min.Get(); ok && f < limit {
			fail("must be at least " + floatText(limit))
		}
		if limit, ok := p.Max.Get(); ok && f > limit {
			fail("must be at most " + floatText(limit))
		}
	case ModelParameterBoolean:
		if _, ok := v.(bool); !ok {
			fail(reasonBool)
		}
	case ModelParameterString, ModelParameterText:
		text, ok := v.(string)
		switch {
		case !ok:
			fail(reasonText)
		case p.Type == ModelParameterString && len(p.Options) > 0 && !slices.Contains(p.Options, text):
			fail(notAnOption(p.Options))
		}
	default:
		fail("has a type that Dify does not know")
	}
}

func (p *ParameterRule) wantNumber() string {
	if p.Type == ModelParameterInt {
		return reasonInteger
	}
	return reasonNumber
}

func (p *ParameterRule) checkPrecision(fail func(string), f float64) {
	switch places, ok := p.Precision.Get(); {
	case !ok || isRounded(f, places):
	case places <= 0:
		fail(reasonInteger)
	case places == 1:
		fail("must have at most 1 decimal place")
	default:
		fail("must have at most " + strconv.Itoa(places) + " decimal places")
	}
}

// isRounded reports whether a number equals itself rounded to that many decimal places, as Python
// rounds: to the nearest decimal, which is then read as a float.
func isRounded(f float64, places int) bool {
	const most = 323 // no float has more that matter
	switch {
	case places > most:
		return true
	case places < 0:
		return math.Mod(f, math.Pow10(-places)) == 0
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', places, 64), 64)
	return err == nil && rounded == f
}
