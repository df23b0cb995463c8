package authcode

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	// keepRefreshed is how long the response to a refresh is kept for other refreshes
	// of the same token.
	keepRefreshed = time.Minute
	// maxRefreshed is how many responses are kept.
	maxRefreshed = 1000
)

// refreshing is shared by all flows of the process, since authors create a new Config
// for each call.
var refreshing = &refreshes{calls: make(map[refreshKey]*refresh)}

// refreshKey is a hash of everything in a refresh request.
type refreshKey [sha256.Size]byte

// refreshes makes refreshes of one token share a request and its response.
type refreshes struct {
	mutex sync.Mutex
	calls map[refreshKey]*refresh
}

// refresh is a running or finished request.
type refresh struct {
	done     chan struct{} // closed when response and err are set
	response TokenResponse
	err      error
}

// do returns the response to the request with that key, if one is running or has
// finished recently. Otherwise, it calls request. A request continues when its callers
// give up, since the server may have invalidated the old token already: the next caller
// gets the response. Errors are not kept.
func (r *refreshes) do(ctx context.Context, key refreshKey, request func(context.Context) (TokenResponse, error)) (TokenResponse, error) {
	call := r.join(context.WithoutCancel(ctx), key, request)
	select {
	case <-call.done:
		return call.response, call.err
	case <-ctx.Done():
		return TokenResponse{}, runtime.Unreachable(ctx.Err())
	}
}

// join returns the request with that key, and starts it if necessary.
func (r *refreshes) join(ctx context.Context, key refreshKey, request func(context.Context) (TokenResponse, error)) *refresh {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if call, ok := r.calls[key]; ok {
		return call
	}
	call := &refresh{done: make(chan struct{})}
	if len(r.calls) < maxRefreshed { // otherwise, it is not shared
		r.calls[key] = call
	}
	go func() {
		defer close(call.done)
		if call.response, call.err = recovering(ctx, request); call.err != nil {
			r.forget(key, call)
			return
		}
		time.AfterFunc(keepRefreshed, func() { r.forget(key, call) })
	}()
	return call
}

// recovering calls request and converts a panic, such as in the author's transport, to
// an error: callers cannot recover it, since it is in another goroutine. The error does
// not quote the panic's value, which may be a secret.
func recovering(ctx context.Context, request func(context.Context) (TokenResponse, error)) (response TokenResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the refresh panicked with a %T", p)
		}
	}()
	return request(ctx)
}

func (r *refreshes) forget(key refreshKey, call *refresh) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.calls[key] == call {
		delete(r.calls, key)
	}
}
