package authcode

import (
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	// keepRefreshed is how long the response to a refresh is kept for other refreshes
	// of the same token.
	keepRefreshed = time.Minute
	// maxKept is how much memory the responses that are kept may take, in bytes, as
	// TokenResponse.size counts.
	maxKept = 8 << 20
)

// sharing is shared by all flows and clients of the process, since authors create them anew,
// also for each call.
var sharing = newShares()

// shareKey is what token requests must have in common to share a response.
type shareKey struct {
	request   [sha256.Size]byte // a hash of everything in it
	transport http.RoundTripper // nil for the default
}

// transportOf returns the transport of a client for a shareKey. One that cannot be compared
// counts as the default.
func transportOf(client *http.Client) http.RoundTripper {
	if client == nil || client.Transport == nil || !reflect.ValueOf(client.Transport).Comparable() {
		return nil
	}
	return client.Transport
}

// shares makes token requests that are the same share one request and its response.
type shares struct {
	mutex sync.Mutex
	calls map[shareKey]*share
	kept  *list.List // the finished calls, of type *share, the oldest first
	size  int        // of the responses of those
	count int        // of all calls so far
}

// share is a running or finished request.
type share struct {
	key      shareKey
	number   int
	done     chan struct{} // closed when response and err are set
	response TokenResponse
	err      error
	kept     *list.Element // nil while it is running
	timer    *time.Timer   // forgets it, once it is kept
}

func newShares() *shares { return &shares{calls: make(map[shareKey]*share), kept: list.New()} }

// sharedRequest makes a request. It also returns how long its response may be kept.
type sharedRequest func(context.Context) (TokenResponse, time.Duration, error)

// do returns the response to the request with that key, if one is running or has
// finished recently. Otherwise, it calls request. A request continues when its callers
// give up, since the server may have invalidated the old token already: the next caller
// gets the response. After Timeout, it is forgotten even if it does not end. Errors are not
// kept. If ctx is done from the start, there is an error, also if a response is kept.
func (s *shares) do(ctx context.Context, key shareKey, request sharedRequest) (TokenResponse, error) {
	if err := ctx.Err(); err != nil {
		return TokenResponse{}, notAsked(err)
	}
	call := s.join(context.WithoutCancel(ctx), key, request)
	select {
	case <-call.done:
		return call.response, call.err
	case <-ctx.Done():
		return TokenResponse{}, unreachable(ctx.Err())
	}
}

// join returns the call with that key, and starts it if necessary.
func (s *shares) join(ctx context.Context, key shareKey, request sharedRequest) *share {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if call, ok := s.calls[key]; ok {
		return call
	}
	s.count++
	call := &share{key: key, number: s.count, done: make(chan struct{})}
	s.calls[key] = call
	go func() {
		defer close(call.done)
		var keep time.Duration
		call.response, call.err = within(ctx, func(ctx context.Context) (response TokenResponse, err error) {
			response, keep, err = request(ctx)
			return response, err
		})
		if call.err != nil || keep <= 0 {
			s.forget(key, call.number)
			return
		}
		s.keep(call, keep)
	}()
	return call
}

// keep keeps a finished call for some time, and forgets the oldest ones if they take too much
// memory.
func (s *shares) keep(call *share, keep time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key, number := call.key, call.number // a timer can live on after it is stopped, and must not hold the response
	call.timer = time.AfterFunc(keep, func() { s.forget(key, number) })
	call.kept = s.kept.PushBack(call)
	s.size += call.response.size()
	for s.size > maxKept {
		s.remove(s.kept.Front().Value.(*share))
	}
}

// forget makes the next request with that key a new one, unless another call has the key now.
func (s *shares) forget(key shareKey, number int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if call := s.calls[key]; call != nil && call.number == number {
		s.remove(call)
	}
}

// forgetToken forgets the call with that key if it has finished and returned that token.
func (s *shares) forgetToken(key shareKey, token runtime.Secret) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if call := s.calls[key]; call != nil && call.kept != nil && call.response.AccessToken.Equal(token) {
		s.remove(call)
	}
}

// remove removes a call that is there. The mutex must be held.
func (s *shares) remove(call *share) {
	delete(s.calls, call.key)
	if call.kept != nil {
		call.timer.Stop()
		s.kept.Remove(call.kept)
		s.size -= call.response.size()
	}
}

// notAsked is the error of a call whose context is done from the start, for that reason.
func notAsked(err error) error { return fmt.Errorf("no token is requested: %w", err) }

// within returns what f returns or, as soon as ctx is done or after Timeout, an error: f may
// call a transport of the author, which may ignore its context. If ctx is done from the start,
// f is not called. A panic of f becomes an error: callers cannot recover it, since it is in
// another goroutine. The error does not quote the panic's value, which may be a secret.
func within(ctx context.Context, f func(context.Context) (TokenResponse, error)) (TokenResponse, error) {
	if err := ctx.Err(); err != nil {
		return TokenResponse{}, notAsked(err)
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	type outcome struct {
		response TokenResponse
		err      error
	}
	ended := make(chan outcome, 1)
	go func() {
		o := outcome{err: errors.New("the token request has ended without a result")}
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("the token request panicked with a %T", p)
			}
			ended <- o
		}()
		o.response, o.err = f(ctx)
	}()
	select {
	case o := <-ended:
		return o.response, o.err
	case <-ctx.Done():
	}
	select { // both may be ready
	case o := <-ended:
		return o.response, o.err
	default:
		return TokenResponse{}, unreachable(ctx.Err())
	}
}
