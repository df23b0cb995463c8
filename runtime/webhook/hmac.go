package webhook

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/difygen/difygen/runtime"
)

// HMAC is how a service signs webhooks with an HMAC. Header is needed; the zero values of the other
// fields stand for what most services do.
type HMAC struct {
	// Header has the signature. A request that repeats it is refused.
	Header string
	// Prefix comes before the signature in the header, such as "sha256=".
	Prefix string
	// Decode decodes the signature: hex.DecodeString if it is nil, for a signature in upper or lower case. Another
	// one is that of base64.StdEncoding.
	Decode func(string) ([]byte, error)
	// Hash is the hash function: sha256.New if it is nil.
	Hash func() hash.Hash
	// Signed returns what the service signs, if that is not the body alone. The timestamp is the text
	// in TimestampHeader.
	Signed func(r *http.Request, timestamp string, body []byte) []byte
	// TimestampHeader has the time at which the service has signed, if there is such a header. Signed must
	// return it, too: else anybody can change it. Without Signed, it is an error.
	TimestampHeader string
	// TimestampUnit is the unit in which the timestamp counts from the start of 1970. If it is 0, that is a
	// second, and a timestamp as in RFC 3339, such as 2026-05-01T09:00:00Z, is taken as well.
	TimestampUnit time.Duration
	// Window is how far the timestamp may be from now, in both directions: five minutes if it is 0.
	Window time.Duration
}

// defaultWindow is the Window of most services.
const defaultWindow = 5 * time.Minute

// Verify verifies a request and returns its body. If the key is not the secret but what that encodes,
// decode it first, and pass it as runtime.NewSecret(string(key)).
func (h HMAC) Verify(r *http.Request, secret runtime.Secret) (body []byte, err error) {
	body, value, err := open(r, h.Header, secret)
	if err != nil {
		return nil, err
	}
	timestamp, err := h.timestamp(r)
	if err != nil {
		return nil, err
	}
	signature, err := h.signature(value)
	if err != nil {
		return nil, err
	}
	signed := body
	if h.Signed != nil {
		signed = h.Signed(r, timestamp, body)
	}
	if !hmac.Equal(h.sum(secret, signed), signature) {
		return nil, refuse("header %s holds a signature of something else, or with another secret", h.Header)
	}
	return body, nil
}

// signature returns the signature that the value of the header holds.
func (h HMAC) signature(value string) ([]byte, error) {
	text, ok := strings.CutPrefix(value, h.Prefix)
	if !ok {
		return nil, refuse("header %s does not begin with %q", h.Header, h.Prefix)
	}
	decode := h.Decode
	if decode == nil {
		decode = hex.DecodeString
	}
	signature, err := decode(text)
	if err != nil {
		return nil, refuse("header %s holds a signature that cannot be decoded", h.Header)
	}
	return signature, nil
}

// errUnsigned is the error of an HMAC that is wrong, and not of a request.
var errUnsigned = errors.New("webhook.HMAC has a TimestampHeader, but no Signed: return from it what the service signs, with the timestamp")

// timestamp returns the text of the timestamp, if the service sends one.
func (h HMAC) timestamp(r *http.Request) (string, error) {
	switch {
	case h.TimestampHeader == "":
		return "", nil
	case h.Signed == nil:
		return "", errUnsigned
	}
	text, err := only(r, h.TimestampHeader)
	if err != nil {
		return "", err
	}
	return text, fresh("header "+h.TimestampHeader, text, h.TimestampUnit, cmp.Or(h.Window, defaultWindow))
}

func (h HMAC) sum(secret runtime.Secret, signed []byte) []byte {
	newHash := h.Hash
	if newHash == nil {
		newHash = sha256.New
	}
	mac := hmac.New(newHash, []byte(secret.Reveal()))
	_, _ = mac.Write(signed) // never fails
	return mac.Sum(nil)
}

// fresh checks that a timestamp, which counts units, is not further from now than the window. If the unit is
// 0, the timestamp counts seconds, or is as in RFC 3339. The name is that of the place in which it stands.
func fresh(name, timestamp string, unit, window time.Duration) error {
	if unit == 0 {
		unit = time.Second
		if at, err := time.Parse(time.RFC3339, timestamp); err == nil {
			timestamp = strconv.FormatInt(at.Unix(), 10)
		}
	}
	then, err := strconv.ParseUint(timestamp, 10, 63)
	if err != nil {
		return refuse("%s is not a timestamp", name)
	}
	now, allowed := time.Now().UnixNano()/int64(unit), int64(window/unit)
	switch age := now - int64(then); {
	case age > allowed:
		return refuse("%s is more than %v ago: it may be sent again, or a clock is wrong", name, window)
	case age < -allowed:
		return refuse("%s is more than %v in the future: a clock is wrong", name, window)
	}
	return nil
}
