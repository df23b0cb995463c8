package host

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// shape checks a value of a result, which is not null.
type shape func(data json.RawMessage) error

// member is what Dify expects of a field of an object.
type member struct {
	key      string
	required bool // it must be there, and not null
	is       shape
}

func needs(key string, is shape) member { return member{key, true, is} }
func may(key string, is shape) member   { return member{key, false, is} }

// inside returns an error with the path to what is wrong.
func inside(path string, err error) error {
	var deeper *pathError
	if errors.As(err, &deeper) {
		if !strings.HasPrefix(deeper.path, "[") {
			path += "."
		}
		return &pathError{path + deeper.path, deeper.problem}
	}
	return &pathError{path, err.Error()}
}

type pathError struct{ path, problem string }

func (e *pathError) Error() string { return e.path + " " + e.problem }

func isNull(data json.RawMessage) bool { return data == nil || bytes.Equal(data, []byte("null")) }

// objectOf is an object with these members. Others are dropped.
func objectOf(members ...member) shape {
	return func(data json.RawMessage) error {
		var fields map[string]json.RawMessage
		if json.Unmarshal(data, &fields) != nil {
			return errors.New("is not an object")
		}
		for _, m := range members {
			value := fields[m.key]
			switch {
			case isNull(value) && m.required:
				return &pathError{m.key, "is missing, or null"}
			case isNull(value):
				continue
			}
			if err := m.is(value); err != nil {
				return inside(m.key, err)
			}
		}
		return nil
	}
}

// listWith is a list of such items.
func listWith(item shape) shape {
	return func(data json.RawMessage) error {
		var list []json.RawMessage
		if json.Unmarshal(data, &list) != nil {
			return errors.New("is not a list")
		}
		for i, value := range list {
			path := fmt.Sprintf("[%d]", i)
			if isNull(value) {
				return &pathError{path, "is null"}
			}
			if err := item(value); err != nil {
				return inside(path, err)
			}
		}
		return nil
	}
}

// decodes is a value that decodes into a T.
func decodes[T any](what string) shape {
	return func(data json.RawMessage) error {
		if json.Unmarshal(data, new(T)) != nil {
			return errors.New("is not " + what)
		}
		return nil
	}
}

var (
	anyText   = decodes[string]("a text")
	anyInt    = decodes[int64]("an integer")
	anyNumber = decodes[float64]("a number")
	anyBool   = decodes[bool]("a boolean")
	anyObject = objectOf()
)

func anything(json.RawMessage) error { return nil }

func filledText(data json.RawMessage) error {
	if err := anyText(data); err != nil {
		return err
	}
	if string(data) == `""` {
		return errors.New("is empty")
	}
	return nil
}

func natural(data json.RawMessage) error {
	if err := anyInt(data); err != nil {
		return err
	}
	if data[0] == '-' {
		return errors.New("is negative")
	}
	return nil
}

func positive(data json.RawMessage) error {
	if err := anyInt(data); err != nil {
		return err
	}
	if data[0] == '-' || string(data) == "0" {
		return errors.New("is less than 1")
	}
	return nil
}

var decimalPattern = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// anyDecimal is a decimal number in a text, or a number.
func anyDecimal(data json.RawMessage) error {
	if decimalPattern.Match(bytes.Trim(data, `"`)) {
		return nil
	}
	return errors.New("is not a decimal number")
}

func hexText(data json.RawMessage) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		if _, err := hex.DecodeString(s); err == nil {
			return nil
		}
	}
	return errors.New("is not a text in hexadecimal")
}

func base64Text(data json.RawMessage) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		if _, err := base64.StdEncoding.DecodeString(s); err == nil {
			return nil
		}
	}
	return errors.New("is not a text in base64")
}

// basic is a text, a number or a boolean.
func basic(data json.RawMessage) error {
	if data[0] == '{' || data[0] == '[' {
		return errors.New("is not a text, a number or a boolean")
	}
	return nil
}

// wordOf is one of some texts.
func wordOf(words ...string) shape {
	return func(data json.RawMessage) error {
		var s string
		if json.Unmarshal(data, &s) != nil || !slices.Contains(words, s) {
			return errors.New("is not one of " + strings.Join(words, ", "))
		}
		return nil
	}
}

// expected is what Dify takes as a result of an action.
type expected struct {
	is   shape
	many bool // Dify takes any number of results, and else the first one
}

// shapeCheck checks the results of an action, each for itself.
type shapeCheck struct {
	expected

	action string
	n      int // of the results
}

func (c *shapeCheck) result(data json.RawMessage) error {
	c.n++
	if c.n == 2 && !c.many {
		return fmt.Errorf("a second result of %s, of which Dify takes one", c.action)
	}
	if err := c.is(data); err != nil {
		return fmt.Errorf("a result of %s: %w", c.action, err)
	}
	return nil
}

func (c *shapeCheck) end() error {
	if c.n == 0 && c.action != "invoke_tts" { // a text may be silence
		return fmt.Errorf("%s has no result", c.action)
	}
	return nil
}
