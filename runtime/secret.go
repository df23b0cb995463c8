package runtime

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be shown, such as an API key or a token. Code that
// prints, logs, compares or encodes a Secret, alone or inside other values, shows
// "[redacted]", an address or masked bytes; only Reveal returns the text. The zero
// Secret is the empty text.
//
// Secrets cannot be compared with ==; use Equal. reflect.DeepEqual and go-cmp work.
type Secret struct {
	_ [0]func() // not comparable: == would compare addresses

	// A pointer, because fmt prints unexported fields of structs without calling their
	// methods. Masked, because test libraries follow pointers.
	masked *string
}

// maskKey is different in every process.
var maskKey = func() [32]byte {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	for i := range key {
		key[i] |= 0x80 // an ASCII character is masked as a byte that is not ASCII
	}
	return key
}()

// mask turns a text into its masked form, and back.
func mask(text string) string {
	out := make([]byte, len(text))
	for i := range out {
		out[i] = text[i] ^ maskKey[i%len(maskKey)]
	}
	return string(out)
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	masked := mask(text)
	return Secret{masked: &masked}
}

// Reveal returns the text itself, for the code that needs it.
func (s Secret) Reveal() string {
	if s.masked == nil {
		return ""
	}
	return mask(*s.masked)
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.masked == nil }

// Equal reports whether two secrets hold the same text. The time that it takes depends
// only on their lengths.
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

// MarshalText returns "[redacted]"; encoding/json and encoding/xml call it. To send a
// secret, encode the result of Reveal.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
