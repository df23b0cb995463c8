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
	first  [1]queued // the array of a short queue
	queue  []queued
	read   int           // of the queue
	bytes  int           // of the rest
	last   time.Duration // when something has come, since the server began
	single bool          // the only response has come
	over   bool          // nothing counts that comes now
	err    error         // after the queue, if over
	// cancel ends the HTTP request, if the call is one.
	cancel context.CancelFunc
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
	c.last = c.caller.server.calls.now()
	switch {
	case string(r.event) == replyResponse && c.single: // Dify sends no more than one
	case string(r.event) == replyResponse:
		c.single = string(r.message) == messageStruct
		c.add(r.data, size+queuedSize)
	case string(r.event) == replyEnd:
		c.finish(io.EOF)
	case string(r.event) == replyError:
		c.finish(&refusal{r.message})
	case !strings.HasPrefix(string(r.event), `"`): // or else, one that this version does not know
		c.finish(c.malformed())
	}
	if c.over && c.cancel != nil {
		c.letGo()
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
		if c.queue == nil {
			c.queue = c.first[:0]
		}
		c.queue = append(c.queue, queued{data, size})
		c.bytes += size
	}
}

// queue counts bytes of replies that wait to be read, and reports whether there is room for them.
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
	if c.bytes > 0 {
		c.drop()
		c.over = false
	}
	c.stop(err)
}

// fail ends a call with an error after what has come.
func (c *call) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop(err)
}

// stop ends a call that is not over with an error. The caller has the lock.
func (c *call) stop(err error) {
	if !c.over {
		c.finish(err)
	}
	c.signal()
	if c.cancel != nil {
		c.letGo()
	}
}

// lastTime returns when something has come, since the server began.
func (c *call) lastTime() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// Close gives up what has not come yet.
func (c *call) Close() { c.giveUp(errClosed) }

// giveUp ends a call for a reason that is not the host's.
func (c *call) giveUp(err error) {
	c.caller.server.calls.remove(c)
	c.end(err)
}

// Next waits for the next reply.
func (c *call) Next() (json.RawMessage, error) {
	for c.ctx.Err() == nil {
		data, err := c.take()
		switch {
		case err != nil:
			return nil, c.caller.explain(c.typ, err)
		case data == nil:
			select {
			case <-c.wake:
			case <-c.ctx.Done():
			}
		case json.Valid(data):
			return data, nil
		default:
			c.giveUp(c.malformed())
		}
	}
	c.giveUp(c.caller.cause(c.ctx))
	_, err := c.take()
	return nil, c.caller.explain(c.typ, err)
}

// take returns the first of the queue or, if that is empty and the call is over, why.
func (c *call) take() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read == len(c.queue) {
		if c.over {
			c.signal() // for another one that waits
		}
		return nil, c.err
	}
	first := c.queue[c.read]
	c.queue[c.read] = queued{}
	if c.read++; c.read == len(c.queue) {
		c.queue, c.read = c.queue[:0], 0
	}
	c.bytes -= first.size
	c.caller.server.queued.Add(-int64(first.size))
	return first.data, nil
}

func (c *call) malformed() error {
	return fmt.Errorf("the reply of Dify to a call of type %s is malformed", c.typ)
}

// refusal is Dify's answer to a call that has failed: a text in JSON.
type refusal struct{ message []byte }

func (r *refusal) Error() string { return "Dify refuses a call back" }
