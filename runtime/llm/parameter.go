package llm

import "github.com/difygen/difygen/runtime"

// ParameterReader reads the checked parameters of a call, for generated code. What is not read, or
// has another type, is Extra.
type ParameterReader struct {
	values map[string]any
}

// NewParameterReader returns a reader of values.
func NewParameterReader(values map[string]any) *ParameterReader { return &ParameterReader{values} }

// Float reads a number.
func (r *ParameterReader) Float(name string) runtime.Optional[float64] {
	return runtime.Optional[float64]{}
}

// Int reads a whole number.
func (r *ParameterReader) Int(name string) runtime.Optional[int64] { return runtime.Optional[int64]{} }

// Text reads a text.
func (r *ParameterReader) Text(name string) runtime.Optional[string] {
	return runtime.Optional[string]{}
}

// Bool reads a boolean.
func (r *ParameterReader) Bool(name string) runtime.Optional[bool] { return runtime.Optional[bool]{} }

// Any reads a value whose type differs between models.
func (r *ParameterReader) Any(name string) runtime.Optional[any] { return runtime.Optional[any]{} }

// ReadOption reads an option. A text that is none of the options is one of a model that users have added;
// it is read, too.
func ReadOption[T ~string](r *ParameterReader, name string) runtime.Optional[T] {
	return runtime.Optional[T]{}
}

// Extra returns what has not been read.
func (r *ParameterReader) Extra() Extra { return Extra{} }

// Extra are checked parameters for which generated code has no field: those of models that the YAML does not declare.
// The zero Extra has none.
type Extra struct {
	values map[string]any
}

// NewExtra returns values as Extra, for tests. It does not copy them.
func NewExtra(values map[string]any) Extra { return Extra{values} }

// Float returns a number.
func (e Extra) Float(name string) runtime.Optional[float64] { return runtime.Optional[float64]{} }

// Int returns a whole number.
func (e Extra) Int(name string) runtime.Optional[int64] { return runtime.Optional[int64]{} }

// Text returns a text.
func (e Extra) Text(name string) runtime.Optional[string] { return runtime.Optional[string]{} }

// Bool returns a boolean.
func (e Extra) Bool(name string) runtime.Optional[bool] { return runtime.Optional[bool]{} }

// Values returns a copy of all of them, by name.
func (e Extra) Values() map[string]any { return map[string]any{} }
