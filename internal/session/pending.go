package session

import "sync"

// pending counts unfinished requests, and their code, which may go on after they have finished.
// It signals when there are none.
type pending struct {
	mu       sync.Mutex
	requests counter
	refusals int // of the requests, those that are refused meanwhile
	code     counter
	bytes    int // of all requests, decoded
	closed   bool
}

// counter counts and signals when there is nothing to count.
type counter struct {
	n    int
	none chan struct{} // closed when n becomes 0; nil if nobody waits
}

func (c *counter) decrease() {
	if c.n--; c.n == 0 && c.none != nil {
		close(c.none)
		c.none = nil
	}
}

func (c *counter) idle() <-chan struct{} {
	if c.n == 0 {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	if c.none == nil {
		c.none = make(chan struct{})
	}
	return c.none
}

// maxPendingBytes is how many bytes of memory unfinished requests may take together, decoded, and
// how many one of them may take.
const maxPendingBytes = 256 << 20

// add counts another request of some bytes. It fails, with an error for the host, if it is too
// large, if there are limit requests already, if they have too many bytes, or if p is closed.
func (p *pending) add(limit, size int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errStopping
	case size > maxPendingBytes:
		return ErrTooLarge
	case p.requests.n-p.refusals >= limit, p.bytes+size > maxPendingBytes:
		return ErrBusy
	}
	p.requests.n++
	p.bytes += size
	return nil
}

// close makes add fail from now on, and returns how many requests are unfinished, and whether it
// is the first call.
func (p *pending) close() (n int, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first = !p.closed
	p.closed = true
	return p.requests.n - p.refusals, first
}

func (p *pending) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// done counts a request of some bytes as finished.
func (p *pending) done(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes -= size
	p.requests.decrease()
}

// maxRefusals is how many requests may be refused at the same time, while the host reads slowly.
const maxRefusals = 1000

// refuse counts a request that is about to be refused, which refused ends. It returns false if there
// are too many.
func (p *pending) refuse() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refusals == maxRefusals {
		return false
	}
	p.refusals++
	p.requests.n++
	return true
}

// refused counts a request as refused.
func (p *pending) refused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusals--
	p.requests.decrease()
}

// count returns how many requests are unfinished.
func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests.n
}

// idle returns a channel that is closed when there are no unfinished requests.
func (p *pending) idle() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests.idle()
}

// begin counts code that begins to run.
func (p *pending) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code.n++
}

// end counts code that has returned.
func (p *pending) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code.decrease()
}

// returned returns a channel that is closed when no code runs.
func (p *pending) returned() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code.idle()
}
