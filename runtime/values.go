package runtime

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

// Values are values by name, as they are on the wire, some of which may be secret. Code that
// prints, logs or encodes Values shows "[redacted]"; only Reveal returns them. The zero Values
// have none.
type Values struct {
	_      [0]func() // not comparable
	reveal func() map[string]any
}

// NewValues returns values, which it does not copy.
func NewValues(values map[string]any) Values {
	return Values{reveal: func() map[string]any { return values }}
}

// Reveal returns the values themselves, for the code that needs them. It returns nil for the
// zero Values.
func (v Values) Reveal() map[string]any {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

// Equal reports whether v and other hold the same values. Package go-cmp calls it.
func (v Values) Equal(other Values) bool { return reflect.DeepEqual(v.Reveal(), other.Reveal()) }

// Format writes "[redacted]" for every verb.
func (v Values) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns "[redacted]".
func (v Values) String() string { return redacted }

// LogValue returns "[redacted]".
func (v Values) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]"; encoding/json and encoding/xml call it.
func (v Values) MarshalText() ([]byte, error) { return []byte(redacted), nil }
