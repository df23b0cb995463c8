package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/redact"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// maxMessage is the maximum length of an error message, in characters.
const maxMessage = 1000

// errEnded is the error of sending something after the end.
var errEnded = errors.New("the request has already ended")

// Errors that end a request, whatever it asks for. Each has a type of its own: a request that
// checks credentials and takes too long does not say that they are wrong.
var (
	errDeadline = &runtime.Error{Type: runtime.ErrorTimeout, Err: errors.New("the request timed out")}
	errStopping = &runtime.Error{Type: runtime.ErrorInvokeServerUnavailable, Err: errors.New("the plugin is stopping; try again")}
	ErrBusy     = &runtime.Error{Type: runtime.ErrorInvokeServerUnavailable, Err: errors.New("the plugin is busy: too many requests are waiting; try again")}
	ErrTooLarge = &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: errors.New("the request is too large")}
	errHostGone = &runtime.Error{Type: runtime.ErrorInvokeConnection, Err: errors.New("the connection to the host is closed")}
	// The log has the details of a panic.
	errPanic = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("the plugin failed with an internal error; see its log")}
	// As with net/http, a handler that panics with http.ErrAbortHandler is not a bug.
	errAborted = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("the plugin gave up its response")}
)

// session is a running request. It ends exactly once.
type session struct {
	id          string
	json        []byte // the ID in JSON
	action      string
	out         *connection
	secrets     *secrets
	credentials map[string]any // of tools, that the user has chosen, by provider
	started     time.Time
	over        chan struct{} // closed at the end
	done        chan struct{} // closed when the host has been told of the end, as far as it listens
	callbacks   callbacksOf   // under the lock of the connection's

	mu      sync.Mutex
	request *runtime.Request // nil once the code has it, so that code which hangs does not keep it
	inCode  int              // how much code of the author runs
}

func newSession(id string, out *connection) *session {
	data, _ := json.Marshal(id) // strings always encode
	return &session{id: id, json: data, out: out, secrets: new(secrets), started: time.Now(), over: make(chan struct{}), done: make(chan struct{})}
}

// isOver reports whether the session has ended.
func (s *session) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// sessionKey is the context key of a request's session.
type sessionKey struct{}

// lineBuffers are buffers of lines that have been sent, of at most keptLine bytes: models write
// thousands of small pieces.
var lineBuffers = sync.Pool{New: func() any { return new([]byte) }}

const keptLine = 64 << 10

// stream sends a result.
func (s *session) stream(v any) error {
	buffer := lineBuffers.Get().(*[]byte)
	defer lineBuffers.Put(buffer)
	line, err := s.line((*buffer)[:0], typeStream, v)
	if err != nil {
		return err
	}
	if cap(line) <= keptLine {
		*buffer = line
	}
	return s.write(nil, line)
}

// write writes lines, unless the session ends, or done is closed, before it is their turn: then, the
// error is errEnded.
func (s *session) write(done <-chan struct{}, lines []byte) error {
	if !s.out.begin(done, s.over) {
		return errEnded
	}
	defer s.out.end()
	if s.isOver() {
		return errEnded
	}
	_, err := s.out.w.Write(lines)
	return err
}

// enter notes that code of the author begins. It returns false if the session has ended.
func (s *session) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver() {
		return false
	}
	s.inCode++
	return true
}

// take returns the request, once, and nil after the end.
func (s *session) take() *runtime.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	req := s.request
	s.request = nil
	return req
}

// exit notes that code of the author has returned, and reports whether the session has ended
// before.
func (s *session) exit() (late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inCode--
	late = s.isOver()
	if late && s.inCode == 0 {
		running.Delete(s)
	}
	return late
}

// leave notes that the session has ended. Its secrets are redacted in all logs as long as its code
// may write some.
func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inCode == 0 {
		running.Delete(s)
	}
}

// line appends a message of the session to b, which is empty.
func (s *session) line(b []byte, typ string, v any) ([]byte, error) {
	line, err := encodeMessage(b, s.json, typ, v)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot encode the result as JSON: %w", err)
	case typ == typeStream && s.out.transport.MaxLine > 0 && len(line) > s.out.transport.MaxLine:
		return nil, fmt.Errorf("a result of %d bytes is too large: the host accepts %d", len(line), s.out.transport.MaxLine)
	}
	return line, nil
}

// maxResult returns the size of the largest result, which is what is left of a line.
func (s *session) maxResult() int {
	limit := s.out.transport.MaxLine
	if limit == 0 {
		return 0
	}
	return max(limit-len(appendStart(nil, s.json, typeStream))-len(messageEnd), 1) // 0 is no limit
}

// finish ends the session with the lines of a last result, which may be empty, or with
// an error, and returns the error's frame. Only the first call ends it; first is false for
// the others. What code of the author still runs is abandoned. The context is that of the request. The
// callbacks that are open end before the host hears of the end.
func (s *session) finish(ctx context.Context, lines []byte, err error, fallback runtime.ErrorType) (frame *errorFrame, first bool, abandoned int) {
	if err != nil {
		frame = s.frame(err, fallback)
		lines, _ = s.line(nil, typeError, frame) // strings always encode
	}
	first, abandoned = s.endOnce()
	if !first {
		return nil, false, 0
	}
	s.out.callbacks.endOf(s, causeOfEnd(ctx))
	_ = s.out.write(appendEnd(lines, s.json)) // a broken connection ends all of its sessions anyway
	close(s.done)
	return frame, true, abandoned
}

// endOnce makes the session end, so that nothing is written from now on but what is being written. It
// returns how much code still runs.
func (s *session) endOnce() (first bool, inCode int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver() {
		return false, 0
	}
	close(s.over)
	s.request = nil // in case no code asks for it any more
	return true, s.inCode
}

// frame returns an error for the wire: its type, and its message on one line, both without
// secrets.
func (s *session) frame(err error, fallback runtime.ErrorType) *errorFrame {
	frame := &errorFrame{ErrorType: fallback}
	if e := (*runtime.Error)(nil); errors.As(err, &e) && e.Type != "" {
		frame.ErrorType = e.Type
	}
	if t := string(frame.ErrorType); frame.ErrorType != fallback && !redact.IsProtocolWord(t) {
		frame.ErrorType = runtime.ErrorType(s.secrets.redact(t))
	}
	frame.Message = s.message(err.Error())
	frame.describe()
	return frame
}

// message returns the message of an error as users read it: without secrets, on one line, and not
// empty.
func (s *session) message(of string) string {
	message := text.Cut(text.Line(s.secrets.redact(of)), maxMessage)
	if message == "" {
		return "the plugin failed without an error message"
	}
	return message
}

// flatten returns an error with the same type and message that does not refer to the
// author's error.
func flatten(err error) error {
	var t runtime.ErrorType
	if e := (*runtime.Error)(nil); errors.As(err, &e) {
		t = e.Type
	}
	return &runtime.Error{Type: t, Err: errors.New(err.Error())}
}

// causeOf returns why a request's context is done.
func causeOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) { // by net/http, because the connection broke
		return errHostGone
	}
	return cause
}
