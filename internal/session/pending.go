package session

import (
	"sync"
	"time"
)

// pending counts unfinished requests and signals when there are none.
type pending struct {
	mu     sync.Mutex
	n      int
	bytes  int // of all requests as they arrived
	closed bool
	last   time.Time     // when the last request finished
	none   chan struct{} // closed when n becomes 0; nil if nobody waits
}

// maxPendingBytes is how many bytes unfinished requests may have together, as they arrived.
// Decoded, they take several times as much.
const maxPendingBytes = 256 << 20

// add counts another request of some bytes. It fails, with an error for the host, if there are
// limit requests already, if they have too many bytes, or if p is closed.
func (p *pending) add(limit, size int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errStopping
	case p.n >= limit, p.n > 0 && p.bytes+size > maxPendingBytes:
		return errBusy
	}
	p.n++
	p.bytes += size
	return nil
}

// close makes add fail from now on.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// since returns how long ago the last request finished; a very long time for none.
func (p *pending) since() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last)
}

// done counts a request of some bytes as finished.
func (p *pending) done(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	p.bytes -= size
	if p.n--; p.n == 0 && p.none != nil {
		close(p.none)
		p.none = nil
	}
}

// idle returns a channel that is closed when there are no unfinished requests.
func (p *pending) idle() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == 0 {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	if p.none == nil {
		p.none = make(chan struct{})
	}
	return p.none
}
