package agent

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

const (
	reasonRequired = "is required"
	reasonText     = "must be text"
	reasonBool     = "must be true or false"
	reasonNumber   = "must be a number"
	reasonObject   = "must be an object"
	reasonList     = "must be a list"
)

// object reads the values of an object, as encoding/json decodes them. What is absent or null is the
// zero value. The function gets the place of what is wrong.
type object struct {
	values map[string]any
	fail   func(key, reason string)
}

func (o object) text(key string) string {
	text, ok := o.values[key].(string)
	if !ok && o.values[key] != nil {
		o.fail(key, reasonText)
	}
	return text
}

func (o object) required(key string) string {
	text := o.text(key)
	if text == "" && (o.values[key] == nil || o.values[key] == "") {
		o.fail(key, reasonRequired)
	}
	return text
}

// english reads a text in several languages.
func (o object) english(key string) string {
	if text, ok := o.values[key].(string); ok {
		return text
	}
	return o.object(key).text("en_US")
}

// scalar reads a text, which YAML may have made something else of.
func (o object) scalar(key string) string {
	switch v := o.values[key].(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return o.text(key)
}

func (o object) boolean(key string) bool {
	switch v := o.values[key]; v {
	case nil, false, 0.0, "", "false", "False":
		return false
	case true, 1.0, "true", "True":
		return true
	default:
		o.fail(key, reasonBool)
		return false
	}
}

func (o object) number(key string) runtime.Optional[float64] {
	switch v := o.values[key].(type) {
	case nil:
		return runtime.Optional[float64]{}
	case float64:
		return runtime.Some(v)
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return runtime.Some(f)
		}
	}
	o.fail(key, reasonNumber)
	return runtime.Optional[float64]{}
}

// object reads an object, or text that holds one in JSON.
func (o object) object(key string) object {
	inner := object{fail: func(within, reason string) { o.fail(key+"."+within, reason) }}
	switch v := unpack(o.values[key]).(type) {
	case nil:
	case map[string]any:
		inner.values = v
	default:
		o.fail(key, reasonObject)
	}
	return inner
}

// list reads a list, or text that holds one in JSON.
func (o object) list(key string) []any {
	v := unpack(o.values[key])
	list, ok := v.([]any)
	if !ok && v != nil {
		o.fail(key, reasonList)
	}
	return list
}

// objects reads a list of objects.
func (o object) objects(key string) []object {
	var list []object
	for i, v := range o.list(key) {
		place := fmt.Sprintf("%s[%d]", key, i)
		values, ok := v.(map[string]any)
		if !ok {
			o.fail(place, reasonObject)
			continue
		}
		list = append(list, object{values, func(within, reason string) { o.fail(place+"."+within, reason) }})
	}
	return list
}

// unpack returns what a text holds in JSON, nil for an empty text, and other values as they are.
func unpack(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if text[0] != '{' && text[0] != '[' {
		return v
	}
	var inner any
	if json.Unmarshal([]byte(text), &inner) != nil {
		return v
	}
	return inner
}
