package session

import (
	"sync"

	"github.com/difygen/difygen/internal/callback"
)

// calls are the open calls back into Dify of a connection: those whose replies have not ended, and
// that nobody has closed. Nothing blocks while its lock is held, since the reader takes it, too.
type calls struct {
	mu     sync.Mutex
	byID   map[string]*call
	closed error // why there can be no more; nil if there can
}

// add makes a call an open one.
func (cs *calls) add(c *call) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed != nil {
		return cs.closed
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
	return nil
}

// remove makes a call no open one.
func (cs *calls) remove(c *call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
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

// find returns the open call that a reply belongs to, or nil.
func (cs *calls) find(r *reply) *call {
	id := unquote(r.id)
	cs.mu.Lock()
	c := cs.byID[string(id)]
	cs.mu.Unlock()
	if c == nil || string(unquote(r.session)) != c.caller.session.id {
		return nil
	}
	return c
}

// close ends all calls, and those to come.
func (cs *calls) close(err error) {
	cs.mu.Lock()
	cs.closed = err
	open := cs.byID
	cs.byID = nil
	for _, c := range open {
		c.caller.session.calls = nil
	}
	cs.mu.Unlock()
	for _, c := range open {
		c.end(err)
	}
}

// deliver passes on a reply. The line that it is part of is valid until deliver returns, unless keep
// makes it valid forever.
func (cs *calls) deliver(r *reply, line []byte, keep func([]byte) []byte) {
	c := cs.find(r)
	if c == nil {
		return // of a call that has ended, or of none
	}
	size := len(r.data) + len(r.message)
	if len(line) > shortLine {
		keep(line)
		size = len(line)
	} else {
		r.data, r.message = append([]byte(nil), r.data...), append([]byte(nil), r.message...)
	}
	if c.push(r, size) {
		cs.remove(c)
	}
}

// tooLong ends the call that a reply belongs to which is too long to read.
func (cs *calls) tooLong(r *reply) {
	if c := cs.find(r); c != nil {
		c.end(callback.ErrOverflow)
		cs.remove(c)
	}
}
