package difytest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
)

// Context returns a context with which code calls d back, as it does in a request. The calls end
// with the context, with the test, and after 250 seconds without a reply.
func (d *Dify) Context(ctx context.Context) context.Context {
	return callback.NewContext(ctx, &caller{dify: d})
}

// context returns a context for code of a provider that is called without a request.
func (h *Host) context(p *provider) context.Context {
	if p.kind == runtime.KindModel {
		return callback.NewContext(h.tb.Context(), callback.Failing{Err: callback.ErrModel})
	}
	return h.dify.Context(h.tb.Context())
}

// caller calls a Dify in memory.
type caller struct {
	dify   *Dify
	lastID atomic.Int64
}

// Invoke makes a call.
func (c *caller) Invoke(ctx context.Context, typ string, request any) (callback.Replies, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false) // as on the wire, where a call has a limit
	if err := encoder.Encode(request); err != nil {
		return nil, fmt.Errorf("cannot encode a call of type %s as JSON: %w", typ, err)
	}
	data := bytes.TrimSuffix(encoded.Bytes(), []byte("\n"))
	if data[0] != '{' { // Dify would end the request
		return nil, errors.New("a call of type " + typ + " is not a JSON object")
	}
	id := callID + strconv.FormatInt(c.lastID.Add(1), 10)
	if size := len(data) + len(typ) + len(id) + aroundCall; size > c.Limit() {
		return nil, &callback.TooLargeError{Size: size, Limit: c.Limit()}
	}
	called, cancel := context.WithCancel(ctx)
	r := &replies{ctx: ctx, cancel: cancel, typ: typ, more: make(chan struct{}, 1)}
	cb := host.NewCallback(called, id, typ, data, r.add)
	c.dify.open(r)
	c.dify.dify.Go(cb)
	return r, nil
}

// callID is what the ID of a call begins with: it has the length of that in a request.
const callID = "00000000000000000000000000-"

// aroundCall is how many bytes a call has on the wire beside its type, its ID and the request.
const aroundCall = len(`{"event":"session","session_id":"00000000-0000-0000-0000-000000000000","data":{"type":"invoke",` +
	`"data":{"type":"","backwards_request_id":"","request":}}}` + "\n")

// Limit returns the limit of a plugin that runs as a process of Dify.
func (c *caller) Limit() int { return session.Stdio.MaxCallback }

// ToolCredential returns what ChooseCredential has set.
func (c *caller) ToolCredential(provider string) string { return c.dify.chosen()[provider] }

// AppID returns "": a test of a single method has no app.
func (*caller) AppID() string { return "" }

// Redact returns a text as errors show it: without a request, there are no secrets.
func (*caller) Redact(text string) string { return session.OneLine(text) }

// replies are the replies to a call. They end as those of a session do.
type replies struct {
	ctx    context.Context //nolint:containedctx // that the call is made with
	cancel context.CancelFunc
	typ    string
	more   chan struct{} // has room for one

	mu     sync.Mutex
	queue  []json.RawMessage
	bytes  int   // of the queue
	single bool  // the only response has come
	err    error // what comes after the queue
	closed bool
}

// maxQueued is how many bytes of replies to a call may wait to be read.
const maxQueued = 32 << 20

// add adds a line.
func (r *replies) add(line []byte) {
	var m struct {
		Data struct {
			Event, Message string
			Data           json.RawMessage
		}
	}
	if json.Unmarshal(line, &m) != nil {
		return // as in a request
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.err != nil, m.Data.Event == "response" && r.single: // Dify sends no more than one
	case m.Data.Event == "response" && !bytes.HasPrefix(m.Data.Data, []byte("{")):
		r.err = fmt.Errorf("the reply of Dify to a call of type %s is malformed", r.typ)
	case m.Data.Event == "response" && r.bytes+len(m.Data.Data) > maxQueued:
		r.queue, r.bytes, r.err = nil, 0, callback.ErrOverflow
	case m.Data.Event == "response":
		r.bytes += len(m.Data.Data)
		r.single = m.Data.Message == "struct"
		r.queue = append(r.queue, m.Data.Data)
	case m.Data.Event == "error":
		message := cmp.Or(session.OneLine(m.Data.Message), "Dify does not say why a call of type "+r.typ+" has failed")
		r.err = &callback.Error{Type: r.typ, Message: message}
	case m.Data.Event == "end":
		r.err = io.EOF
	}
	r.signal()
}

// signal wakes a Next that waits.
func (r *replies) signal() {
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// take returns the next reply or, if there is none, the error after the last one. Both may be nil.
func (r *replies) take() (json.RawMessage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.closed = r.closed || r.err != nil
		return nil, r.err
	}
	next := r.queue[0]
	r.queue = r.queue[1:]
	r.bytes -= len(next)
	return next, nil
}

// Next waits for the next reply.
func (r *replies) Next() (json.RawMessage, error) {
	timeout := time.NewTimer(session.DefaultConfig().CallbackTimeout)
	defer timeout.Stop()
	for r.ctx.Err() == nil {
		if reply, err := r.take(); reply != nil || err != nil {
			return reply, err
		}
		select {
		case <-r.more:
		case <-timeout.C:
			r.end(callback.ErrTimeout)
		case <-r.ctx.Done():
		}
	}
	r.end(context.Cause(r.ctx))
	return r.take()
}

// end gives up what has not been read, for a reason.
func (r *replies) end(err error) {
	r.mu.Lock()
	if r.err == nil || len(r.queue) > 0 {
		r.queue, r.bytes, r.err = nil, 0, err
	}
	r.closed = true
	r.mu.Unlock()
	r.signal()
	r.cancel()
}

// Close gives up what has not come yet.
func (r *replies) Close() { r.end(errors.New("the call back into Dify has been closed")) }
