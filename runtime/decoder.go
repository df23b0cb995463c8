package runtime

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Decoder reads the values that Dify sends for the fields of a section. It collects
// every problem, so that the user sees all of them at once.
//
// It is lenient, because hosts differ: null means absent, a boolean may arrive as a
// number or as text, and unknown keys are ignored. It refuses masks and ciphertext,
// which arrive because of host bugs. Problems never quote a value.
type Decoder struct {
	problems
	values map[string]any
	mode   decoderMode
	// isDraft: a value that is missing or wrong is zero, and not a problem.
	isDraft bool
}

// decoderMode says where the values come from.
type decoderMode uint8

const (
	fromStorage   decoderMode = iota // an empty text is a value
	fromForm                         // a default replaces an empty text
	fromParameter                    // as fromForm, but for texts; other types are converted
)

// NewDecoder returns a Decoder of values for the provider with that label.
func NewDecoder(provider string, values map[string]any) Decoder {
	return Decoder{problems: problems{provider: provider}, values: values}
}

// NewDraftDecoder returns a Decoder of values that may be incomplete: one that is missing or wrong is
// zero, or has its default, and Err returns nil. Dify sends such ones while a user sets up a
// subscription, and those of a subscription that the user has set up by hand. A number beyond its bounds is there as
// it is.
func NewDraftDecoder(provider string, values map[string]any) Decoder {
	d := NewDecoder(provider, values)
	d.isDraft = true
	return d
}

// Err returns a *ValidationError that names every field with a problem, or nil.
func (d *Decoder) Err() error {
	if d.isDraft {
		return nil
	}
	return d.problems.Err()
}

// Fail adds a problem, for decoders outside of this package. The field can be a place within one that
// the YAML declares, such as tools[1].identity.name. The reason follows it in the message, as in "must be
// text", and must not contain the value. After a hundred problems, more are left out.
func (d *Decoder) Fail(field, label, reason string) {
	const most = 100
	if len(d.problems.list) < most {
		d.fail(field, label, reason)
	}
}

// NewFormDecoder returns a Decoder of values that a form of a model provider sends.
// There, a default also replaces an empty value.
func NewFormDecoder(provider string, values map[string]any) Decoder {
	d := NewDecoder(provider, values)
	d.mode = fromForm
	return d
}

// get returns the value of a field, and whether it is present and not null.
func (d *Decoder) get(field, label string, need Need) (any, bool) {
	v := d.values[field]
	if v == nil {
		if need == FieldRequired {
			d.fail(field, label, reasonRequired)
		}
		return nil, false
	}
	return v, true
}

// filled is like get, but an empty text also counts as absent.
func (d *Decoder) filled(field, label string, need Need) (any, bool) {
	v, ok := d.get(field, label, need)
	if v == "" && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	}
	return v, ok && v != ""
}

// given reports whether a field has a value that is neither null nor empty.
func (d *Decoder) given(field string) Need {
	v := d.values[field]
	return v != nil && v != ""
}

// plain reports whether s is certainly a valid text. It is small enough for the compiler
// to inline.
func plain(s string) bool { return s != "" && s[0] != maskStart && s[0] != ciphertextPrefix[0] }

// Text reads a text. An absent one is "".
func (d *Decoder) Text(field, label string, need Need) string {
	v := d.values[field]
	if s, ok := v.(string); ok && plain(s) {
		return s
	}
	return d.text(field, label, need, v)
}

// TextOr is Text with a default for an absent value. If the default is a number or a
// boolean in the YAML, the host sends it as one, so TextOr accepts it.
func (d *Decoder) TextOr(field, label string, need Need, fallback string) string {
	v := d.values[field]
	if s, ok := v.(string); ok && plain(s) {
		return s
	}
	if v == nil || v == "" && d.mode == fromForm {
		return fallback
	}
	if s, ok := scalarText(v); ok && s == fallback {
		return s
	}
	return d.text(field, label, need, v)
}

func (d *Decoder) text(field, label string, need Need, v any) string {
	s, ok := v.(string)
	switch {
	case ok:
	case v == nil:
		if need == FieldRequired {
			d.fail(field, label, reasonRequired)
		}
		return ""
	case d.mode == fromParameter:
		s, ok = exactText(v)
	}
	if !ok {
		d.fail(field, label, reasonText)
		return ""
	}
	if s == "" && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	} else if reason := leaked(s); reason != "" {
		d.fail(field, label, reason)
		return ""
	}
	return s
}

// Secret reads a secret. An absent one is the zero Secret.
func (d *Decoder) Secret(field, label string, need Need) Secret {
	return NewSecret(d.Text(field, label, need))
}

