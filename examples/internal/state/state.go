// Package state is what the OAuth flows of the examples share: a signed state, and
// PKCE.
//
// Dify neither checks the state of a flow nor gives a place to keep one. So the
// state carries all it needs, under a MAC keyed from the client secret: a nonce
// and the time. The redirect URI goes into the MAC, and the PKCE verifier is
// derived from the nonce.
package state

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	maxAge    = 10 * time.Minute
	nonceSize = 16
	timeSize  = 8
)

// State is what a flow remembers from the authorization to the exchange.
type State struct {
	Text     string // what goes through the browser
	Verifier string // PKCE code verifier (RFC 7636)
}

// Challenge is the S256 code challenge of the verifier.
func (s State) Challenge() string {
	sum := sha256.Sum256([]byte(s.Verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// New starts a flow.
func New(secret runtime.Secret, redirectURI string, now time.Time) (State, error) {
	head := make([]byte, nonceSize+timeSize)
	if _, err := rand.Read(head[:nonceSize]); err != nil {
		return State{}, err
	}
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(now.Unix())) //nolint:gosec // after 1970
	return seal(secret, redirectURI, head), nil
}

// seal completes a state from its nonce and time.
func seal(secret runtime.Secret, redirectURI string, head []byte) State {
	return State{
		Text:     base64.RawURLEncoding.EncodeToString(append(head[:len(head):len(head)], mac(secret, "state", redirectURI, head)...)),
		Verifier: base64.RawURLEncoding.EncodeToString(mac(secret, "pkce", redirectURI, head)),
	}
}

// Check accepts what New made with the same secret and redirect URI in the last ten
// minutes.
func Check(secret runtime.Secret, redirectURI, text string, now time.Time) (State, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != nonceSize+timeSize+sha256.Size {
		return State{}, errors.New("the state that came back is not ours: start the authorization again")
	}
	s := seal(secret, redirectURI, raw[:nonceSize+timeSize])
	if !hmac.Equal([]byte(s.Text), []byte(text)) {
		return State{}, errors.New("the state that came back is not ours: start the authorization again")
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:])), 0) //nolint:gosec // our own
	if age := now.Sub(made); age < -time.Minute || age > maxAge {
		return State{}, errors.New("the authorization took longer than ten minutes: start it again")
	}
	return s, nil
}

func mac(secret runtime.Secret, purpose, redirectURI string, head []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret.Reveal()))
	h.Write([]byte(purpose + "\x00" + redirectURI + "\x00"))
	h.Write(head)
	return h.Sum(nil)
}
