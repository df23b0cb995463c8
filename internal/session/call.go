package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/text"
)

const (
	// maxQueued is how many bytes of replies to one call may wait to be read, and maxQueuedAll how many
	// of those to all calls of the process.
	maxQueued    = 32 << 20
	maxQueuedAll = 256 << 20
	// queuedSize is how many bytes a reply takes beside its own.
	queuedSize = 64
)

var errClosed = errors.New("the call back into Dify has been closed")

// call is a call back into Dify whose replies are being read.
type call struct {
	caller  caller
	typ, id string
	ctx     context.Context //nolint:containedctx // Next waits for it
	// wake has an element if there may be something new.
	wake chan struct{}
	// prev and next are calls of the same session, under the lock of calls.
	prev, next *call

	mu     sync.Mutex
	queue  []queued
	read   int       // of the queue
	bytes  int       // of the rest
	last   time.Time // when something has come
	single bool      // the only response has come
	over   bool      // nothing counts that comes now
	err    error     // after the queue, if over
}

// queued is a reply that waits to be read.
type queued struct {
	data []byte
	size int
}

// push adds a reply, whose memory it keeps, and reports whether the call is over. Size is how many
// bytes that memory has.
func (c *call) push(r *reply, size int) (over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return true
	}
	defer c.signal()
	c.last = time.Now()
	switch event := string(r.event); {
	case event == replyResponse && c.single: // Dify sends no more than one
	case event == replyResponse:
		c.single = string(r.message) == messageStruct
		c.add(r.data, size+queuedSize)
	case event == replyEnd:
		c.finish(io.EOF)
	case event == replyError:
		c.finish(&refusal{r.message})
	case !strings.HasPrefix(event, `"`): // or else, one that this version does not know
		c.finish(c.malformed())
	}
	return c.over
}

// add adds data to the queue, if there is room. The caller has the lock.
func (c *call) add(data []byte, size int) {
	switch {
	case len(data) == 0 || data[0] != '{':
		c.finish(c.malformed())
	case c.bytes+size > maxQueued || !c.caller.server.queue(size):
		c.drop()
		c.finish(callback.ErrOverflow)
	default:
		c.queue = append(c.queue, queued{data, size})
		c.bytes += size
	}
}

// queue counts replies that wait to be read, and reports whether there is room for them.
func (s *Server) queue(size int) bool {
	if s.queued.Add(int64(size)) > maxQueuedAll {
		s.queued.Add(-int64(size))
		return false
	}
	return true
}

// finish makes err what comes after the queue. The caller has the lock.
func (c *call) finish(err error) { c.over, c.err = true, err }

// drop empties the queue. The caller has the lock.
func (c *call) drop() {
	c.caller.server.queued.Add(-int64(c.bytes))
	c.queue, c.read, c.bytes = nil, 0, 0
}

// signal wakes a Next that waits.
func (c *call) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end ends a call with an error, which replaces what has come and has not been read.
func (c *call) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over || c.bytes > 0 {
		c.drop()
		c.finish(err)
	}
	c.signal()
}

// Close gives up what has not come yet.
func (c *call) Close() {
	c.caller.session.out.calls.remove(c)
	c.end(errClosed)
}

// Next waits for the next reply.
func (c *call) Next() (json.RawMessage, error) {
	for c.ctx.Err() == nil {
		data, left, err := c.take()
		if err != nil || data != nil && json.Valid(data) {
			return data, c.caller.explain(c.typ, err)
		}
		if data != nil {
			c.giveUp(c.malformed())
		} else if !c.wait(left) {
			c.giveUp(callback.ErrTimeout)
		}
	}
	c.giveUp(c.caller.cause(c.ctx))
	_, _, err := c.take()
	return nil, c.caller.explain(c.typ, err)
}

// giveUp ends a call for a reason that is not the host's.
func (c *call) giveUp(err error) {
	c.caller.session.out.calls.remove(c)
	c.end(err)
}

// take returns the first of the queue or, if the call is over, why. Otherwise, it returns how long
// to wait for more.
func (c *call) take() (data []byte, left time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read == len(c.queue) {
		return nil, time.Until(c.last.Add(c.caller.server.cfg.InvocationTimeout)), c.err
	}
	first := c.queue[c.read]
	c.queue[c.read] = queued{}
	if c.read++; c.read == len(c.queue) {
		c.queue, c.read = c.queue[:0], 0
	}
	c.bytes -= first.size
	c.caller.server.queued.Add(-int64(first.size))
	return first.data, 0, nil
}

// wait waits until there may be something new. It returns false if nothing comes in that time.
func (c *call) wait(left time.Duration) bool {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-c.wake:
	case <-c.ctx.Done():
	case <-timer.C:
		return false
	}
	return true
}

func (c *call) malformed() error {
	return fmt.Errorf("Dify's reply to a call of type %s is malformed", c.typ)
}

// refusal is Dify's answer to a call that has failed: a text in JSON.
type refusal struct{ message []byte }

func (r *refusal) Error() string { return "Dify refuses a call back" }

// explain returns an error of a call as its author sees it.
func (c caller) explain(typ string, err error) error {
	r, ok := err.(*refusal) //nolint:errorlint // it is not wrapped
	if !ok {
		return err
	}
	message := text.Cut(text.Line(c.session.secrets.redact(string(unquote(r.message)))), maxMessage)
	if message == "" {
		message = "Dify does not say why a call of type " + typ + " has failed"
	}
	return &callback.Error{Type: typ, Message: message}
}
