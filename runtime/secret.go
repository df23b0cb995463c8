package runtime

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"sync"
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

// tagSize is how many bytes before a masked text make its mask.
const tagSize = aes.BlockSize

// tagMACs and maskCipher have keys that are different in every process.
var (
	tagMACs = func() *sync.Pool {
		key := randomKey()
		return &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	}()
	maskCipher = func() cipher.Block {
		block, _ := aes.NewCipher(randomKey()) // the key has a valid size
		return block
	}()
)

func randomKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

// mask returns the masked form of a text. Its start, which is a MAC of the text, makes the
// mask. So equal texts have equal forms, and the forms of different ones tell nothing about the
// texts, not even together.
func mask(text string) string {
	mac := tagMACs.Get().(hash.Hash)
	mac.Reset()
	_, _ = io.WriteString(mac, text) // never fails
	out := mac.Sum(make([]byte, 0, sha256.Size+len(text)))[:tagSize]
	out = append(out, text...)
	tagMACs.Put(mac)
	cipher.NewCTR(maskCipher, out[:tagSize]).XORKeyStream(out[tagSize:], out[tagSize:])
	return string(out)
}

// unmask returns the text of a masked form.
func unmask(masked string) string {
	out := []byte(masked)
	cipher.NewCTR(maskCipher, out[:tagSize]).XORKeyStream(out[tagSize:], out[tagSize:])
	return string(out[tagSize:])
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
	return unmask(*s.masked)
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
