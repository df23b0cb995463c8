package session

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
)

// redactValue returns v without secrets. A value without secrets keeps its type.
func redactValue(v slog.Value, redact func(string) string) slog.Value {
	switch v = v.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.StringValue(redact(v.String()))
	case slog.KindInt64, slog.KindUint64:
		if text := v.String(); redact(text) != text {
			return slog.StringValue(redact(text))
		}
	case slog.KindFloat64: // handlers write it with or without an exponent
		for _, text := range []string{v.String(), strconv.FormatFloat(v.Float64(), 'f', -1, 64)} {
			if redact(text) != text {
				return slog.StringValue(redact(text))
			}
		}
	case slog.KindGroup:
		return slog.GroupValue(mapAttrs(v.Group(), func(a slog.Attr) slog.Attr { return redactAttr(a, redact) })...)
	case slog.KindAny:
		for _, rendering := range renderings(v.Any()) {
			if clean := redact(rendering); clean != rendering {
				return slog.StringValue(clean)
			}
		}
	}
	return v
}

// renderings returns the ways in which handlers may write a value: bytes as text, texts and errors
// by their methods, and anything as fmt or encoding/json does.
func renderings(v any) (list []string) {
	defer func() { _ = recover() }() // methods may panic; in a handler they would, too
	if b := reflect.ValueOf(v); b.Kind() == reflect.Slice && b.Type().Elem().Kind() == reflect.Uint8 {
		list = append(list, string(b.Bytes()))
	}
	if left := maxVisited; !endless(reflect.ValueOf(v), maxNested, &left) {
		list = append(list, fmt.Sprintf("%+v", v))
	}
	list = append(list, ofMethod(v, func(e error) string { return e.Error() })...)
	list = append(list, ofMethod(v, func(m encoding.TextMarshaler) string {
		text, _ := m.MarshalText()
		return string(text)
	})...)
	if data, err := json.Marshal(v); err == nil {
		list = append(list, string(data))
	}
	return list
}

// ofMethod returns the text that a method gives, if v has it. A method that panics gives none.
func ofMethod[M any](v any, text func(M) string) (list []string) {
	defer func() { _ = recover() }()
	if m, ok := v.(M); ok {
		list = []string{text(m)}
	}
	return list
}

// So much of a value is looked at to tell whether it ends, and so deep may it be.
const (
	maxVisited = 100_000
	maxNested  = 100
)

// endless reports whether a value may contain itself, which package fmt does not notice.
func endless(v reflect.Value, depth int, left *int) bool {
	if *left--; depth == 0 || *left < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return !v.IsNil() && endless(v.Elem(), depth-1, left)
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			if endless(iter.Key(), depth-1, left) || endless(iter.Value(), depth-1, left) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if isBasic(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if endless(v.Index(i), depth-1, left) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if endless(v.Field(i), depth-1, left) {
				return true
			}
		}
	}
	return false
}

// isBasic reports whether values of a kind contain no others.
func isBasic(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }
