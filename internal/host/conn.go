package host

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Conn is the host's side of a connection that carries lines in both directions.
type Conn struct {
	faults
	limit int // of a line in bytes; 0 for none

	writing sync.Mutex
	out     io.Writer

	heartbeats atomic.Int64
	lastID     atomic.Int64

	mu     sync.Mutex
	calls  map[string]*call
	outer  []string      // errors outside of any request
	more   chan struct{} // closed, and made anew, when outer grows
	closed chan struct{}

	handler   Handler // of calls back; nil for a host that answers none
	ids       callbackIDs
	callbacks sync.WaitGroup
	ctx       context.Context //nolint:containedctx // of calls back: done when the connection is closed
	cancel    context.CancelFunc
}

// newConn returns a connection that writes to out; run reads from it.
func newConn(out io.Writer, limit int) *Conn {
	c := &Conn{out: out, limit: limit, calls: make(map[string]*call), more: make(chan struct{}), closed: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Answer sets what answers calls back into Dify from now on. Without a handler, one is a fault.
func (c *Conn) Answer(handler Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler = handler
}

// run reads lines until the plugin closes its side.
func (c *Conn) run(in *bufio.Reader) {
	defer close(c.closed)
	defer c.cancel()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			c.line(line)
		}
		if err != nil {
			return
		}
	}
}

func (c *Conn) line(line []byte) {
	if c.limit > 0 && len(line) > c.limit {
		c.add("a line of %d bytes, for which the host kills a plugin", len(line))
		return
	}
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		c.add("a line that is not JSON: %.100q", line)
		return
	}
	switch e.Event {
	case "heartbeat":
		c.heartbeats.Add(1)
	case "log":
	case "error":
		c.mu.Lock()
		defer c.mu.Unlock()
		c.outer = append(c.outer, e.Data.Error)
		close(c.more)
		c.more = make(chan struct{})
	case "session":
		c.session(&e)
	default:
		c.add("an event %q", e.Event)
	}
}

func (c *Conn) session(e *event) {
	if e.SessionID == nil {
		c.add("a session message without a session")
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	pending := c.calls[*e.SessionID]
	switch {
	case pending == nil:
		c.add("a message of type %s for session %q, which has ended or never existed", e.Data.Type, *e.SessionID)
	case e.Data.Type == "invoke":
		c.invoke(*e.SessionID, pending, e.Data.Data)
	case pending.receive(e, &c.faults):
		c.end(*e.SessionID, pending)
	}
}

// end ends a session. The connection is locked.
func (c *Conn) end(id string, pending *call) {
	delete(c.calls, id)
	pending.close()
	close(pending.done)
}

// invoke answers a call back into Dify, unless the caller has gone: then a real host does not.
// The connection is locked.
func (c *Conn) invoke(session string, pending *call, data json.RawMessage) {
	cb, err := newCallback(data)
	switch {
	case err != nil:
		c.add("%v, for which the host ends the session", err)
		pending.response.Err = failed(err)
		c.end(session, pending)
		return
	case c.handler == nil:
		c.add("a call back into Dify of type %s, which this host does not answer", cb.Type)
		return
	case pending.gone:
		return
	}
	c.ids.check(cb.ID, &c.faults)
	cb.Session, cb.From, cb.ctx, cb.faults = session, pending.typ, pending.context(c.ctx), &c.faults
	cb.send = func(line []byte) { _, _ = c.Write(line) } // to a plugin that has gone, in vain
	handler := c.handler
	c.callbacks.Go(func() { handler(cb) })
}

// Heartbeats returns the number of heartbeats received.
func (c *Conn) Heartbeats() int { return int(c.heartbeats.Load()) }

// OuterErrors returns the errors outside of any request. It waits until there are at least n, the
// connection is closed, or the context is done: the order of such errors and of responses is not
// determined.
func (c *Conn) OuterErrors(ctx context.Context, n int) []string {
	for {
		c.mu.Lock()
		got, more := slices.Clone(c.outer), c.more
		c.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-more:
		case <-c.closed:
			return got
		case <-ctx.Done():
			return got
		}
	}
}

// Closed returns a channel that is closed when the plugin has closed its side.
func (c *Conn) Closed() <-chan struct{} { return c.closed }

// Write sends bytes unchanged.
func (c *Conn) Write(data []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.out.Write(data)
}

// Do sends a request and waits for its complete response. If ctx is done before, the caller is
// gone: calls back that run fail, and later ones get no reply.
func (c *Conn) Do(ctx context.Context, req Request) (*Response, error) {
	wait, err := c.Start(req)
	if err != nil {
		return nil, err
	}
	return wait(ctx)
}

// Call is Do for a request that says nothing about who sends it.
func (c *Conn) Call(ctx context.Context, typ, action string, fields map[string]any) (*Response, error) {
	return c.Do(ctx, Request{Type: typ, Action: action, Fields: fields})
}

// Start sends a request and returns a function that waits for its complete response.
func (c *Conn) Start(req Request) (wait func(context.Context) (*Response, error), err error) {
	id := "session-" + strconv.FormatInt(c.lastID.Add(1), 10)
	line, err := req.line(id)
	if err != nil {
		return nil, err
	}
	return c.start(id, newCall(req.Type, req.Action), line)
}

// Send sends line, which the plugin should treat as a request of session id, and
// waits for its complete response. What the results hold is not checked.
func (c *Conn) Send(ctx context.Context, id string, line []byte) (*Response, error) {
	wait, err := c.start(id, newCall(typeOf(line), ""), line)
	if err != nil {
		return nil, err
	}
	return wait(ctx)
}

func (c *Conn) start(id string, pending *call, line []byte) (wait func(context.Context) (*Response, error), err error) {
	pending.response.Session = id
	c.mu.Lock()
	c.calls[id] = pending
	c.mu.Unlock()
	if _, err := c.Write(line); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*Response, error) { return c.wait(ctx, pending) }, nil
}

func (c *Conn) wait(ctx context.Context, pending *call) (*Response, error) {
	select {
	case <-pending.done:
		return &pending.response, nil
	case <-c.closed:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		pending.leave()
		return nil, ctx.Err()
	}
	select {
	case <-pending.done: // the response ended before the connection closed
		return &pending.response, nil
	default:
		return nil, ErrClosed
	}
}
