package serve

import "sync"

// pending counts the requests that have no answer yet, and says when there are none.
type pending struct {
	mu     sync.Mutex
	n      int
	closed bool
	none   chan struct{} // closed when there are none; nil if nobody waits
}

// add counts one more, unless there are that many already or no more are taken. The
// error is for the host.
func (p *pending) add(most int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errStopping
	case p.n >= most:
		return errBusy
	}
	p.n++
	return nil
}

// close takes no more.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// done counts one less.
func (p *pending) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n--; p.n == 0 && p.none != nil {
		close(p.none)
		p.none = nil
	}
}

// idle is closed as soon as there are none.
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
