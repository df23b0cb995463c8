package pipeline_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/model"
)

// parameterOracle makes valid and invalid values for the parameters of a tool. It knows the
// YAML and what the host sends, and nothing of the generated code.
type parameterOracle struct{ rand *rand.Rand }

// absent is the value of a parameter that is not sent at all.
type absent struct{}

// sent is a value on the wire with what it must be decoded to, as JSON has it.
type sent struct{ value, want any }

// refused is a value on the wire that must be refused.
type refused struct {
	what  string
	value any
	mark  string // a text in the value that no message may contain
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// fallback is what an absent parameter becomes. It returns false if it must be given.
func (parameterOracle) fallback(f *model.Field) (want any, ok bool) {
	if want = defaultOf(f); want != nil {
		return want, true
	}
	switch {
	case f.Required:
		return nil, false
	case f.Type == model.TypeBoolean:
		return false, true
	case isText(f):
		return "", true
	}
	return nil, true
}

// isText reports whether a parameter is a text.
func isText(f *model.Field) bool {
	switch f.Type {
	case model.TypeSelect, model.TypeDynamicSelect:
		return !f.Multiple
	case model.TypeString, model.TypeSecretInput:
		return true
	}
	return false
}

// defaultOf is the default of a parameter; nil if there is none, or if it is not a value of it.
func defaultOf(f *model.Field) any {
	if list, isList := f.Default.([]any); isList && (f.Multiple || f.Type == model.TypeCheckbox) {
		return defaultsOf(f, list)
	}
	text, isScalar := model.Scalar(f.Default)
	if !isScalar {
		return nil
	}
	switch f.Type {
	case model.TypeString, model.TypeSecretInput, model.TypeDynamicSelect:
		if text != "" {
			return text
		}
	case model.TypeSelect:
		if text != "" && slices.ContainsFunc(f.Options, func(o model.Option) bool { return o.Value == text }) {
			return text
		}
	case model.TypeBoolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case model.TypeNumber:
		n, err := strconv.ParseFloat(text, 64)
		outside := bound(f.Min) && n < *f.Min || bound(f.Max) && n > *f.Max
		if err == nil && bound(&n) && !outside && (!isWhole(f) || n == math.Trunc(n)) {
			return n
		}
	}
	return nil
}

// defaultsOf are the defaults of a parameter with several values, those that are options if it has some; nil if
// there are none.
func defaultsOf(f *model.Field, list []any) any {
	var defaults []any
	for _, v := range list {
		text, _ := model.Scalar(v)
		if len(f.Options) == 0 || slices.ContainsFunc(f.Options, func(o model.Option) bool { return o.Value == text }) {
			defaults = append(defaults, text)
		}
	}
	if defaults == nil {
		return nil
	}
	return defaults
}

func isWhole(f *model.Field) bool { return f.Precision != nil && *f.Precision == 0 }

// missing are the ways not to give a parameter. An empty text is one, but for an optional text,
// which it is the value of.
func (o parameterOracle) missing(f *model.Field) any {
	if isText(f) && f.Type != model.TypeSelect {
		return pick[any](o.rand, absent{}, nil)
	}
	if f.Type == model.TypeAny {
		return pick[any](o.rand, absent{}, nil)
	}
	return pick[any](o.rand, absent{}, nil, "")
}

// valid makes a value that the host could send.
func (o parameterOracle) valid(f *model.Field) sent {
	if want, ok := o.fallback(f); ok && o.rand.IntN(3) == 0 {
		return sent{o.missing(f), want}
	}
	switch f.Type {
	case model.TypeSelect, model.TypeDynamicSelect, model.TypeCheckbox:
		if f.Multiple || f.Type == model.TypeCheckbox {
			list := []any{o.choice(f), o.choice(f)}
			return pick(o.rand, sent{list, list}, sent{list[0], list[:1]}, sent{encoded(list), list})
		}
		choice := o.choice(f)
		return sent{choice, choice}
	case model.TypeBoolean:
		b := o.rand.IntN(2) == 0
		if b {
			return sent{pick[any](o.rand, true, "true", "True", 1, "1", "yes", " Y "), true}
		}
		return sent{pick[any](o.rand, false, "false", "False", 0, "0", "no", "OFF"), false}
	case model.TypeNumber:
		n := o.number(f)
		text := strconv.FormatFloat(n, 'f', -1, 64)
		return pick(o.rand, sent{n, n}, sent{text, n}, sent{" " + text + "\n", n})
	case model.TypeArray:
		list := []any{o.word(), 2.5, map[string]any{"a": o.word()}}
		return pick(o.rand, sent{list, list}, sent{encoded(list), list}, sent{7.0, []any{7.0}})
	case model.TypeObject:
		object := map[string]any{"a": o.word()}
		return pick(o.rand, sent{object, object}, sent{encoded(object), object})
	case model.TypeFile:
		return o.file()
	case model.TypeFiles:
		a, b := o.file(), o.file()
		return pick(o.rand, sent{[]any{a.value, b.value}, []any{a.want, b.want}}, sent{a.value, []any{a.want}})
	case model.TypeAppSelector:
		app := map[string]any{"app_id": o.word()}
		return sent{app, app}
	case model.TypeModelSelector:
		m := map[string]any{"provider": o.word(), "model": o.word(), "model_type": "llm", "mode": "chat"}
		return sent{m, m}
	case model.TypeArrayTools:
		a, b := o.word(), o.word()
		list := []any{agentTool(a), agentTool(b)}
		return pick(o.rand, sent{list, []any{a, b}}, sent{encoded(list), []any{a, b}})
	case model.TypeAny:
		v := pick[any](o.rand, o.word(), 2.5, true, []any{1.0}, map[string]any{"a": 1.0})
		return sent{v, v}
	}
	text := o.word()
	return pick(o.rand, sent{text, text}, sent{12.5, "12.5"}, sent{true, "true"}, sent{text, text})
}

// word makes an ordinary text.
func (o parameterOracle) word() string {
	return "w" + (&oracle{rand: o.rand}).word(0)
}

func (o parameterOracle) choice(f *model.Field) any {
	if len(f.Options) == 0 {
		return o.word()
	}
	return pick(o.rand, f.Options...).Value
}

func (o parameterOracle) number(f *model.Field) float64 {
	return (&oracle{rand: o.rand}).number(*f)
}

func encoded(v any) string {
	data, _ := json.Marshal(v) // it is made of texts and numbers
	return string(data)
}

// file makes a file as the host sends it, or as an agent names one.
func (o parameterOracle) file() sent {
	url := "https://dify.example/files/" + strconv.Itoa(o.rand.IntN(1000)) + "?sign=1"
	want := map[string]any{"url": url, "filename": "a.png", "extension": ".png", "mime_type": "image/png", "type": "image", "size": 5.0}
	plain := map[string]any{"url": url, "filename": "", "extension": "", "mime_type": "", "type": "", "size": -1.0}
	value := map[string]any{"dify_model_identity": "__dify__file__"}
	for key, v := range want {
		value[key] = v
	}
	bare := map[string]any{"dify_model_identity": "__dify__file__", "url": url, "filename": nil, "extension": nil, "mime_type": nil, "size": nil}
	return pick(o.rand, sent{value, want}, sent{bare, plain}, sent{url, plain}, sent{encoded(value), want})
}

// agentTool is a tool as Dify sends it to a strategy.
func agentTool(name string) map[string]any {
	label := map[string]any{"en_US": name}
	return map[string]any{
		"identity":    map[string]any{"author": "a", "name": name, "label": label, "provider": "o/p/q", "icon": nil},
		"parameters":  []any{map[string]any{"name": "query", "label": label, "human_description": label, "type": "string", "form": "llm", "required": true, "llm_description": "q", "options": []any{}}},
		"description": map[string]any{"human": label, "llm": name}, "output_schema": nil, "has_runtime_parameters": false,
		"runtime_parameters": map[string]any{}, "credential_id": nil, "provider_type": "builtin",
	}
}

// invalid makes values that must be refused.
func (o parameterOracle) invalid(f *model.Field) []refused {
	mark := "zq" + o.word()
	list := []refused{
		{"masked", "[__HIDDEN__]", "HIDDEN"},
		{"encrypted", "SFlCUklEO" + mark, mark},
	}
	add := func(what string, v any) { list = append(list, refused{what, v, mark}) }
	if _, ok := o.fallback(f); !ok {
		add("missing", absent{})
		add("null", nil)
		if f.Type != model.TypeAny && f.Type != model.TypeArrayTools {
			add("empty", "")
		}
	}
	object := map[string]any{"a": mark}
	switch f.Type {
	case model.TypeSelect, model.TypeCheckbox:
		if len(f.Options) > 0 {
			add("no option", mark)
		}
		add("an object", object)
	case model.TypeBoolean:
		add("not a boolean", mark)
		add("another number", 7)
		add("a list", []any{mark})
	case model.TypeNumber:
		o.invalidNumbers(f, add)
		add("not a number", mark)
		add("NaN", "NaN")
		add("an object", object)
	case model.TypeObject:
		add("a text", mark)
		add("a list", []any{mark})
	case model.TypeFile, model.TypeFiles:
		add("a text", mark)
		add("a number", 5)
		add("an object without url", object)
	case model.TypeAppSelector, model.TypeModelSelector:
		add("a text", mark)
		add("an incomplete object", object)
	case model.TypeArrayTools:
		add("a text", mark)
		add("a list of others", []any{object})
	case model.TypeArray, model.TypeAny:
	default:
		add("an object", object)
		if !f.Multiple {
			add("a list", []any{mark})
		}
	}
	return list
}

func (o parameterOracle) invalidNumbers(f *model.Field, add func(what string, v any)) {
	if bound(f.Min) {
		add("too small", *f.Min-1)
		add("too small, as text", strconv.FormatFloat(*f.Min-1, 'f', -1, 64))
	}
	if bound(f.Max) {
		add("too large", *f.Max+1)
	}
	if f.Precision != nil && *f.Precision >= 0 {
		add("too precise", o.number(f)+0.3*math.Pow10(-*f.Precision))
	}
}

// named reports whether a message names a parameter.
func named(message string, f *model.Field) bool {
	return strings.Contains(message, f.Name)
}
