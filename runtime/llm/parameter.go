package llm

import (
	"maps"
	"math"
	"reflect"

	"github.com/difygen/difygen/runtime"
)

// ParameterReader reads the checked parameters of a call, for generated code. What is not read, or
// has another type, is Extra.
type ParameterReader struct {
	values map[string]any
	read   map[string]bool
}

// NewParameterReader returns a reader of values, which it does not change.
func NewParameterReader(values map[string]any) *ParameterReader {
	return &ParameterReader{values, make(map[string]bool)}
}

// Float reads a number.
func (r *ParameterReader) Float(name string) runtime.Optional[float64] {
	return note(r, name, floatOf(r.values[name]))
}

// Int reads a whole number.
func (r *ParameterReader) Int(name string) runtime.Optional[int64] {
	return note(r, name, intOf(r.values[name]))
}

// Text reads a text.
func (r *ParameterReader) Text(name string) runtime.Optional[string] {
	return note(r, name, valueOf[string](r.values[name]))
}

// Bool reads a boolean.
func (r *ParameterReader) Bool(name string) runtime.Optional[bool] {
	return note(r, name, valueOf[bool](r.values[name]))
}

// Any reads a value whose type differs between models: a float64, a string or a bool.
func (r *ParameterReader) Any(name string) runtime.Optional[any] {
	v := r.values[name]
	if number, ok := floatOf(v).Get(); ok {
		return note(r, name, runtime.Some[any](number))
	}
	switch v.(type) {
	case string, bool:
		return note(r, name, runtime.Some(v))
	}
	return runtime.Optional[any]{}
}

// ReadOption reads an option. A text that is none of the options is one of a model that users have
// added; it is read, too.
func ReadOption[T ~string](r *ParameterReader, name string) runtime.Optional[T] {
	text, ok := r.Text(name).Get()
	if !ok {
		return runtime.Optional[T]{}
	}
	return runtime.Some(T(text))
}

// note notes that a value has been read, if there is one.
func note[T comparable](r *ParameterReader, name string, v runtime.Optional[T]) runtime.Optional[T] {
	if v.IsSet() {
		r.read[name] = true
	}
	return v
}

// Extra returns what has not been read.
func (r *ParameterReader) Extra() Extra {
	values := maps.Clone(r.values)
	maps.DeleteFunc(values, func(name string, _ any) bool { return r.read[name] })
	return Extra{values}
}

// Extra are checked parameters for which generated code has no field: those of models that the YAML
// does not declare. The zero Extra has none.
type Extra struct {
	values map[string]any
}

// NewExtra returns values as Extra, for tests. It does not copy them.
func NewExtra(values map[string]any) Extra { return Extra{values} }

// Float returns a number.
func (e Extra) Float(name string) runtime.Optional[float64] { return floatOf(e.values[name]) }

// Int returns a whole number.
func (e Extra) Int(name string) runtime.Optional[int64] { return intOf(e.values[name]) }

// Text returns a text.
func (e Extra) Text(name string) runtime.Optional[string] { return valueOf[string](e.values[name]) }

// Bool returns a boolean.
func (e Extra) Bool(name string) runtime.Optional[bool] { return valueOf[bool](e.values[name]) }

// Values returns a copy of all of them, by name. It is not nil.
func (e Extra) Values() map[string]any {
	values := make(map[string]any, len(e.values))
	maps.Copy(values, e.values)
	return values
}

// Equal reports whether both hold the same values. Package go-cmp calls it.
func (e Extra) Equal(other Extra) bool { return reflect.DeepEqual(e.Values(), other.Values()) }

func valueOf[T comparable](v any) runtime.Optional[T] {
	if value, ok := v.(T); ok {
		return runtime.Some(value)
	}
	return runtime.Optional[T]{}
}

// floatOf returns a number, as it is in JSON or as code writes it.
func floatOf(v any) runtime.Optional[float64] {
	switch v := v.(type) {
	case int:
		return runtime.Some(float64(v))
	case int64:
		return runtime.Some(float64(v))
	}
	return valueOf[float64](v)
}

// intOf returns a whole number.
func intOf(v any) runtime.Optional[int64] {
	switch v := v.(type) {
	case int:
		return runtime.Some(int64(v))
	case int64:
		return runtime.Some(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			return runtime.Some(int64(v))
		}
	}
	return runtime.Optional[int64]{}
}
