package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/difygen/difygen/internal/callback"
)

// typeModel is the type of the requests that may not call back.
const typeModel = "model"

// caller makes the calls back into Dify of a request.
type caller struct{ *work }

// withCaller returns a context whose code can call back into Dify, as far as Dify lets it.
func (w *work) withCaller(ctx context.Context) context.Context {
	if w.route.Type == typeModel {
		return callback.NewContext(ctx, callback.Failing{Err: callback.ErrModel})
	}
	return callback.NewContext(ctx, caller{w})
}

// Limit returns how many bytes a call may have on the wire.
func (c caller) Limit() int { return c.session.out.transport.MaxCall }

// ToolCredential returns the ID of the credentials that the user has chosen for a provider's tools.
func (c caller) ToolCredential(provider string) string { return c.session.toolCredential(provider) }

// Invoke sends a call.
func (c caller) Invoke(ctx context.Context, typ string, request any) (callback.Replies, error) {
	if ctx.Err() != nil {
		return nil, c.cause(ctx)
	}
	id := c.server.callID + strconv.FormatUint(c.server.lastCall.Add(1), 10)
	line, err := encodeCall(c.session.json, typ, id, request)
	if err != nil {
		return nil, err
	}
	if limit := c.Limit(); limit > 0 && len(line) > limit {
		return nil, &callback.TooLargeError{Size: len(line), Limit: limit}
	}
	r := &call{caller: c, typ: typ, id: id, ctx: ctx, wake: make(chan struct{}, 1), last: time.Now()}
	if err := c.session.invoke(r, line); err != nil {
		return nil, err
	}
	return r, nil
}

// invoke sends the line of a call.
func (s *session) invoke(c *call, line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return s.cause
	}
	s.called.Store(true)
	if err := s.out.calls.add(c); err != nil {
		return err
	}
	if err := s.out.write(line); err != nil {
		s.out.calls.remove(c)
		return fmt.Errorf("%w: %w", errHostGone, err)
	}
	return nil
}

// cause returns why a call ends whose context is done.
func (c caller) cause(ctx context.Context) error {
	select {
	case <-c.session.done:
		return c.session.cause
	default:
	}
	if c.ctx.Err() != nil {
		return causeOfEnd(c.ctx) //nolint:contextcheck // it is the one of the request
	}
	return context.Cause(ctx)
}

// causeOfEnd returns the error of calls of a request that has ended, or is about to since its context
// is done.
func causeOfEnd(ctx context.Context) error {
	if ctx == nil || ctx.Err() == nil {
		return callback.ErrEnded
	}
	return endedError{causeOf(ctx)}
}

// endedError is callback.ErrEnded with the reason.
type endedError struct{ reason error }

func (e endedError) Error() string   { return e.reason.Error() }
func (e endedError) Unwrap() []error { return []error{e.reason, callback.ErrEnded} }

// open returns the types of the calls that are open, sorted.
func (s *session) open() (types []string) {
	for _, c := range s.out.calls.of(s) {
		types = append(types, c.typ)
	}
	slices.Sort(types)
	return types
}

// endCalls ends the calls of a session that has ended.
func (s *session) endCalls() {
	if !s.called.Load() {
		return
	}
	for _, c := range s.out.calls.of(s) {
		c.giveUp(s.cause)
	}
}

// reportOpen reports the calls that are open although the code of a request has returned.
func (w *work) reportOpen(ctx context.Context) {
	if !w.session.called.Load() || ctx.Err() != nil {
		return
	}
	types := w.session.open()
	if len(types) == 0 {
		return
	}
	w.server.cfg.Logger.WarnContext(ctx, "the code of a request returned while calls back into Dify were open", "types", types)
	if w.server.cfg.Hanging != nil {
		w.server.cfg.Hanging(w.session.action, types)
	}
}

// encodeCall returns the line of a call. The session's ID is in JSON.
func encodeCall(session []byte, typ, id string, request any) ([]byte, error) {
	quoted, _ := json.Marshal(typ) // strings always encode
	start := append(appendStart(make([]byte, 0, 512), session, "invoke"), `{"type":`...)
	start = append(append(append(start, quoted...), `,"backwards_request_id":"`...), id...)
	b := bytes.NewBuffer(append(start, `","request":`...))
	begin := b.Len()
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(request); err != nil {
		return nil, fmt.Errorf("cannot encode a call of type %s as JSON: %w", typ, err)
	}
	if b.Bytes()[begin] != '{' { // the host would end the request
		return nil, errors.New("a call of type " + typ + " is not a JSON object")
	}
	b.Truncate(b.Len() - len("\n"))
	b.WriteString("}}}\n")
	return b.Bytes(), nil
}

// toolCredential looks into the context of the envelope, which may hold anything.
func (s *session) toolCredential(provider string) string {
	s.mu.Lock()
	raw := s.context
	s.mu.Unlock()
	var context any
	if json.Unmarshal(raw, &context) != nil {
		return ""
	}
	for _, name := range []string{"credentials", "tool_credentials", provider} {
		object, _ := context.(map[string]any)
		context = object[name]
	}
	id, _ := context.(string)
	return id
}
