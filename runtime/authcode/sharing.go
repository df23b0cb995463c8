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
	// maxKeptEach is how much memory one of them may take, so that a server that sends large
	// ones does not displace those of all others.
	maxKeptEach = 64 << 10
)

// sharing is shared by all flows and clients of the process, since authors create them anew,
// also for each request.
var sharing = newRequestSharing()

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

// requestSharing makes token requests that are the same share one request and its response.
type requestSharing struct {
	mutex    sync.Mutex
	requests map[shareKey]*sharedRequest
	kept     *list.List // the finished requests, of type *sharedRequest, the oldest first
	size     int        // of the responses of those
	count    int        // of all requests so far
}

// sharedRequest is a running or finished request.
type sharedRequest struct {
	key      shareKey
	number   int
	done     chan struct{} // closed when response and err are set
	response TokenResponse
	err      error
	kept     *list.Element // nil while it is running
	timer    *time.Timer   // forgets it, once it is kept
}

func newRequestSharing() *requestSharing {
	return &requestSharing{requests: make(map[shareKey]*sharedRequest), kept: list.New()}
}

// requestFunc makes a request. It also returns how long its response may be kept.
type requestFunc func(context.Context) (TokenResponse, time.Duration, error)

// do returns the response to the request with that key, if one is running or has
// finished recently. Otherwise, it calls send. A request continues when its callers
// give up, since the server may have invalidated the old token already: the next caller
// gets the response. After Timeout, it is forgotten even if it does not end. Errors are not
// kept, nor are responses that take more than maxKeptEach. If ctx is done from the start, there
// is an error, also if a response is kept.
func (s *requestSharing) do(ctx context.Context, key shareKey, send requestFunc) (TokenResponse, error) {
	if err := ctx.Err(); err != nil {
		return TokenResponse{}, notAsked(err)
	}
	request := s.join(context.WithoutCancel(ctx), key, send)
	select {
	case <-request.done:
		return request.response, request.err
	case <-ctx.Done():
		return TokenResponse{}, unreachable(ctx.Err())
	}
}

// join returns the request with that key, and starts it if necessary.
func (s *requestSharing) join(ctx context.Context, key shareKey, send requestFunc) *sharedRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if request, ok := s.requests[key]; ok {
		return request
	}
	s.count++
	request := &sharedRequest{key: key, number: s.count, done: make(chan struct{})}
	s.requests[key] = request
	go func() {
		defer close(request.done)
		var keep time.Duration
		request.response, request.err = within(ctx, func(ctx context.Context) (response TokenResponse, err error) {
			response, keep, err = send(ctx)
			return response, err
		})
		if request.err != nil || keep <= 0 || request.response.size() > maxKeptEach {
			s.forget(key, request.number)
			return
		}
		s.keep(request, keep)
	}()
	return request
}

// keep keeps a finished request for some time, and forgets the oldest ones if they take too much
// memory.
func (s *requestSharing) keep(request *sharedRequest, keep time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key, number := request.key, request.number // a timer can live on after it is stopped, and must not hold the response
	request.timer = time.AfterFunc(keep, func() { s.forget(key, number) })
	request.kept = s.kept.PushBack(request)
	s.size += request.response.size()
	for s.size > maxKept {
		s.remove(s.kept.Front().Value.(*sharedRequest))
	}
}

// forget makes the next request with that key a new one, unless another one has the key now.
func (s *requestSharing) forget(key shareKey, number int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if request := s.requests[key]; request != nil && request.number == number {
		s.remove(request)
	}
}

// forgetToken forgets the request with that key if it has finished and returned that token.
func (s *requestSharing) forgetToken(key shareKey, token runtime.Secret) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if request := s.requests[key]; request != nil && request.kept != nil && request.response.AccessToken.Equal(token) {
		s.remove(request)
	}
}

// remove removes a request that is there. The mutex must be held.
func (s *requestSharing) remove(request *sharedRequest) {
	delete(s.requests, request.key)
	if request.kept != nil {
		request.timer.Stop()
		s.kept.Remove(request.kept)
		s.size -= request.response.size()
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
