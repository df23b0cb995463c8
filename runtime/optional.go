package runtime

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Optional is a value that may be absent. The zero Optional is absent.
type Optional[T comparable] struct {
	value T
	set   bool
}

// Some returns an Optional that holds value.
func Some[T comparable](value T) Optional[T] { return Optional[T]{value, true} }

// Get returns the value and true, or the zero value and false if it is absent.
func (o Optional[T]) Get() (value T, ok bool) { return o.value, o.set }

// Or returns the value, or fallback if it is absent.
func (o Optional[T]) Or(fallback T) T {
	if o.set {
		return o.value
	}
	return fallback
}

// IsSet reports whether there is a value.
func (o Optional[T]) IsSet() bool { return o.set }

// Equal reports whether both are absent or hold the same value, like ==. Package go-cmp
// calls it.
func (o Optional[T]) Equal(other Optional[T]) bool { return o == other }

// String returns the value as fmt.Sprint does, or "absent".
func (o Optional[T]) String() string {
	if !o.set {
		return "absent"
	}
	return fmt.Sprint(o.value)
}

// MarshalJSON encodes the value, or null if it is absent.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON decodes a value; null makes it absent.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Optional[T]{}
		return nil
	}
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*o = Some(value)
	return nil
}
