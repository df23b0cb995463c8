package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/text"
)

// typeModel is the type of the requests that may not call back.
const typeModel = "model"

// caller makes the calls back into Dify of a request, which are callbacks for short.
type caller struct{ *work }

// withCaller returns a context whose code can call back into Dify, as far as Dify lets it.
func (w *work) withCaller(ctx context.Context) context.Context {
	if w.route.Type == typeModel {
		return callback.NewContext(ctx, callback.Failing{Err: callback.ErrModel})
	}
	return callback.NewContext(ctx, caller{w})
}

// Limit returns how many bytes a call may have on the wire.
func (c caller) Limit() int { return c.session.out.transport.MaxCallback }

// ToolCredential returns the ID of the credentials that the user has chosen for a provider's tools.
func (c caller) ToolCredential(provider string) string {
	id, _ := c.session.credentials[provider].(string)
	return id
}

// AppID returns the ID of the app that the request is made for.
func (c caller) AppID() string { return c.call.AppID }

// Redact returns a text of Dify as an error shows it.
func (c caller) Redact(message string) string {
	return OneLine(c.session.secrets.redact(message))
}

// OneLine returns a text on one line, cut to the length that error messages may have.
func OneLine(message string) string { return text.Cut(text.Line(message), maxMessage) }

// Invoke sends a call.
func (c caller) Invoke(ctx context.Context, typ string, request any) (callback.Replies, error) {
	if ctx.Err() != nil {
		return nil, c.cause(ctx)
	}
	var id [64]byte
	r := &openCallback{caller: c, typ: typ, id: string(strconv.AppendUint(append(id[:0], c.server.callbackID...), c.server.lastCallback.Add(1), 10))}
	e, _ := encoders.Get().(*callbackEncoder)
	defer e.release()
	line, err := e.encode(c.session.json, typ, r.id, request)
	if err != nil {
		return nil, err
	}
	if limit := c.Limit(); limit > 0 && len(line) > limit {
		return nil, &callback.TooLargeError{Size: len(line), Limit: limit}
	}
	r.ctx, r.wake, r.last = ctx, make(chan struct{}, 1), c.server.clock()
	if err := c.send(r, line); err != nil { //nolint:contextcheck // the callback has it
		return nil, err
	}
	return r, nil
}

// send sends the line of a callback.
func (c caller) send(r *openCallback, line []byte) error {
	out := c.session.out
	if out.transport.Transacts {
		return r.transact(bytes.Clone(line))
	}
	if err := out.callbacks.add(r); err != nil {
		return err
	}
	err := c.session.write(r.ctx.Done(), line)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errEnded):
		err = c.cause(r.ctx)
	default:
		err = fmt.Errorf("%w: %w", errHostGone, err)
	}
	return r.fail(err)
}

// cause returns why a callback ends whose context is done, or whose request has ended.
func (c caller) cause(ctx context.Context) error {
	switch ended := c.session.out.callbacks.ended(c.session); {
	case ended != nil:
		return ended
	case c.ctx.Err() != nil:
		return causeOfEnd(c.ctx) //nolint:contextcheck // it is the one of the request
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return callback.ErrEnded
}

// causeOfEnd returns the error of calls of a request that has ended, or is about to since its context
// is done.
func causeOfEnd(ctx context.Context) error {
	if ctx.Err() == nil {
		return callback.ErrEnded
	}
	return endedError{causeOf(ctx)}
}

// endedError is callback.ErrEnded with the reason.
type endedError struct{ reason error }

func (e endedError) Error() string   { return e.reason.Error() }
func (e endedError) Unwrap() []error { return []error{e.reason, callback.ErrEnded} }

// reportOpen reports the callbacks that are neither read to the end nor closed although the code of a
// request has returned.
func (w *work) reportOpen(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	types := w.session.out.callbacks.of(w.session)
	if len(types) == 0 {
		return
	}
	slices.Sort(types)
	w.server.cfg.Logger.WarnContext(ctx, "the code of a request returned while calls back into Dify were open", "types", types)
	if w.server.cfg.OpenCallbacks != nil {
		w.server.cfg.OpenCallbacks(w.session.action, types)
	}
}

// encoders hold the buffers for the lines of calls.
var encoders = sync.Pool{New: func() any {
	e := new(callbackEncoder)
	e.json = json.NewEncoder(&e.line)
	e.json.SetEscapeHTML(false)
	return e
}}

// callbackEncoder encodes calls.
type callbackEncoder struct {
	line bytes.Buffer
	json *json.Encoder
}

// release makes the encoder, and the line that it has returned, free for others.
func (e *callbackEncoder) release() {
	if e.line.Cap() <= shortLine {
		encoders.Put(e)
	}
}

// encode returns the line of a call. The session's ID is in JSON.
func (e *callbackEncoder) encode(session []byte, typ, id string, request any) ([]byte, error) {
	b := &e.line
	b.Reset()
	_, _ = b.Write(append(appendStart(b.AvailableBuffer(), session, "invoke"), `{"type":`...))
	if plainWord(typ) {
		_, _ = b.Write(append(append(append(b.AvailableBuffer(), '"'), typ...), '"'))
	} else {
		quoted, _ := json.Marshal(typ) // strings always encode
		_, _ = b.Write(quoted)
	}
	b.WriteString(`,"backwards_request_id":"`)
	b.WriteString(id)
	b.WriteString(`","request":`)
	begin := b.Len()
	if err := e.json.Encode(request); err != nil {
		return nil, fmt.Errorf("cannot encode a call of type %s as JSON: %w", typ, err)
	}
	if b.Bytes()[begin] != '{' { // the host would end the request
		return nil, errors.New("a call of type " + typ + " is not a JSON object")
	}
	b.Truncate(b.Len() - len("\n"))
	b.WriteString("}}}\n")
	return b.Bytes(), nil
}

// plainWord reports whether a text is the same in JSON.
func plainWord(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
}

// explain returns an error of a call as its author sees it.
func (c caller) explain(typ string, err error) error {
	r, ok := err.(*refusal) //nolint:errorlint // it is not wrapped
	if !ok {
		return err
	}
	message := c.Redact(r.message)
	if message == "" {
		message = "Dify does not say why a call of type " + typ + " has failed"
	}
	return &callback.Error{Type: typ, Message: message}
}

// toolCredentials returns the IDs of the credentials that the user has chosen, by provider. They are in
// the context of the envelope, which may hold anything.
func toolCredentials(envelope json.RawMessage) map[string]any {
	if len(envelope) == 0 {
		return nil
	}
	var chosen struct {
		Credentials struct {
			Tools map[string]any `json:"tool_credentials"`
		} `json:"credentials"`
	}
	_ = json.Unmarshal(envelope, &chosen)
	return chosen.Credentials.Tools
}
