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
	// maxQueued is how many bytes of replies to one callback may wait to be read, and maxQueuedAll how
	// many of those to all callbacks of the process.
	maxQueued    = 32 << 20
	maxQueuedAll = 256 << 20
	// queuedSize is how many bytes a reply takes beside its own.
	queuedSize = 64
	// maxRefusal is how many bytes of Dify's reason for an error are kept.
	maxRefusal = 64 << 10
)

var errClosed = errors.New("the call back into Dify has been closed")

// openCallback is a call back into Dify whose replies are being read. The lock is that of the
// callbacks of its connection.
type openCallback struct {
	caller  caller
	typ, id string
	ctx     context.Context //nolint:containedctx // Next waits for it
	// wake has an element if there may be something new.
	wake chan struct{}

	first  [1]queued // the array of a short queue
	queue  []queued
	read   int           // of the queue
	bytes  int           // of the rest
	last   time.Duration // when something has come, on the server's clock
	single bool          // the only response has come
	over   bool          // nothing counts that comes now
	err    error         // after the queue, if over
	// cancel ends the HTTP request, if the callback is one, and linger does so later.
	cancel context.CancelFunc
	linger *time.Timer
}

// queued is a reply that waits to be read.
type queued struct {
	data []byte
	size int
}

// lock locks the callbacks of the connection, and returns their lock.
func (c *openCallback) lock() *sync.Mutex {
	mu := &c.siblings().mu
	mu.Lock()
	return mu
}

// siblings returns the callbacks of the connection.
func (c *openCallback) siblings() *callbacks { return &c.caller.session.out.callbacks }

// push adds a reply, whose data it keeps. Size is how many bytes that keeps in memory. The caller has
// the lock.
func (c *openCallback) push(r *reply, size int) {
	c.last = c.caller.server.clock()
	switch event := string(r.event); event {
	case replyResponse:
		if !c.single { // Dify sends no more than one
			c.single = string(r.message) == messageStruct
			c.add(r.data, size+queuedSize)
		}
	case replyEnd:
		c.end(io.EOF)
	case replyError:
		c.end(&refusal{cutMessage(r.message)})
	default: // one that this version does not know, or none
		if !strings.HasPrefix(event, `"`) {
			c.end(c.malformed())
		}
	}
}

// add adds data to the queue, if there is room.
func (c *openCallback) add(data []byte, size int) {
	switch {
	case len(data) == 0 || data[0] != '{':
		c.end(c.malformed())
	case c.bytes+size > maxQueued || !c.makeRoom(size):
		c.drop(callback.ErrOverflow)
	default:
		if c.queue == nil {
			c.queue = c.first[:0]
		}
		c.queue = append(c.queue, queued{data, size})
		c.bytes += size
		c.signal()
	}
}

// makeRoom counts bytes of a reply, and reports whether there is room for them. If there is none, it
// drops the callbacks of the connection that keep more waiting.
func (c *openCallback) makeRoom(size int) bool {
	for !c.caller.server.queue(size) {
		most := c.siblings().fullest()
		if most == nil || most.bytes <= c.bytes+size {
			return false
		}
		most.drop(callback.ErrOverflow)
	}
	return true
}

// end makes err what comes after the replies that have come, unless the callback is over. The caller
// has the lock.
func (c *openCallback) end(err error) {
	if c.over {
		return
	}
	c.over, c.err = true, err
	c.signal()
	switch {
	case c.cancel == nil:
	case c.single || errors.Is(err, io.EOF):
		c.linger = time.AfterFunc(lingerTime, c.cancel)
	default:
		c.cancel()
	}
}

// drop ends a callback, and makes err what comes instead of what has come and has not been read. The
// caller has the lock.
func (c *openCallback) drop(err error) {
	c.caller.server.queued.Add(-int64(c.bytes))
	c.queue, c.read, c.bytes = nil, 0, 0
	c.end(err)
	c.err = err
	c.signal()
}

// close drops a callback that its code has not read to the end, and forgets it. The caller has the
// lock.
func (c *openCallback) close(err error) {
	if c.siblings().remove(c) {
		c.drop(err)
	}
}

// signal wakes a Next that waits.
func (c *openCallback) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Close gives up what has not come yet.
func (c *openCallback) Close() {
	defer c.lock().Unlock()
	c.close(errClosed)
}

// Next waits for the next reply.
func (c *openCallback) Next() (json.RawMessage, error) {
	for {
		if c.ctx.Err() != nil {
			_ = c.fail(c.caller.cause(c.ctx)) // take returns it, or what came last before
		}
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
			return nil, c.fail(c.malformed())
		}
	}
}

// fail closes a callback with an error, which it returns.
func (c *openCallback) fail(err error) error {
	defer c.lock().Unlock()
	c.close(err)
	return err
}

// take returns the first of the queue or, if that is empty and the callback is over, why, and forgets
// the callback.
func (c *openCallback) take() ([]byte, error) {
	defer c.lock().Unlock()
	if c.read == len(c.queue) {
		if c.over {
			c.siblings().remove(c)
			c.signal() // for another one that waits
		}
		return nil, c.err
	}
	first := c.queue[c.read]
	c.queue[c.read] = queued{}
	if c.read++; c.read > len(c.queue)/2 {
		rest := copy(c.queue, c.queue[c.read:])
		clear(c.queue[rest:])
		c.queue, c.read = c.queue[:rest], 0
	}
	if len(c.queue) > 0 {
		c.signal() // for another one that waits
	}
	c.bytes -= first.size
	c.caller.server.queued.Add(-int64(first.size))
	return first.data, nil
}

func (c *openCallback) malformed() error {
	return fmt.Errorf("the reply of Dify to a call of type %s is malformed", c.typ)
}

// refusal is Dify's answer to a call that has failed.
type refusal struct{ message string }

func (r *refusal) Error() string { return "Dify refuses a call back" }

// cutMessage returns the text that a JSON string stands for, or the start of a long one. It keeps no
// memory of it.
func cutMessage(quoted []byte) string {
	if len(quoted) <= maxRefusal {
		return string(unquote(quoted))
	}
	const longest = len(`\ud83d\ude00`) // of what stands for one character
	start := append([]byte(nil), quoted[:maxRefusal]...)
	for n := maxRefusal; n > maxRefusal-longest; n-- {
		if message := unquote(append(start[:n:n], '"')); message != nil {
			return string(message)
		}
	}
	return ""
}
