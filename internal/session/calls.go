package session

import (
	"sync"
	"time"

	"github.com/difygen/difygen/internal/callback"
)

// calls are the open calls back into Dify of a server: those whose replies have not ended, and that
// nobody has closed. Nothing blocks while its lock is held, since readers take it, too.
type calls struct {
	began   time.Time
	timeout time.Duration // of a call to which nothing comes

	mu   sync.Mutex
	byID map[string]*call
	// watch ends calls to which nothing comes; one timer for all is cheaper than one for each. It is
	// nil while nothing is watched.
	watch *time.Timer
}

// now returns the time since the server began, which is faster to get than the time.
func (cs *calls) now() time.Duration { return time.Since(cs.began) }

// add makes a call an open one.
func (cs *calls) add(c *call) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if gone := c.caller.session.out.gone; gone != nil {
		return gone
	}
	if cs.byID == nil {
		cs.byID = make(map[string]*call)
	}
	cs.byID[c.id] = c
	first := &c.caller.session.calls
	if c.next = *first; c.next != nil {
		c.next.prev = c
	}
	*first = c
	if cs.watch == nil {
		cs.watch = time.AfterFunc(cs.timeout, cs.expire)
	}
	return nil
}

// expire ends the calls to which nothing has come in time.
func (cs *calls) expire() {
	now := cs.now()
	cs.mu.Lock()
	next := cs.timeout
	var late []*call
	for _, c := range cs.byID {
		if left := cs.timeout - (now - c.lastTime()); left <= 0 {
			late = append(late, c)
		} else {
			next = min(next, left)
		}
	}
	switch {
	case len(late) == len(cs.byID):
		cs.watch = nil
	case cs.watch != nil: // or else, the server has stopped meanwhile
		cs.watch.Reset(next)
	}
	cs.mu.Unlock()
	for _, c := range late {
		cs.remove(c)
		c.fail(callback.ErrTimeout)
	}
}

// stop watches calls no more.
func (cs *calls) stop() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.watch != nil {
		cs.watch.Stop()
		cs.watch = nil
	}
}

// remove makes a call no open one.
func (cs *calls) remove(c *call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.unlink(c)
}

// unlink is remove for who has the lock.
func (cs *calls) unlink(c *call) {
	if cs.byID[c.id] != c {
		return
	}
	delete(cs.byID, c.id)
	if c.next != nil {
		c.next.prev = c.prev
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		c.caller.session.calls = c.next
	}
	c.prev, c.next = nil, nil
}

// of returns the open calls of a session.
func (cs *calls) of(s *session) (list []*call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := s.calls; c != nil; c = c.next {
		list = append(list, c)
	}
	return list
}

// find returns the open call of a connection that a reply belongs to, or nil.
func (cs *calls) find(r *reply, out *lineWriter) *call {
	id := unquote(r.id)
	cs.mu.Lock()
	c := cs.byID[string(id)]
	cs.mu.Unlock()
	if c == nil || c.caller.session.out != out || string(unquote(r.session)) != c.caller.session.id {
		return nil
	}
	return c
}

// hangUp ends all calls of a connection on which no more replies can come, and those to come.
func (cs *calls) hangUp(out *lineWriter, err error) {
	var open []*call
	cs.mu.Lock()
	out.gone = err
	for _, c := range cs.byID {
		if c.caller.session.out == out {
			open = append(open, c)
			cs.unlink(c)
		}
	}
	cs.mu.Unlock()
	for _, c := range open {
		c.end(err)
	}
}

// deliver passes on a reply. The line that it is part of is valid until deliver returns, unless keep
// makes it valid forever.
func (cs *calls) deliver(c *call, r *reply, line []byte, keep func([]byte) []byte) {
	size := len(r.data)
	if len(line) > shortLine {
		keep(line)
		size = len(line)
	} else {
		r.data = append([]byte(nil), r.data...)
		if string(r.event) == replyError {
			r.message = append([]byte(nil), r.message...)
		}
	}
	if c.push(r, size) {
		cs.remove(c)
	}
}

// tooLong ends a call whose reply is too long to read.
func (cs *calls) tooLong(c *call) {
	cs.remove(c)
	c.end(callback.ErrOverflow)
}
