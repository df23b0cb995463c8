package github

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

// Dify neither checks the state of a flow nor gives a place to keep one. So the
// state carries all it needs, under a MAC keyed from the client secret: a nonce
// and the time. The redirect URI goes into the MAC, and the PKCE verifier is
// derived from the nonce.

const (
	stateAge  = 10 * time.Minute
	nonceSize = 16
	timeSize  = 8
)

type state struct {
	text     string // what goes through the browser
	verifier string // PKCE code verifier (RFC 7636)
}

// challenge is the S256 code challenge.
func (s state) challenge() string {
	sum := sha256.Sum256([]byte(s.verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func newState(secret runtime.Secret, redirectURI string, now time.Time) (state, error) {
	head := make([]byte, nonceSize+timeSize)
	if _, err := rand.Read(head[:nonceSize]); err != nil {
		return state{}, err
	}
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(now.Unix())) //nolint:gosec // after 1970
	return sealState(secret, redirectURI, head), nil
}

// sealState completes a state from its nonce and time.
func sealState(secret runtime.Secret, redirectURI string, head []byte) state {
	return state{
		text:     base64.RawURLEncoding.EncodeToString(append(head[:len(head):len(head)], mac(secret, "state", redirectURI, head)...)),
		verifier: base64.RawURLEncoding.EncodeToString(mac(secret, "pkce", redirectURI, head)),
	}
}

// checkState accepts what newState made with the same secret and redirect URI
// in the last ten minutes.
func checkState(secret runtime.Secret, redirectURI, text string, now time.Time) (state, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != nonceSize+timeSize+sha256.Size {
		return state{}, errors.New("the state that came back is not ours: start the authorization again")
	}
	s := sealState(secret, redirectURI, raw[:nonceSize+timeSize])
	if !hmac.Equal([]byte(s.text), []byte(text)) {
		return state{}, errors.New("the state that came back is not ours: start the authorization again")
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:])), 0) //nolint:gosec // our own
	if age := now.Sub(made); age < -time.Minute || age > stateAge {
		return state{}, errors.New("the authorization took longer than ten minutes: start it again")
	}
	return s, nil
}

func mac(secret runtime.Secret, purpose, redirectURI string, head []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret.Reveal()))
	h.Write([]byte(purpose + "\x00" + redirectURI + "\x00"))
	h.Write(head)
	return h.Sum(nil)
}
