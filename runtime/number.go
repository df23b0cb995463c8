package runtime

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// maxInteger is the largest integer for which a float64, which is what JSON has, stands for
// no other integer.
const maxInteger = 1<<53 - 1

// Number reads a number, which may arrive as text. An absent one is 0.
func (d *Decoder) Number(field, label string, need Need) float64 {
	v, ok := d.filled(field, label, need)
	if !ok {
		return 0
	}
	return d.number(field, label, v)
}

// NumberOr is Number with a default for an absent or empty value.
func (d *Decoder) NumberOr(field, label string, fallback float64) float64 {
	v := d.values[field]
	if v == nil || v == "" {
		return fallback
	}
	return d.number(field, label, v)
}

// OptionalNumber reads a number that may be absent.
func (d *Decoder) OptionalNumber(field, label string) Optional[float64] {
	v := d.values[field]
	if v == nil || v == "" {
		return Optional[float64]{}
	}
	return Some(d.number(field, label, v))
}

func (d *Decoder) number(field, label string, v any) float64 {
	f, ok := v.(float64)
	if !ok {
		f, ok = d.parseNumber(v)
	}
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		d.failValue(field, label, v, reasonNumber)
		return 0
	}
	return f
}

func (d *Decoder) parseNumber(v any) (f float64, ok bool) {
	var err error
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		f, err = v.Float64()
	case string:
		f, err = strconv.ParseFloat(d.trim(v), 64)
	default:
		return 0, false
	}
	return f, err == nil
}

// trim removes the space around a value in text, if it is a parameter.
func (d *Decoder) trim(s string) string {
	if d.mode != fromParameter {
		return s
	}
	return strings.TrimSpace(s)
}

// failValue fails with the reason, or with a better one if the value is a text that leaked.
func (d *Decoder) failValue(field, label string, v any, reason string) {
	s, _ := v.(string)
	d.fail(field, label, cmp.Or(leaked(s), reason))
}

// Integer reads a whole number, which may arrive as text or as 3.0. An absent one is 0.
func (d *Decoder) Integer(field, label string, need Need) int64 {
	v, ok := d.filled(field, label, need)
	if !ok {
		return 0
	}
	return d.integer(field, label, v)
}

// IntegerOr is Integer with a default for an absent or empty value.
func (d *Decoder) IntegerOr(field, label string, fallback int64) int64 {
	v := d.values[field]
	if v == nil || v == "" {
		return fallback
	}
	return d.integer(field, label, v)
}

// OptionalInteger reads a whole number that may be absent.
func (d *Decoder) OptionalInteger(field, label string) Optional[int64] {
	v := d.values[field]
	if v == nil || v == "" {
		return Optional[int64]{}
	}
	return Some(d.integer(field, label, v))
}

func (d *Decoder) integer(field, label string, v any) int64 {
	f, ok := v.(float64)
	if !ok {
		f, ok = d.parseNumber(v)
	}
	switch {
	case !ok || f != math.Trunc(f) || math.IsInf(f, 0): // also if f is not a number
		d.failValue(field, label, v, reasonInteger)
		return 0
	case math.Abs(f) > maxInteger:
		d.fail(field, label, reasonTooLarge)
		return 0
	}
	return int64(f)
}

// AtLeast checks the lower limit of a number. An optional 0 counts as absent.
func (p *problems) AtLeast(field, label string, need Need, limit, value float64) {
	if value < limit && (need == FieldRequired || value != 0) {
		p.fail(field, label, "must be at least "+strconv.FormatFloat(limit, 'f', -1, 64))
	}
}

// AtMost checks the upper limit of a number. An optional 0 counts as absent.
func (p *problems) AtMost(field, label string, need Need, limit, value float64) {
	if value > limit && (need == FieldRequired || value != 0) {
		p.fail(field, label, "must be at most "+strconv.FormatFloat(limit, 'f', -1, 64))
	}
}

// AtLeast checks the lower limit of a number. Unlike a Validator, a Decoder can tell an
// optional 0 from an absent number. Of a parameter, it checks only a value that is given:
// a default is trusted.
func (d *Decoder) AtLeast(field, label string, need Need, limit, value float64) {
	if value < limit && d.limited(field) {
		d.problems.AtLeast(field, label, need || d.given(field), limit, value)
	}
}

// AtMost checks the upper limit of a number, in the same way as AtLeast.
func (d *Decoder) AtMost(field, label string, need Need, limit, value float64) {
	if value > limit && d.limited(field) {
		d.problems.AtMost(field, label, need || d.given(field), limit, value)
	}
}

// limited reports whether limits apply to the value of a field.
func (d *Decoder) limited(field string) bool {
	return d.mode != fromParameter || d.given(field) == FieldRequired
}

// Decimals checks that a number has at most that many decimal places.
func (p *problems) Decimals(field, label string, places int, value float64) {
	if moreDecimals(places, value) {
		reason := "must have at most " + strconv.Itoa(places) + " decimal places"
		if places == 1 {
			reason = "must have at most 1 decimal place"
		}
		p.fail(field, label, reason)
	}
}

// Decimals checks that a number has at most that many decimal places. Of a parameter, it
// checks only a value that is given.
func (d *Decoder) Decimals(field, label string, places int, value float64) {
	if moreDecimals(places, value) && d.limited(field) {
		d.problems.Decimals(field, label, places, value)
	}
}

// moreDecimals reports whether a number has more than that many decimal places.
func moreDecimals(places int, value float64) bool {
	scaled := value * math.Pow10(places)
	return math.Abs(scaled-math.Round(scaled)) > 1e-9*math.Max(1, math.Abs(scaled))
}
