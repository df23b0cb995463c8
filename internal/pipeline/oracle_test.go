package pipeline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/model"
)

// oracle makes valid and invalid values for a section of a provider. It knows the YAML,
// and nothing of the generated code.
type oracle struct {
	rand      *rand.Rand
	section   *model.Section
	fields    []model.Field
	modelType string // of model credentials
}

func newOracle(r *rand.Rand, s *model.Section) *oracle {
	o := &oracle{rand: r, section: s, fields: dependenciesFirst(s.Effective())}
	if s.Name == model.SectionModelCredentials {
		types := []string{"llm", "text-embedding", "rerank", "speech2text", "moderation", "tts"}
		o.modelType = types[r.IntN(len(types))]
	}
	return o
}

// dependenciesFirst sorts fields so that conditions refer to earlier ones.
func dependenciesFirst(fields []model.Field) []model.Field {
	var sorted []model.Field
	done := make(map[string]bool)
	var visit func(f model.Field)
	visit = func(f model.Field) {
		if done[f.Name] {
			return
		}
		done[f.Name] = true
		for _, d := range f.Declarations {
			conditions := d.ShowOn
			for _, option := range d.Options {
				conditions = slices.Concat(conditions, option.ShowOn)
			}
			for _, c := range conditions {
				if i := slices.IndexFunc(fields, func(f model.Field) bool { return f.Name == c.Variable }); i >= 0 {
					visit(fields[i])
				}
			}
		}
		sorted = append(sorted, f)
	}
	for _, f := range fields {
		visit(f)
	}
	return sorted
}

// given is a set of values with the fields that must be decoded from it.
type given struct {
	values map[string]any
	shown  map[string]shownField
	// holds has the text of each value, with defaults filled in, for conditions.
	holds map[string]string
	// impossible is set if a required select has no option for this type of model.
	impossible bool
	form       bool
}

// shownField is a field whose shown declarations are merged.
type shownField struct {
	model.Field
	required bool
	fallback string // the default, as text
	options  []string
}

// valid makes values that a form could send. Hidden fields may have values of any type,
// since a form can keep what was entered before.
func (o *oracle) valid() given {
	g := given{values: map[string]any{"undeclared": "ignored"}, shown: make(map[string]shownField), holds: make(map[string]string), form: o.section.IsForm()}
	for _, f := range o.fields {
		shown, ok := o.show(g, f)
		if !ok {
			if o.rand.IntN(2) == 0 {
				g.values[f.Name] = o.junk()
			}
			continue
		}
		g.shown[f.Name] = shown
		g.holds[f.Name] = shown.fallback
		if slices.ContainsFunc(f.Declarations, hasOptions) && len(shown.options) == 0 {
			g.impossible = g.impossible || shown.required
			continue
		}
		switch {
		case shown.required && shown.fallback == "" || o.rand.IntN(2) == 0:
			v := o.value(shown)
			g.values[f.Name] = v
			g.holds[f.Name] = textOf(v)
		case o.rand.IntN(3) == 0:
			g.values[f.Name] = nil
		case g.form && o.rand.IntN(3) == 0:
			g.values[f.Name] = ""
		}
	}
	return g
}

func hasOptions(f model.Field) bool { return len(f.Options) > 0 }

// show merges the shown declarations of a field. It returns false if there are none.
func (o *oracle) show(g given, f model.Field) (shownField, bool) {
	holds := func(conditions []model.Condition) bool {
		return !slices.ContainsFunc(conditions, func(c model.Condition) bool {
			if c.Variable == model.ModelTypeVariable {
				return o.modelType == "" || c.Value != o.modelType
			}
			value, ok := g.holds[c.Variable]
			return !ok || value != c.Value
		})
	}
	s := shownField{Field: f}
	found := false
	for _, d := range f.Declarations {
		if !holds(d.ShowOn) {
			continue
		}
		if !found {
			s.Field = d
			s.Declarations = f.Declarations
		}
		for _, option := range d.Options {
			if option.Value != "" && holds(option.ShowOn) {
				s.options = append(s.options, option.Value)
			}
		}
		s.required = s.required || d.Required
		found = true
	}
	text, ok := model.Scalar(s.Default)
	switch s.Type {
	case model.TypeSelect, model.TypeRadio:
		if ok && (slices.Contains(s.options, text) || len(f.Options) == 0) {
			s.fallback = text
		}
	case model.TypeBoolean, model.TypeSwitch:
		s.fallback = "false" // the value of a boolean that was never set
		if b, isBool := model.Boolean(text); ok && isBool {
			s.fallback = strconv.FormatBool(b)
		} else if s.required {
			s.fallback = ""
		}
	case model.TypeNumber:
		if n, err := strconv.ParseFloat(text, 64); err == nil && bound(&n) {
			s.fallback = fmt.Sprint(n)
		}
	default:
		if ok {
			s.fallback = text
		}
	}
	if list, isList := s.Default.([]any); isList && len(list) > 0 {
		s.fallback = "a list"
	}
	return s, found
}

// textOf returns a value as the text that conditions compare.
func textOf(v any) string {
	switch v {
	case true, 1.0, "true", "True", "1":
		return "true"
	case false, 0.0, "false", "False", "0":
		return "false"
	}
	return fmt.Sprint(v)
}

