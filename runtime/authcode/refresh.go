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
	// keepRefreshed is how long the answer to a refresh is kept for another
	// refresh with the same token.
	keepRefreshed = time.Minute
	// maxRefreshed bounds how many are kept.
	maxRefreshed = 1000
)

// refreshing is shared by all flows of the process, since a Config is made anew
// for each call.
var refreshing = &refreshes{calls: make(map[refreshKey]*refresh)}

// refreshKey is a hash of all that a request for a refresh consists of.
type refreshKey [sha256.Size]byte

// refreshes lets refreshes of one token share a request and its answer.
type refreshes struct {
	mutex sync.Mutex
	calls map[refreshKey]*refresh
}

// refresh is a request under way, or one that was answered.
type refresh struct {
	done   chan struct{} // closed when answer and err are there
	answer Answer
	err    error
}

// do returns the answer to the same request, if there is one under way or from a
// moment ago, or asks. The request goes on when its callers give up: the server may
// have used up the token by then, and the next caller gets the answer. A failure is
// not kept.
func (r *refreshes) do(ctx context.Context, key refreshKey, ask func(context.Context) (Answer, error)) (Answer, error) {
	call := r.join(context.WithoutCancel(ctx), key, ask)
	select {
	case <-call.done:
		return call.answer, call.err
	case <-ctx.Done():
		return Answer{}, runtime.Unreachable(ctx.Err())
	}
}

// join returns the request with a key, which it starts if there is none.
func (r *refreshes) join(ctx context.Context, key refreshKey, ask func(context.Context) (Answer, error)) *refresh {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if call, ok := r.calls[key]; ok {
		return call
	}
	call := &refresh{done: make(chan struct{})}
	if len(r.calls) < maxRefreshed { // else it is not shared
		r.calls[key] = call
	}
	go func() {
		defer close(call.done)
		if call.answer, call.err = guarded(ctx, ask); call.err != nil {
			r.forget(key, call)
			return
		}
		time.AfterFunc(keepRefreshed, func() { r.forget(key, call) })
	}()
	return call
}

// guarded turns a panic, of an author's transport, into an error: in a goroutine of
// our own, no caller could. What it says may be a secret.
func guarded(ctx context.Context, ask func(context.Context) (Answer, error)) (a Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the refresh panicked with a %T", p)
		}
	}()
	return ask(ctx)
}

func (r *refreshes) forget(key refreshKey, call *refresh) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.calls[key] == call {
		delete(r.calls, key)
	}
}
