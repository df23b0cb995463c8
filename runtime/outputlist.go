package runtime

import "encoding/json"

// List is a list in what a tool returns. Any slice of its items can be assigned to it. A nil
// one is an empty list, and not null as that of a slice is.
type List[T any] []T

// MarshalJSON returns a list.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}
