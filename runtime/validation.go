package runtime

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem describes what is wrong with one field. It never contains the field's value.
type Problem struct {
	Field  string // the name in the YAML
	Label  string // the label in the form
	Reason string // "is required"
}

// ValidationError lists every problem of a set of values.
type ValidationError struct {
	Provider string // the label of the provider or the tool; "" of an error from Invalid
	Problems []Problem
}

// Invalid returns a *ValidationError with one problem, for what your own code finds wrong with
// a parameter or a credential. The label may be "". The reason follows them in the message, as
// in "Start (start_time) must be a date", and must not contain the value.
func Invalid(field, label, reason string) error {
	return &ValidationError{Problems: []Problem{{field, label, reason}}}
}

// Error returns one line that names each field by label and name, and no value.
func (e *ValidationError) Error() string {
	var b strings.Builder
	if e.Provider != "" {
		b.WriteString(oneLine(e.Provider) + ": ")
	}
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		field, label := oneLine(p.Field), oneLine(p.Label)
		if label != "" && label != field {
			b.WriteString(label + " (" + field + ")")
		} else {
			b.WriteString(field)
		}
		b.WriteByte(' ')
		b.WriteString(p.Reason)
	}
	return b.String()
}

// oneLine returns a name in the YAML as a message can contain it: printable, on one line
// and not too long.
func oneLine(s string) string {
	const most = 60
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
}

// Need says whether a field must be given.
type Need bool

// A required text or secret must not be empty.
const (
	FieldRequired Need = true
	FieldOptional Need = false
)

// RequiredIf returns FieldRequired if condition is true, and FieldOptional if not.
func RequiredIf(condition bool) Need { return Need(condition) }

const (
	reasonRequired   = "is required"
	reasonMasked     = "arrived masked from Dify; enter it again"
	reasonCiphertext = "arrived encrypted from Dify; enter it again"
	reasonText       = "must be text"
	reasonBool       = "must be true or false"
	reasonNumber     = "must be a number"
	reasonInteger    = "must be a whole number"
	reasonTooLarge   = "is too large"
	reasonObject     = "must be an object"
	reasonList       = "must be a list of objects"
)

// Values that arrive because of host bugs: masks of hidden values, and the start of what
// the host encrypted (base64 of "HYBRID:"). Our own mask arrives if a plugin encoded a
// Secret instead of revealing it.
const (
	maskStart        = '['
	maskHidden       = "[__HIDDEN__]"
	maskUnknown      = "[__UNKNOWN__]"
	maskOurs         = redacted
	ciphertextPrefix = "SFlCUklEO"
)

// leaked returns why a text cannot be what the user entered, or "" if it can be.
func leaked(s string) string {
	switch {
	case s == maskHidden || s == maskUnknown || s == maskOurs:
		return reasonMasked
	case strings.HasPrefix(s, ciphertextPrefix):
		return reasonCiphertext
	}
	return ""
}

// problems collects the problems of the values of a provider.
type problems struct {
	provider string // the label
	list     []Problem
}

// Err returns a *ValidationError with every problem, or nil if there are none.
func (p *problems) Err() error {
	if len(p.list) == 0 {
		return nil
	}
	return &ValidationError{Provider: p.provider, Problems: p.list}
}

// fail adds a problem, unless the field already has one.
func (p *problems) fail(field, label, reason string) {
	if slices.ContainsFunc(p.list, func(other Problem) bool { return other.Field == field }) {
		return
	}
	p.list = append(p.list, Problem{Field: field, Label: label, Reason: reason})
}

// MaxLength checks that a text has at most limit characters.
func (p *problems) MaxLength(field, label string, limit int, value string) {
	if len(value) > limit && utf8.RuneCountInString(value) > limit {
		p.fail(field, label, "must have at most "+strconv.Itoa(limit)+" characters")
	}
}

// NotShown reports a choice that the form does not offer under the current conditions.
func (p *problems) NotShown(field, label string) {
	p.fail(field, label, "is an option that is not available here")
}

// Validator checks a typed set of values. Generated Validate methods use it.
type Validator struct{ problems }

// NewValidator returns a Validator for values of the provider with that label.
func NewValidator(provider string) Validator {
	return Validator{problems{provider: provider}}
}

// Text checks a text.
func (v *Validator) Text(field, label string, need Need, value string) {
	if value == "" && need == FieldRequired {
		v.fail(field, label, reasonRequired)
	} else if reason := leaked(value); reason != "" {
		v.fail(field, label, reason)
	}
}

// Secret checks a secret.
func (v *Validator) Secret(field, label string, need Need, value Secret) {
	v.Text(field, label, need, value.Reveal())
}

// Present checks that a required value is given.
func (v *Validator) Present(field, label string, present bool) {
	if !present {
		v.fail(field, label, reasonRequired)
	}
}

// Complete checks that an optional selector, if it is given, is complete.
func (v *Validator) Complete(field, label string, complete bool) {
	if !complete {
		v.fail(field, label, "is not complete; leave it out or fill it")
	}
}

// Enum is a generated type of the options of a select.
type Enum interface {
	~string
	Valid() bool
}

// ValidateSelect checks that a value is one of the options.
func ValidateSelect[T Enum](v *Validator, field, label string, need Need, options func() []T, value T) {
	switch {
	case value == "":
		if need == FieldRequired {
			v.fail(field, label, reasonRequired)
		}
	case !value.Valid():
		v.fail(field, label, notAnOption(options()))
	}
}

// notAnOption says that a value must be one of the options.
func notAnOption[T ~string](options []T) string { return "must be one of " + optionList(options) }

// notOptions says that a value must be a list of options.
func notOptions[T ~string](options []T) string {
	return "must be a list with any of " + optionList(options)
}

// optionList lists options, which are not secret, as many as fit on a line.
func optionList[T ~string](options []T) string {
	const most = 8
	var b strings.Builder
	for i, o := range options {
		if i == most {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(oneLine(string(o)))
	}
	return b.String()
}