// SecretOr is Secret with a default for an absent value.
func (d *Decoder) SecretOr(field, label string, need Need, fallback string) Secret {
	return NewSecret(d.TextOr(field, label, need, fallback))
}

// Bool reads a boolean, which may arrive as true, 1 or "true". An absent one is false.
func (d *Decoder) Bool(field, label string, need Need) bool {
	v := d.values[field]
	if b, ok := v.(bool); ok {
		return b
	}
	if v == nil || v == "" {
		if need == FieldRequired {
			d.fail(field, label, reasonRequired)
		}
		return false
	}
	return d.bool(field, label, v)
}

// BoolOr is Bool with a default for an absent or empty value.
func (d *Decoder) BoolOr(field, label string, fallback bool) bool {
	v := d.values[field]
	if v == nil || v == "" {
		return fallback
	}
	return d.bool(field, label, v)
}

func (d *Decoder) bool(field, label string, v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		if b, ok := d.boolText(v); ok {
			return b
		}
		if reason := leaked(v); reason != "" {
			d.fail(field, label, reason)
			return false
		}
	case float64:
		if v == 0 || v == 1 {
			return v == 1
		}
	case int, int64, json.Number:
		switch v {
		case 1, int64(1), json.Number("1"):
			return true
		case 0, int64(0), json.Number("0"):
			return false
		}
	}
	d.fail(field, label, reasonBool)
	return false
}

// boolText returns the boolean that a text stands for. Parameters may be in words that
// models and forms use.
func (d *Decoder) boolText(s string) (value, ok bool) {
	switch s {
	case "true", "True", "1":
		return true, true
	case "false", "False", "0":
		return false, true
	}
	if d.mode != fromParameter {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "on", "1":
		return true, true
	case "false", "no", "n", "off", "0":
		return false, true
	}
	return false, false
}

// DecodeSelect reads the choice of a select. An absent or empty one is "".
func DecodeSelect[T Enum](d *Decoder, field, label string, need Need, options func() []T) T {
	return DecodeSelectOr(d, field, label, need, options, "")
}

// DecodeSelectOr is DecodeSelect with a default for an absent choice and, in a form or a
// parameter, for an empty one.
func DecodeSelectOr[T Enum](d *Decoder, field, label string, need Need, options func() []T, fallback T) T {
	v := d.values[field]
	if s, ok := v.(string); ok && T(s).Valid() {
		return T(s)
	}
	choice, given := d.choice(field, label, need, v, fallback != "")
	switch {
	case !given && (v == nil || d.mode != fromStorage):
		return fallback
	case given && !T(choice).Valid():
		d.fail(field, label, badChoice(choice, options()))
		return ""
	}
	return T(choice)
}

// choice returns the choice of a select as text, since it may have arrived as a boolean
// or number. It returns false if there is no choice.
func (d *Decoder) choice(field, label string, need Need, v any, hasDefault bool) (choice string, given bool) {
	if v == nil || v == "" {
		if need == FieldRequired && (!hasDefault || v == "" && d.mode == fromStorage) {
			d.fail(field, label, reasonRequired)
		}
		return "", false
	}
	choice, ok := v.(string)
	if !ok {
		choice, _ = scalarText(v)
	}
	return choice, true
}

// DecodeChoice reads the choice of a select when only some of its options can be
// chosen. It returns fallback for an absent or empty choice; "" means no default.
func DecodeChoice[T ~string](d *Decoder, field, label string, need Need, fallback T, options ...T) T {
	choice, given := d.choice(field, label, need, d.values[field], fallback != "")
	switch {
	case !given:
		return fallback
	case !slices.Contains(options, T(choice)):
		d.fail(field, label, badChoice(choice, options))
		return ""
	}
	return T(choice)
}

// badChoice returns why a choice is not one of the options.
func badChoice[T ~string](choice string, options []T) string {
	return cmp.Or(leaked(choice), notAnOption(options))
}

// scalarText returns a boolean or number as YAML writes it. An option or default that
// looks like one may arrive as one.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return floatText(v), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// floatText returns a number as YAML writes it. Most numbers are whole, which is faster.
func floatText(f float64) string {
	if i := int64(f); float64(i) == f && -maxInteger <= i && i <= maxInteger {
		return strconv.FormatInt(i, 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// exactText is scalarText, but for numbers so large that they may have lost digits.
func exactText(v any) (string, bool) {
	if f, ok := v.(float64); ok && math.Abs(f) > maxInteger {
		return "", false
	}
	return scalarText(v)
}
