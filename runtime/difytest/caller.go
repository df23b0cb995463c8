package difytest

import (
	"bytes"
	"context"
	"encoding/json"
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
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false) // as on the wire, where a call has a limit
	if err := encoder.Encode(request); err != nil {
		return nil, fmt.Errorf("encoding a call back into Dify: %w", err)
	}
	data := bytes.TrimSuffix(encoded.Bytes(), []byte("\n"))
	if len(data) > c.Limit() {
		return nil, &callback.TooLargeError{Size: len(data), Limit: c.Limit()}
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &replies{ctx: ctx, cancel: cancel, typ: typ, more: make(chan struct{}, 1)}
	cb := host.NewCallback(ctx, strconv.FormatInt(c.lastID.Add(1), 10), typ, data, r.add)
	c.dify.open(r)
	c.dify.dify.Go(cb)
	return r, nil
}

// Limit returns the limit of a plugin that runs as a process of Dify.
func (c *caller) Limit() int { return host.MaxLine }

// ToolCredential returns what ChooseCredential has set.
func (c *caller) ToolCredential(provider string) string { return c.dify.chosen()[provider] }

// AppID returns "": a test of a single method has no app.
func (*caller) AppID() string { return "" }

// replies are the replies to a call.
type replies struct {
	ctx    context.Context //nolint:containedctx // of the call
	cancel context.CancelFunc
	typ    string
	more   chan struct{} // has room for one

	mu     sync.Mutex
	lines  [][]byte
	ended  bool // whether the end has been read
	closed bool
}

// add adds a line.
func (r *replies) add(line []byte) {
	r.mu.Lock()
	r.lines = append(r.lines, line)
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// take returns the next line, or nil, and whether the end has been read.
func (r *replies) take() (line []byte, ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) > 0 {
		line, r.lines = r.lines[0], r.lines[1:]
	}
	return line, r.ended
}

// Next waits for the next reply.
func (r *replies) Next() (json.RawMessage, error) {
	timeout := time.NewTimer(session.DefaultConfig().CallbackTimeout)
	defer timeout.Stop()
	for {
		line, ended := r.take()
		if ended {
			return nil, io.EOF
		}
		if line == nil {
			select {
			case <-r.more:
				continue
			case <-timeout.C:
				r.Close()
				return nil, callback.ErrTimeout
			case <-r.ctx.Done():
				return nil, context.Cause(r.ctx)
			}
		}
		var m struct {
			Data struct {
				Event, Message string
				Data           json.RawMessage
			}
		}
		if err := json.Unmarshal(line, &m); err != nil {
			continue // as in a request
		}
		switch m.Data.Event {
		case "response":
			return m.Data.Data, nil
		case "error":
			r.end()
			return nil, &callback.Error{Type: r.typ, Message: m.Data.Message}
		case "end":
			r.end()
			return nil, io.EOF
		}
	}
}

// end notes that no more comes.
func (r *replies) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.Close()
}

// Close gives up what has not come yet.
func (r *replies) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
}
