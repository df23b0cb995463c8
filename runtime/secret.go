package runtime

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be seen: an API key, a token. Whatever prints,
// logs or encodes a Secret, alone or inside other values, writes "[redacted]" or
// an address; only Reveal gives the text. The zero Secret is the empty text.
//
// Secrets cannot be compared with ==; use Equal.
type Secret struct {
	_ [0]func() // not comparable: == would compare addresses

	// Behind a pointer, since fmt prints what lies in unexported fields of
	// structs without asking their methods.
	text *string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal reports whether two secrets hold the same text, in a time that depends
// on their lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format writes "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]"; encoding/json and encoding/xml call it. To
// send a secret, put Reveal into what is encoded.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
