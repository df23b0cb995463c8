package authcode

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
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
var refreshing = &refreshes{calls: make(map[[sha256.Size]byte]*refresh)}

// refreshKey says which refreshes are the same.
type refreshKey struct{ endpoint, client, token string }

func (k refreshKey) sum() [sha256.Size]byte {
	return sha256.Sum256([]byte(k.endpoint + "\x00" + k.client + "\x00" + k.token))
}

// refreshes lets refreshes of one token share a request and its answer.
type refreshes struct {
	mutex sync.Mutex
	calls map[[sha256.Size]byte]*refresh
}

// refresh is a request under way, or one that was answered.
type refresh struct {
	done   chan struct{}
	answer Answer
	err    error
	since  time.Time // of the answer
}

// do returns the answer to the same request if there is one, or asks. A failure is
// not kept, and that another caller gave up is not this one's failure.
func (r *refreshes) do(ctx context.Context, key [sha256.Size]byte, now func() time.Time, ask func(context.Context) (Answer, error)) (Answer, error) {
	for {
		call, leads := r.join(key, now())
		if leads {
			r.lead(ctx, call, key, now, ask)
			return call.answer, call.err
		}
		select {
		case <-call.done:
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		}
		gaveUp := errors.Is(call.err, context.Canceled) || errors.Is(call.err, context.DeadlineExceeded)
		if !gaveUp || ctx.Err() != nil {
			return call.answer, call.err
		}
	}
}

// join returns the request with a key, and whether the caller has to make it.
func (r *refreshes) join(key [sha256.Size]byte, now time.Time) (call *refresh, leads bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if call, ok := r.calls[key]; ok && !call.stale(now) {
		return call, false
	}
	r.prune(now)
	call = &refresh{done: make(chan struct{}), err: errors.New("the refresh did not end")}
	r.calls[key] = call
	return call, true
}

// lead makes the request, and lets the others go on whatever happens.
func (r *refreshes) lead(ctx context.Context, call *refresh, key [sha256.Size]byte, now func() time.Time, ask func(context.Context) (Answer, error)) {
	defer func() {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		call.since = now()
		if call.err != nil && r.calls[key] == call {
			delete(r.calls, key)
		}
		close(call.done)
	}()
	call.answer, call.err = ask(ctx)
}

// stale reports whether the answer is too old; the mutex is held.
func (c *refresh) stale(now time.Time) bool {
	select {
	case <-c.done:
		return now.Sub(c.since) > keepRefreshed || now.Before(c.since)
	default:
		return false
	}
}

// prune drops old answers, all of them if there are too many; the mutex is held.
func (r *refreshes) prune(now time.Time) {
	for key, call := range r.calls {
		select {
		case <-call.done:
			if len(r.calls) > maxRefreshed || call.stale(now) {
				delete(r.calls, key)
			}
		default:
		}
	}
}
