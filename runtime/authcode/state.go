package authcode

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/difygen/difygen/runtime"
)

// Dify neither checks the state of a flow nor can it store one. So the state consists of
// a nonce, the time, and a MAC over both. The PKCE verifier is a second MAC over the same.
// Their keys are derived from the client secret, and from all that the state belongs to.
// Nothing has to be stored between two calls.

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

// binding is what a state belongs to. It is not valid for anything else.
type binding struct {
	secret      runtime.Secret
	clientID    string
	authURL     string
	tokenURL    string
	redirectURI string
}

// state is what connects the authorization with the exchange.
type state struct {
	text     string // sent through the browser
	verifier string // PKCE code verifier (RFC 7636)
}

// newState returns the state of a new flow. It fails if ctx is done before the key of the client is
// derived.
func newState(ctx context.Context, b binding, now time.Time) (state, error) {
	head := make([]byte, headSize)
	_, _ = rand.Read(head[:nonceSize]) // never fails
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(max(now.Unix(), 0)))
	return b.seal(ctx, head)
}

// seal returns the state with the given nonce and time.
func (b binding) seal(ctx context.Context, head []byte) (state, error) {
	root, err := roots.of(ctx, b.clientID, b.secret)
	if err != nil {
		return state{}, err
	}
	mac := func(purpose string) []byte {
		key, keyErr := hkdf.Expand(sha256.New, root, fmt.Sprintf("%s%s %q", purposeID, purpose, []string{b.clientID, b.authURL, b.tokenURL, b.redirectURI}), sha256.Size)
		if keyErr != nil {
			err = keyErr
		}
		h := hmac.New(sha256.New, key)
		h.Write(head)
		return h.Sum(nil)
	}
	s := state{
		text:     base64.RawURLEncoding.EncodeToString(slices.Concat(head, mac("state"))),
		verifier: base64.RawURLEncoding.EncodeToString(mac("pkce")),
	}
	return s, err
}

// openState returns a state that newState created with the same binding, at most
// MaxStateAge ago. It fails if ctx is done before the key of the client is derived.
func openState(ctx context.Context, b binding, text string, now time.Time) (state, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != stateSize {
		return state{}, errState
	}
	s, err := b.seal(ctx, raw[:headSize])
	if err != nil {
		return state{}, err
	}
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
