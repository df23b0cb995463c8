package authcode

import (
	"container/list"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/difygen/difygen/runtime"
)

// rootIterations makes it slow to derive the root key. Whoever sees a state can try secrets
// without asking the server, which would notice. Secrets that a service makes cannot be
// guessed; those that the administrator of a service at home made up can. With 600,000
// iterations of PBKDF2 (the advice of OWASP for HMAC-SHA-256), a guess takes about 80 ms of a
// processor instead of less than a microsecond. A plugin pays that once for each client.
const rootIterations = 600_000

// maxRoots limits how many root keys are kept of proven clients, and of others.
const maxRoots = 1000

// roots are the root keys of this process.
var roots = newRootKeys(deriveRoot)

// rootKeys keeps root keys. One is derived at a time, so that clients that nobody has seen before
// take one processor at most. The keys of proven clients, which have got a token with a state,
// only make way for others of those.
type rootKeys struct {
	derive func(clientID string, secret runtime.Secret) ([]byte, error)
	turn   chan struct{} // has room for the derivation that may run

	mutex   sync.Mutex
	keys    map[rootName]*list.Element // in proven or others
	proven  *list.List                 // of *rootKey, the one that was used least recently first
	others  *list.List
	pending map[rootName]*derivation
}

// rootName stands for a client ID and its secret.
type rootName [sha256.Size]byte

func rootNameOf(clientID string, secret runtime.Secret) rootName {
	return sha256.Sum256(fmt.Appendf(nil, "%q", []string{clientID, secret.Reveal()}))
}

// rootKey is a key that is kept.
type rootKey struct {
	name rootName
	key  []byte
	in   *list.List
}

// derivation is one that is running or waits for its turn.
type derivation struct {
	callers   int           // that wait for it
	started   bool          // then it continues without them
	abandoned chan struct{} // closed when none waits for it, unless it has started
	done      chan struct{} // closed when key and err are set
	key       []byte
	err       error
}

func newRootKeys(derive func(string, runtime.Secret) ([]byte, error)) *rootKeys {
	return &rootKeys{
		derive: derive, turn: make(chan struct{}, 1),
		keys: make(map[rootName]*list.Element), proven: list.New(), others: list.New(), pending: make(map[rootName]*derivation),
	}
}

func deriveRoot(clientID string, secret runtime.Secret) ([]byte, error) {
	return pbkdf2.Key(sha256.New, secret.Reveal(), []byte(purposeID+"root\x00"+clientID), rootIterations, sha256.Size)
}

// of returns the key of a client, from which those of its states are derived. It is the same in
// every process. If it is not kept, the call waits until it is derived, or returns an error when
// ctx is done. Calls with equal secrets at the same time share one derivation.
func (r *rootKeys) of(ctx context.Context, clientID string, secret runtime.Secret) ([]byte, error) {
	name := rootNameOf(clientID, secret)
	key, d := r.find(ctx, name, clientID, secret)
	if key != nil {
		return key, nil
	}
	if d != nil {
		select {
		case <-d.done:
			return d.key, d.err
		case <-ctx.Done():
			r.leave(name, d)
		}
	}
	return nil, fmt.Errorf("the key for the state of the authorization is not ready: %w", ctx.Err())
}

// find returns the key with that name or, if it is not kept, its derivation, which it starts if
// necessary. It returns neither if it would have to and ctx is done.
func (r *rootKeys) find(ctx context.Context, name rootName, clientID string, secret runtime.Secret) ([]byte, *derivation) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if e, known := r.keys[name]; known {
		k := e.Value.(*rootKey)
		k.in.MoveToBack(e)
		return k.key, nil
	}
	if ctx.Err() != nil {
		return nil, nil
	}
	d, known := r.pending[name]
	if !known {
		d = &derivation{abandoned: make(chan struct{}), done: make(chan struct{})}
		r.pending[name] = d
		go r.run(name, d, clientID, secret)
	}
	d.callers++
	return nil, d
}

// leave ends the wait of a caller.
func (r *rootKeys) leave(name rootName, d *derivation) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if d.callers--; d.callers == 0 && !d.started {
		delete(r.pending, name)
		close(d.abandoned)
	}
}

// run derives a key when it has its turn.
func (r *rootKeys) run(name rootName, d *derivation, clientID string, secret runtime.Secret) {
	select {
	case r.turn <- struct{}{}:
	case <-d.abandoned:
		return
	}
	defer func() { <-r.turn }()
	if !r.start(d) {
		return
	}
	d.key, d.err = r.derive(clientID, secret)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.pending, name)
	if d.err == nil {
		r.keep(&rootKey{name: name, key: d.key}, r.others)
	}
	close(d.done)
}

// start reports whether a derivation is still wanted, and lets it finish then.
func (r *rootKeys) start(d *derivation) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	d.started = d.callers > 0
	return d.started
}

// prove says that a client has got a token with a state, which takes the consent of a user and the
// right secret.
func (r *rootKeys) prove(clientID string, secret runtime.Secret) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if e, known := r.keys[rootNameOf(clientID, secret)]; known {
		k := e.Value.(*rootKey)
		k.in.Remove(e)
		r.keep(k, r.proven)
	}
}

// keep adds a key to a list, from which it removes the one that was used least recently if there
// are too many. Of a proven client, that becomes one of the others. The mutex must be held.
func (r *rootKeys) keep(k *rootKey, in *list.List) {
	k.in = in
	r.keys[k.name] = in.PushBack(k)
	if in.Len() <= maxRoots {
		return
	}
	oldest := in.Remove(in.Front()).(*rootKey)
	delete(r.keys, oldest.name)
	if in == r.proven {
		r.keep(oldest, r.others)
	}
}
