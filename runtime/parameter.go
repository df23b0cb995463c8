package runtime

import (
	"encoding/json"
	"math"
	"strconv"
)

// File is a file that a user chose for a parameter, as the host describes it.
type File struct {
	URL       string
	Filename  string
	Extension string // with its dot
	MIMEType  string
	Type      string // image, document, audio, video, custom
	Size      int64  // in bytes
}

// IsZero reports whether no file was chosen.
func (f File) IsZero() bool { return f.URL == "" }

// Values returns the object that the host sends.
func (f File) Values() map[string]any {
	return map[string]any{
		"url": f.URL, "filename": f.Filename, "extension": f.Extension,
		"mime_type": f.MIMEType, "type": f.Type, "size": float64(f.Size),
	}
}

// Number reads a number, which may arrive as text. An absent one is 0.
func (d *Decoder) Number(field, label string, need Need) float64 {
	v, ok := d.filled(field, label, need)
	if !ok {
		return 0
	}
	switch v := v.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
	d.fail(field, label, "must be a number")
	return 0
}

// NumberOr is Number with a default for an absent or empty value.
func (d *Decoder) NumberOr(field, label string, fallback float64) float64 {
	if !d.given(field) {
		return fallback
	}
	return d.Number(field, label, FieldOptional)
}

// Texts reads a list of text values. An absent or empty one is nil.
func (d *Decoder) Texts(field, label string, need Need) []string {
	return d.TextsOr(field, label, need)
}

// TextsOr is Texts with a default for an absent value.
func (d *Decoder) TextsOr(field, label string, need Need, fallback ...string) []string {
	return decodeList(d, field, label, need, fallback, func(item any) (text, reason string) {
		text, ok := item.(string)
		if !ok {
			return "", "must be a list of text values"
		}
		return text, leaked(text)
	})
}

// DecodeChoices reads the choices of a select that allows several. If they are absent,
// it returns fallback.
func DecodeChoices[T Choice](d *Decoder, field, label string, need Need, options func() []T, fallback ...T) []T {
	return decodeList(d, field, label, need, fallback, func(item any) (choice T, reason string) {
		s, ok := item.(string)
		if !ok {
			s, _ = scalarText(item)
		}
		if !T(s).Valid() {
			return "", badChoice(s, options())
		}
		return T(s), ""
	})
}

// decodeList reads a list and decodes each item. It returns fallback if the list is
// absent, and nil if decode returns the reason why an item is wrong.
func decodeList[T any](d *Decoder, field, label string, need Need, fallback []T, decode func(item any) (value T, reason string)) []T {
	items, given := d.list(field, label, need, len(fallback) > 0)
	if !given {
		return fallback
	}
	var list []T
	for _, item := range items {
		value, reason := decode(item)
		if reason != "" {
			d.fail(field, label, reason)
			return nil
		}
		list = append(list, value)
	}
	return list
}

// ValidateChoices checks that values are among the options.
func ValidateChoices[T Choice](v *Validator, field, label string, need Need, options func() []T, values []T) {
	if len(values) == 0 && need == FieldRequired {
		v.fail(field, label, reasonRequired)
	}
	for _, value := range values {
		if !value.Valid() {
			v.fail(field, label, notAnOption(options()))
			return
		}
	}
}

// list reads a list. A single value counts as a list of one. It returns false if the
// list is absent.
func (d *Decoder) list(field, label string, need Need, hasDefault bool) (list []any, given bool) {
	switch v := d.values[field].(type) {
	case nil:
		if need == FieldRequired && !hasDefault {
			d.fail(field, label, reasonRequired)
		}
		return nil, false
	case []any:
		list = v
	case []string:
		for _, s := range v {
			list = append(list, s)
		}
	case string:
		if v != "" {
			list = []any{v}
		}
	default:
		d.fail(field, label, "must be a list")
		return nil, true
	}
	if len(list) == 0 && need == FieldRequired {
		d.fail(field, label, reasonRequired)
	}
	return list, true
}

// ChoiceValues returns choices as they are sent to Dify.
func ChoiceValues[T ~string](choices []T) []any {
	values := make([]any, len(choices))
	for i, c := range choices {
		values[i] = string(c)
	}
	return values
}

// Object reads an object. An absent one is nil.
func (d *Decoder) Object(field, label string, need Need) map[string]any {
	o, _ := d.object(field, label, need)
	return o.values
}

// Array reads a list of values of any type. An absent one is nil.
func (d *Decoder) Array(field, label string, need Need) []any {
	v, ok := d.get(field, label, need)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		d.fail(field, label, "must be a list")
	}
	return list
}

// Any reads a value of any type. An absent one is nil.
func (d *Decoder) Any(field, label string, need Need) any {
	v, _ := d.get(field, label, need)
	return v
}

// File reads a file. An absent one is the zero File.
func (d *Decoder) File(field, label string, need Need) File {
	return orZero(decodeObject(d, field, label, need, (*object).file, "must be a file: an object with url"))
}

// Files reads a list of files. An absent one is nil.
func (d *Decoder) Files(field, label string, need Need) []File {
	var files []File
	for _, item := range d.Array(field, label, need) {
		values, _ := item.(map[string]any)
		o := object{values: values}
		f := o.file()
		if o.bad || f.IsZero() {
			d.fail(field, label, "must be a list of files: objects with url")
			return nil
		}
		files = append(files, f)
	}
	return files
}

func (o *object) file() File {
	f := File{
		URL: o.text("url"), Filename: o.text("filename"), Extension: o.text("extension"),
		MIMEType: o.text("mime_type"), Type: o.text("type"),
	}
	if size := o.number("size"); size != nil {
		f.Size = int64(*size)
	}
	return f
}

// FileValues returns files as they are sent to Dify.
func FileValues(files []File) []any {
	values := make([]any, len(files))
	for i, f := range files {
		values[i] = f.Values()
	}
	return values
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
// optional 0 from an absent number.
func (d *Decoder) AtLeast(field, label string, need Need, limit, value float64) {
	d.problems.AtLeast(field, label, need || d.given(field), limit, value)
}

// AtMost checks the upper limit of a number. Unlike a Validator, a Decoder can tell an
// optional 0 from an absent number.
func (d *Decoder) AtMost(field, label string, need Need, limit, value float64) {
	d.problems.AtMost(field, label, need || d.given(field), limit, value)
}

// Decimals checks that a number has at most that many decimal places.
func (p *problems) Decimals(field, label string, places int, value float64) {
	scaled := value * math.Pow10(places)
	if math.Abs(scaled-math.Round(scaled)) > 1e-9*math.Max(1, math.Abs(scaled)) {
		p.fail(field, label, "must have at most "+strconv.Itoa(places)+" decimal places")
	}
}