// word makes an ordinary text of at most limit characters, or of any length if limit is 0.
func (o *oracle) word(limit int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzéß日本🙂 -_/\"'\\%\n"
	alphabet := []rune(letters)
	n := 14 + o.rand.IntN(20)
	if limit > 0 {
		n = min(n, limit)
	}
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[o.rand.IntN(len(alphabet))])
	}
	return b.String()
}

func (o *oracle) junk() any {
	return []any{o.word(0), 3.5, true, []any{"x"}, map[string]any{"a": "b"}, nil, "[__HIDDEN__]"}[o.rand.IntN(7)]
}

func (o *oracle) value(f shownField) any {
	one := o.one(f)
	several := f.Type == model.TypeCheckbox || f.Type == model.TypeFiles ||
		f.Multiple && slices.Contains([]model.FieldType{model.TypeString, model.TypeTextInput, model.TypeSelect, model.TypeRadio, model.TypeDynamicSelect, model.TypeFile}, f.Type)
	if several && o.section.Name == model.SectionParameters {
		list := []any{one}
		for range o.rand.IntN(3) {
			list = append(list, o.one(f))
		}
		return list
	}
	return one
}

func (o *oracle) one(f shownField) any {
	pick := func(values ...any) any { return values[o.rand.IntN(len(values))] }
	switch f.Type {
	case model.TypeBoolean, model.TypeSwitch:
		return pick(true, false, "true", "false", 1.0, 0.0)
	case model.TypeSelect, model.TypeRadio, model.TypeCheckbox:
		if len(f.options) > 0 {
			return f.options[o.rand.IntN(len(f.options))]
		}
	case model.TypeAppSelector:
		return map[string]any{"app_id": o.word(0)}
	case model.TypeModelSelector:
		return map[string]any{"provider": o.word(0), "model": o.word(0), "model_type": "llm", "mode": pick("chat", "completion")}
	case model.TypeArrayTools:
		return []any{map[string]any{"provider_id": o.word(0), "tool_name": o.word(0), "tool_description": ""}}
	case model.TypeNumber:
		return o.number(f.Field)
	case model.TypeObject:
		return map[string]any{"key": o.word(0)}
	case model.TypeArray:
		return []any{o.word(0), 1.0}
	case model.TypeFile, model.TypeFiles:
		return map[string]any{
			"url": o.word(0), "filename": "", "extension": "", "mime_type": "", "type": "", "size": 5.0,
		}
	}
	return o.word(f.MaxLength)
}

func (o *oracle) number(f model.Field) float64 {
	low, high, places := 1.0, 1e6, 3
	if bound(f.Min) {
		low, high = *f.Min, *f.Min+1e6
	}
	if bound(f.Max) {
		high = *f.Max
	}
	if f.Precision != nil {
		places = *f.Precision
	}
	scale := math.Pow10(places)
	n := math.Round((low+(high-low)*o.rand.Float64())*scale) / scale
	return min(max(n, low), high)
}

// bound reports whether there is a finite bound. Others have no effect.
func bound(n *float64) bool { return n != nil && !math.IsNaN(*n) && !math.IsInf(*n, 0) }

// fault is a wrong value for one field.
type fault struct {
	name  string
	field string
	value any
	drop  bool   // the value must be missing
	mark  string // a text in the value that no message may contain
}

// faults returns wrong values for a shown field.
func (o *oracle) faults(f shownField) []fault {
	mark := "zq" + o.word(0)
	var list []fault
	add := func(name string, value any) { list = append(list, fault{name, f.Name, value, false, mark}) }
	if f.required && f.fallback == "" {
		list = append(list, fault{name: "missing", field: f.Name, drop: true})
		add("null", nil)
	}
	masked := func() {
		add("masked", "[__HIDDEN__]")
		add("masked", "[__UNKNOWN__]")
		add("encrypted", "SFlCUklEO"+mark)
	}
	inList := o.section.Name == model.SectionParameters && (f.Multiple || f.Type == model.TypeCheckbox)
	switch f.Type {
	case model.TypeSelect, model.TypeRadio, model.TypeCheckbox:
		masked()
		add("an object", map[string]any{"a": mark})
		if len(f.options) > 0 {
			add("not an option", mark)
		}
	case model.TypeBoolean, model.TypeSwitch:
		masked()
		add("not a boolean", mark)
		add("an object", map[string]any{"a": mark})
		add("another number", 7.0)
	case model.TypeNumber:
		add("not a number", mark)
		add("a list", []any{mark})
		if bound(f.Min) {
			add("too small", *f.Min-1)
		}
		if bound(f.Max) {
			add("too large", *f.Max+1)
		}
	case model.TypeAppSelector, model.TypeModelSelector, model.TypeObject, model.TypeFile:
		add("a text", mark)
		add("a number", 5.0)
	case model.TypeArrayTools, model.TypeArray, model.TypeFiles:
		add("a text", mark)
		add("an object", map[string]any{"a": mark})
	case model.TypeAny:
	default:
		if o.section.Name == model.SectionSubscription && f.Type != model.TypeTextInput && f.Type != model.TypeString && f.Type != model.TypeSecretInput {
			break // any value
		}
		masked()
		add("an object", map[string]any{"a": mark})
		if !inList {
			add("a list", []any{mark})
		}
		if f.MaxLength > 0 {
			add("too long", "zq"+strings.Repeat("é", f.MaxLength))
			list[len(list)-1].mark = "zqé"
		}
	}
	return list
}
