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

// Dify neither checks the state of a flow nor gives a place to keep one. So the
// state carries a nonce and the time under a MAC, keyed from the client secret,
// into which the redirect URI goes, too; and the PKCE verifier is derived from the
// nonce. Nothing has to be remembered between two calls.

// MaxStateAge is how long a user may take to authorize.
const MaxStateAge = 10 * time.Minute

const (
	nonceSize = 16
	headSize  = nonceSize + 8       // and the time, in Unix seconds
	clockSkew = time.Minute         // that machines may differ by
	stateSize = headSize + 256/8    // and the MAC
	purposeID = "difygen/authcode/" // keeps the two uses of the key apart
)

var errState = errors.New("the state that came back is not ours: start the authorization again")

// state is what a flow carries from the authorization to the exchange.
type state struct {
	text     string // what goes through the browser
	verifier string // PKCE code verifier (RFC 7636)
}

// newState starts a flow.
func newState(secret runtime.Secret, redirectURI string, now time.Time) (state, error) {
	head := make([]byte, headSize)
	if _, err := rand.Read(head[:nonceSize]); err != nil {
		return state{}, err
	}
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(max(now.Unix(), 0)))
	return seal(secret, redirectURI, head), nil
}

// seal completes a state from its nonce and time.
func seal(secret runtime.Secret, redirectURI string, head []byte) state {
	signed := slices.Concat(head, mac(secret, "state", redirectURI, head))
	return state{
		text:     base64.RawURLEncoding.EncodeToString(signed),
		verifier: base64.RawURLEncoding.EncodeToString(mac(secret, "pkce", redirectURI, head)),
	}
}

// openState accepts what newState made with the same secret and redirect URI, at
// most MaxStateAge ago.
func openState(secret runtime.Secret, redirectURI, text string, now time.Time) (state, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != stateSize {
		return state{}, errState
	}
	s := seal(secret, redirectURI, raw[:headSize])
	if !hmac.Equal([]byte(s.text), []byte(text)) {
		return state{}, errState
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:])), 0) //nolint:gosec // our own
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
