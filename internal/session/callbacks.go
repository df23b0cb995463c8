package session

import (
	"sync"
	"time"

	"github.com/difygen/difygen/internal/callback"
)

// callbacks are the calls back into Dify of a connection that their code has neither read to the end
// nor closed. Nothing blocks while their lock is held, since whoever reads from the host takes it, too.
type callbacks struct {
	mu   sync.Mutex
	byID map[string]*openCallback
	gone error // why no more replies can come, or nil
	// watch ends callbacks to which nothing comes; one timer for all is cheaper than one for each. It is
	// nil while nothing is watched.
	watch *time.Timer
}

// callbacksOf is what a session has of the callbacks, under their lock.
type callbacksOf struct {
	open  int
	ended error // why there can be no more of them, or nil
}

// clock returns the time since the server began, which is faster to get than the time.
func (s *Server) clock() time.Duration { return time.Since(s.began) }

// queue counts bytes of replies that wait to be read, and reports whether there is room for them.
func (s *Server) queue(size int) bool {
	if s.queued.Add(int64(size)) > maxQueuedAll {
		s.queued.Add(-int64(size))
		return false
	}
	return true
}

// add opens a callback.
func (cs *callbacks) add(c *openCallback) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	own := &c.caller.session.callbacks
	switch {
	case own.ended != nil:
		return own.ended
	case cs.gone != nil:
		return cs.gone
	}
	if cs.byID == nil {
		cs.byID = make(map[string]*openCallback)
	}
	cs.byID[c.id] = c
	own.open++
	if cs.watch == nil {
		server := c.caller.server
		cs.watch = time.AfterFunc(server.cfg.CallbackTimeout, func() { cs.expire(server) })
	}
	return nil
}

// remove forgets a callback, and reports whether it was known. The caller has the lock.
func (cs *callbacks) remove(c *openCallback) bool {
	if cs.byID[c.id] != c {
		return false
	}
	delete(cs.byID, c.id)
	c.caller.session.callbacks.open--
	return true
}

// fullest returns the callback that keeps the most bytes waiting, or nil if there is none. The caller has
// the lock.
func (cs *callbacks) fullest() (most *openCallback) {
	for _, c := range cs.byID {
		if most == nil || c.bytes > most.bytes {
			most = c
		}
	}
	return most
}

// expire ends the callbacks to which nothing has come in time.
func (cs *callbacks) expire(s *Server) {
	now := s.clock()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	next := time.Duration(0)
	for _, c := range cs.byID {
		left := s.cfg.CallbackTimeout - (now - c.last)
		switch {
		case c.over:
		case left <= 0:
			c.end(callback.ErrTimeout)
		case next == 0 || left < next:
			next = left
		}
	}
	if next == 0 {
		cs.watch = nil
		return
	}
	cs.watch.Reset(next)
}

// hangUp ends all callbacks, and those to come, after the last reply has come.
func (cs *callbacks) hangUp(err error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.gone = err
	for _, c := range cs.byID {
		c.end(err)
	}
	if cs.watch != nil {
		cs.watch.Stop()
		cs.watch = nil
	}
}

// endOf closes the callbacks of a session, and those to come.
func (cs *callbacks) endOf(s *session, err error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	s.callbacks.ended = err
	if s.callbacks.open == 0 {
		return
	}
	for _, c := range cs.byID {
		if c.caller.session == s {
			c.close(err)
		}
	}
}

// ended returns why a session can open no more callbacks, or nil.
func (cs *callbacks) ended(s *session) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return s.callbacks.ended
}

// of returns the types of a session's callbacks.
func (cs *callbacks) of(s *session) (types []string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if s.callbacks.open == 0 {
		return nil
	}
	for _, c := range cs.byID {
		if c.caller.session == s {
			types = append(types, c.typ)
		}
	}
	return types
}

// find returns the callback that a reply belongs to, or nil.
func (cs *callbacks) find(r *reply) *openCallback {
	id := unquote(r.id)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byID[string(id)]
	if c == nil || string(unquote(r.session)) != c.caller.session.id {
		return nil
	}
	return c
}

// deliver passes on a reply. The line that it is part of is valid until deliver returns, unless detach
// makes it valid forever.
func (c *openCallback) deliver(r *reply, line []byte, detach func([]byte) []byte) {
	size := len(r.data)
	switch {
	case string(r.event) != replyResponse: // nothing of it is kept
	case len(line) > shortLine:
		detach(line)
		size = len(line)
	default:
		r.data = append([]byte(nil), r.data...)
	}
	defer c.lock().Unlock()
	if !c.over {
		c.push(r, size)
	}
}

// tooLong ends a callback whose reply is too long to read.
func (c *openCallback) tooLong() {
	defer c.lock().Unlock()
	if !c.over {
		c.drop(callback.ErrOverflow)
	}
}
