package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// Callback is a call back into Dify that a plugin makes. Its replies are what the methods send.
// They go to the plugin even after the end and after the session's end, as those of a hostile
// host.
type Callback struct {
	Session string          // of the request that the call belongs to
	From    string          // the type of that request, such as "tool"
	ID      string          // backwards_request_id
	Type    string          // such as "storage"
	Request json.RawMessage // an object

	ctx    context.Context //nolint:containedctx // of the session
	send   func(line []byte)
	done   func() // at the end; nil for nothing
	faults *faults
}

// Handler answers a call back. It runs in a goroutine of its own, and returns, at the latest,
// when the call's context is done. If it does not call End, the plugin waits for more.
type Handler func(*Callback)

// NewCallback returns a call that belongs to no request of a host. The lines of the replies go to
// send.
func NewCallback(ctx context.Context, id, typ string, request json.RawMessage, send func(line []byte)) *Callback {
	return &Callback{ID: id, Type: typ, Request: request, ctx: ctx, send: send, faults: new(faults)}
}

// Context returns a context that is done when the session has ended, when its caller has gone,
// and when the connection is closed.
func (c *Callback) Context() context.Context { return c.ctx }

// Struct sends the reply of a call that has one.
func (c *Callback) Struct(v any) { c.reply("response", "struct", v) }

// Stream sends a reply of a call that has any number of them.
func (c *Callback) Stream(v any) { c.reply("response", "stream", v) }

// Error sends that the call has failed.
func (c *Callback) Error(text string) { c.reply("error", text, nil) }

// End sends the end.
func (c *Callback) End() {
	c.reply("end", "", nil)
	if c.done != nil {
		c.done()
	}
}

// Raw sends a line as it is.
func (c *Callback) Raw(line []byte) { c.send(line) }

func (c *Callback) reply(event, message string, v any) {
	line, err := json.Marshal(map[string]any{
		"session_id": c.Session, "conversation_id": nil, "message_id": nil, "app_id": nil, "endpoint_id": nil, "context": nil,
		"event": "backwards_response",
		"data":  map[string]any{"backwards_request_id": c.ID, "event": event, "message": message, "data": v},
	})
	if err != nil {
		c.faults.add("a reply to a call back cannot be encoded: %v", err)
		return
	}
	c.send(append(line, '\n'))
}

// newCallback decodes the data of a message of type invoke. The error is the one with which the
// host ends the session.
func newCallback(data json.RawMessage) (*Callback, error) {
	var m struct {
		Type, ID *string
		Request  json.RawMessage
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		return nil, errors.New("unmarshal invoke request failed")
	}
	for _, field := range []struct {
		key, name string
		value     **string
	}{{"type", "type", &m.Type}, {"backwards_request_id", "request_id", &m.ID}} {
		if json.Unmarshal(fields[field.key], field.value) != nil || *field.value == nil {
			return nil, fmt.Errorf("invoke request missing %s", field.name)
		}
	}
	if !isObject(fields["request"]) {
		return nil, errors.New("invoke request missing request")
	}
	return &Callback{Type: *m.Type, ID: *m.ID, Request: fields["request"]}, nil
}

// callbackIDs has the IDs of the calls back so far.
type callbackIDs struct {
	mu   sync.Mutex
	seen map[string]bool
}

// check records an ID that a plugin uses twice as a fault: it could not tell replies apart.
func (i *callbackIDs) check(id string, f *faults) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.seen[id] {
		f.add("two calls back into Dify have the backwards_request_id %q", id)
	}
	if i.seen == nil {
		i.seen = make(map[string]bool)
	}
	i.seen[id] = true
}

// failed returns the error of a session that has made a call back without type, ID or request.
func failed(err error) *Error {
	return &Error{Type: "invoke_dify_error", Message: "invoke dify failed: " + err.Error()}
}
