package authcode

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/difygen/difygen/runtime"
)

// Dify neither checks the state of a flow nor can it store one. So the state consists of
// a nonce, the time, and a MAC over both and the redirect URI, keyed with the client
// secret. The PKCE verifier is a second MAC over the same. Nothing has to be stored between
// two calls.

// MaxStateAge is how long a user may take to authorize.
const MaxStateAge = 10 * time.Minute

const (
	nonceSize = 16
	headSize  = nonceSize + 8       // with the time, in Unix seconds
	clockSkew = time.Minute         // allowed between machines
	stateSize = headSize + 256/8    // with the MAC
	purposeID = "difygen/authcode/" // separates the uses of the key
)

var errState = errors.New("the state in the callback is not valid: start the authorization again")

// state is what connects the authorization with the exchange.
type state struct {
	text     string // sent through the browser
	verifier string // PKCE code verifier (RFC 7636)
}

// newState returns the state of a new flow.
func newState(secret runtime.Secret, redirectURI string, now time.Time) (state, error) {
	head := make([]byte, headSize)
	if _, err := rand.Read(head[:nonceSize]); err != nil {
		return state{}, err
	}
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(max(now.Unix(), 0)))
	return seal(secret, redirectURI, head), nil
}

// seal returns the state with the given nonce and time.
func seal(secret runtime.Secret, redirectURI string, head []byte) state {
	signed := slices.Concat(head, mac(secret, "state", redirectURI, head))
	return state{
		text:     base64.RawURLEncoding.EncodeToString(signed),
		verifier: base64.RawURLEncoding.EncodeToString(mac(secret, "pkce", redirectURI, head)),
	}
}

// openState returns a state that newState created with the same secret and redirect URI,
// at most MaxStateAge ago.
func openState(secret runtime.Secret, redirectURI, text string, now time.Time) (state, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != stateSize {
		return state{}, errState
	}
	s := seal(secret, redirectURI, raw[:headSize])
	if !hmac.Equal([]byte(s.text), []byte(text)) {
		return state{}, errState
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:])), 0) //nolint:gosec // signed by newState
	switch age := now.Sub(made); {
	case age < -clockSkew:
		return state{}, errors.New("the clocks of this plugin's machines differ: start the authorization again")
	case age > MaxStateAge:
		return state{}, errors.New("the authorization took longer than ten minutes: start it again")
	}
	return s, nil
}

func mac(secret runtime.Secret, purpose, redirectURI string, head []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret.Reveal()))
	h.Write([]byte(purposeID + purpose + "\x00" + redirectURI + "\x00"))
	h.Write(head)
	return h.Sum(nil)
}
