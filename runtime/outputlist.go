package runtime

import "encoding/json"

// List is a list in what a tool or an event returns. Any slice of its items can be assigned to it. A
// nil one is an empty list, and not null as that of a slice is.
type List[T any] []T

// MarshalJSON returns a list.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// OptionalList is a list that output_schema lets be null in what a tool or an event returns. Any slice
// of its items can be assigned to it. A nil one is null.
type OptionalList[T any] []T

// MarshalJSON returns a list, or null.
func (l OptionalList[T]) MarshalJSON() ([]byte, error) { return json.Marshal([]T(l)) }
