package serve

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// maxMessage bounds an error's message, in characters.
const maxMessage = 1000

// errEnded is the error of giving something out after the end.
var errEnded = errors.New("the request has its answer already")

// session is a request that is being answered. However it goes, it ends once.
type session struct {
	id      string
	action  string
	out     *lineWriter
	secrets *secrets
	started time.Time
	done    chan struct{} // closed at the end

	mu    sync.Mutex
	ended bool
}

// sessionKey finds the session in the context of a request.
type sessionKey struct{}

// stream gives out a result.
func (s *session) stream(v any) error {
	line, err := s.line(typeStream, v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errEnded
	}
	return s.out.write(line)
}

// line encodes a message about the session.
func (s *session) line(typ string, v any) ([]byte, error) {
	line, err := encodeLine(sessionMessage{"session", s.id, sessionData{typ, v}})
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer cannot be written as JSON: %w", err)
	case typ == typeStream && s.out.limit > 0 && len(line) > s.out.limit:
		return nil, fmt.Errorf("an answer of %d bytes is too large: the host takes %d", len(line), s.out.limit)
	}
	return line, nil
}

// finish ends the session, with the line of a last result, if there is one, or with an
// error, of which it gives the frame. It is called once.
func (s *session) finish(lines []byte, err error, fallback runtime.ErrorType) (frame *errorFrame) {
	if err != nil {
		frame = s.frame(err, fallback)
		lines, _ = s.line(typeError, frame) // short texts
	}
	end, _ := s.line(typeEnd, struct{}{})
	lines = append(lines, end...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	defer close(s.done)
	_ = s.out.write(lines) // a broken connection ends all of its sessions
	return frame
}

// frame makes an error fit for the wire: its name, and one line without a secret.
func (s *session) frame(err error, fallback runtime.ErrorType) *errorFrame {
	frame := &errorFrame{ErrorType: fallback}
	if e := (*runtime.Error)(nil); errors.As(err, &e) && e.Type != "" {
		frame.ErrorType = e.Type
	}
	frame.Message = text.Cut(s.secrets.redact(text.Line(s.secrets.redact(err.Error()))), maxMessage)
	if frame.Message == "" {
		frame.Message = "the plugin failed without a word"
	}
	return frame
}

// settled is an error with the same type and text that holds nothing of the author's.
func settled(err error) error {
	var t runtime.ErrorType
	if e := (*runtime.Error)(nil); errors.As(err, &e) {
		t = e.Type
	}
	return &runtime.Error{Type: t, Err: errors.New(err.Error())}
}

// explain gives the cause of an error that only says that the context has ended.
func explain(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
		return causeOf(ctx)
	}
	return err
}

// causeOf says why a request's context has ended.
func causeOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) { // by net/http, of a connection that broke
		return errHostGone
	}
	return cause
}
