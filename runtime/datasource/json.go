package datasource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/difygen/difygen/runtime"
)

// marshal returns a value in JSON as it is on the wire.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// marshalExactly is marshal for a value of the author's own, which can have texts that are not UTF-8.
func marshalExactly(v any) ([]byte, error) {
	data, err := marshal(v)
	if err == nil && (replaced(data) || !utf8.Valid(data)) {
		err = fmt.Errorf("the value %w", errNotUTF8)
	}
	return data, err
}

// replaced reports whether encoding/json has put U+FFFD in the place of what is not UTF-8: an escape, while
// it writes one that a text has as it is.
func replaced(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		switch {
		case i < 0 || len(data) < i+2:
			return false
		case bytes.HasPrefix(data[i:], []byte(`\ufffd`)):
			return true
		}
		data = data[i+2:]
	}
}

// marshaled is a result in JSON.
type marshaled []byte

// newResult returns a result, or an error if it is larger than the connection takes. What says what is
// in it, and advice what to do then.
func newResult(req *runtime.Request, v any, what, advice string) (any, error) {
	data, err := marshal(result{v})
	if err != nil {
		return nil, err
	}
	if limit := limitOf(req); len(data) > limit {
		return nil, tooLarge(what, len(data), limit, advice)
	}
	return marshaled(data), nil
}

// tooLarge returns the error of a result of at least that size.
func tooLarge(what string, size, limit int, advice string) error {
	return fmt.Errorf("%s are %w: they have at least %d bytes, and over this connection, they may have %d; %s", what, ErrTooLarge, size, limit, advice)
}

// AppendJSON appends the result to b.
func (m marshaled) AppendJSON(b []byte) ([]byte, error) {
	return append(slices.Grow(b, len(m)+lineEnd), m...), nil
}

// MarshalJSON returns what AppendJSON appends.
func (m marshaled) MarshalJSON() ([]byte, error) { return m, nil }
