package serve

import "sync"

// pending counts unfinished requests and signals when there are none.
type pending struct {
	mu     sync.Mutex
	n      int
	closed bool
	none   chan struct{} // closed when n becomes 0; nil if nobody waits
}

// add counts another request. It fails, with an error for the host, if there are limit
// requests already or p is closed.
func (p *pending) add(limit int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errStopping
	case p.n >= limit:
		return errBusy
	}
	p.n++
	return nil
}

// close makes add fail from now on.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// done counts a request as finished.
func (p *pending) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
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
