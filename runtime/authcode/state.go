package authcode

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
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

// newState returns the state of a new flow.
func newState(b binding, now time.Time) (state, error) {
	head := make([]byte, headSize)
	_, _ = rand.Read(head[:nonceSize]) // never fails
	binary.BigEndian.PutUint64(head[nonceSize:], uint64(max(now.Unix(), 0)))
	return b.seal(head)
}

// seal returns the state with the given nonce and time.
func (b binding) seal(head []byte) (state, error) {
	root, err := roots.of(b.clientID, b.secret)()
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
// MaxStateAge ago.
func openState(b binding, text string, now time.Time) (state, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != stateSize {
		return state{}, errState
	}
	s, err := b.seal(raw[:headSize])
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

// rootIterations makes it slow to derive the root key. Whoever sees a state can try secrets
// without asking the server, which would notice. Secrets that a service makes cannot be
// guessed; those that the administrator of a service at home made up can. With 600,000
// iterations of PBKDF2 (the advice of OWASP for HMAC-SHA-256), a guess takes about 80 ms of a
// processor instead of less than a microsecond. A plugin pays that once for each client.
const rootIterations = 600_000

// maxRoots limits how many root keys are kept.
const maxRoots = 100

// rootKeys keeps root keys. Equal keys are derived only once, also at the same time.
type rootKeys struct {
	mutex sync.Mutex
	keys  map[[sha256.Size]byte]func() ([]byte, error)
}

// roots are the root keys of this process.
var roots rootKeys

// of returns the function that derives the key of a client, from which those of its states
// are derived. The key is the same in every process.
func (r *rootKeys) of(clientID string, secret runtime.Secret) func() ([]byte, error) {
	name := sha256.Sum256(fmt.Appendf(nil, "%q", []string{clientID, secret.Reveal()}))
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if derive, known := r.keys[name]; known {
		return derive
	}
	derive := sync.OnceValues(func() ([]byte, error) {
		return pbkdf2.Key(sha256.New, secret.Reveal(), []byte(purposeID+"root\x00"+clientID), rootIterations, sha256.Size)
	})
	if r.keys == nil || len(r.keys) >= maxRoots {
		r.keys = make(map[[sha256.Size]byte]func() ([]byte, error))
	}
	r.keys[name] = derive
	return derive
}
