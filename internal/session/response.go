package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/httphead"
	"github.com/difygen/difygen/runtime"
)

const (
	// maxBodyChunk is the maximum number of body bytes in one message. Hexadecimal
	// encoding doubles it, which is still below the host's limit for a line.
	maxBodyChunk = 2 << 20
	// The host keeps 128 messages that the reader of the body has not fetched, and silently drops
	// more. A reader who stops fetches what fits into the buffers of his connection, which is more
	// than freeBytes. So there are at least flushInterval between two messages, and once freeBytes
	// have been sent, each has a growShare of all before it, unless maxFlushDelay has passed: a
	// reader may stop for two minutes, and a body of 32 MiB has about 100 messages.
	flushInterval = 25 * time.Millisecond
	freeBytes     = 64 << 10
	growShare     = 16
	maxFlushDelay = time.Second
	// settleTime is how long after its first message a response with others ends at the earliest. If the
	// host gets the end while it still handles the first message, it loses the others.
	settleTime = 100 * time.Millisecond
)

// respond lets a handler answer the HTTP request that the host passes on. An error of the handler is
// logged, and answered with the status 500 if the response has not begun: then the session does not fail.
// If the error is http.ErrAbortHandler, the response is broken off, as by a panic.
func (s *Server) respond(ss *session, h runtime.HTTPHandler, r *http.Request) error {
	if r == nil {
		return invalid("the request has no raw_http_request")
	}
	ctx := r.Context()
	w := &responseWriter{send: ss.stream, headers: httphead.NewHead(), head: r.Method == http.MethodHead}
	defer w.discard()
	failed := h(w, r)
	text, err := s.guard(ctx, func() ([]byte, error) { return failureText(ctx, failed) })
	switch {
	case errors.Is(err, errPanic):
		text = []byte("the code returned an error that panics")
	case err != nil:
		return err
	}
	err = w.end(ctx, failed != nil)
	if failed != nil {
		s.cfg.Logger.ErrorContext(ctx, "the code that answers an HTTP request failed", "pattern", r.Pattern, "error", string(text))
	}
	s.reportDropped(ctx, w.dropped)
	return err
}

// failureText returns the text of a handler's error, or an error if the response is not to be answered. It
// calls the methods of the handler's error, which can panic.
func failureText(ctx context.Context, failed error) ([]byte, error) {
	switch {
	case failed == nil:
		return nil, nil
	case failed == http.ErrAbortHandler: //nolint:errorlint // like net/http
		return nil, errAborted
	case saysEnd(ctx, failed):
		return nil, ctx.Err()
	}
	return []byte(failed.Error()), nil
}

// responseHead is the first message of a response on the wire.
type responseHead struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	bodyChunk
}

// bodyChunk is a message with a chunk of the body. Result is required, even if empty.
type bodyChunk struct {
	Result string `json:"result"` // hexadecimal
}

// responseWriter sends a response in a few large chunks.
type responseWriter struct {
	send func(any) error
	head bool // the request has the method HEAD

	mu      sync.Mutex
	headers httphead.Head
	size    int64       // of the body that the code has tried to write
	first   time.Time   // when the first message was sent; zero before
	more    bool        // others have been sent
	sent    int         // bytes of the body
	body    []byte      // not yet sent
	last    time.Time   // when the last message was sent
	timer   *time.Timer // sends the next one
	// deadline is that of the code for its writes.
	deadline time.Time
	dropped  []string // headers that the host cannot pass on
	err      error
	closed   bool
}

func (w *responseWriter) Header() http.Header { return w.headers.Fields }

// WriteHeader sets the status. It ignores informational ones, which the host cannot
// pass on.
func (w *responseWriter) WriteHeader(status int) {
	httphead.CheckStatus(status)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers.Write(status)
}

func (w *responseWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, http.ErrHandlerTimeout
	}
	if w.headers.Status == 0 {
		w.headers.Write(http.StatusOK)
	}
	if httphead.Bodyless(w.headers.Status) && len(data) > 0 {
		return 0, http.ErrBodyNotAllowed
	}
	if w.size += int64(len(data)); w.headers.Length >= 0 && w.size > w.headers.Length {
		return 0, http.ErrContentLength
	}
	if !w.deadline.IsZero() && time.Now().After(w.deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	if w.head {
		if !w.started() {
			w.body = append(w.body, data[:min(len(data), httphead.Sniffed-len(w.body))]...)
		}
		return len(data), w.err
	}
	w.body = append(w.body, data...)
	for len(w.body) >= maxBodyChunk {
		w.sendChunk(maxBodyChunk)
	}
	return len(data), w.err
}

// complete adds to the headers what net/http does. The body has begun with these bytes.
func (w *responseWriter) complete(body []byte) {
	httphead.SetType(w.headers.Written, w.headers.Status, body)
	if w.head && w.closed && w.size > 0 && w.headers.Length < 0 {
		w.headers.Written.Set("Content-Length", strconv.FormatInt(w.size, 10))
	}
}

// SetWriteDeadline is for http.ResponseController, as are those below.
func (w *responseWriter) SetWriteDeadline(deadline time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = deadline
	return nil
}

// SetReadDeadline does nothing: the body of the request is there.
func (*responseWriter) SetReadDeadline(time.Time) error { return nil }

// EnableFullDuplex does nothing: it is so.
func (*responseWriter) EnableFullDuplex() error { return nil }

// Flush sends what has been written, at once or when it has grown or become old enough.
func (w *responseWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	delay := flushInterval
	if w.sent >= freeBytes && len(w.body) < w.sent/growShare {
		delay = maxFlushDelay
	}
	wait := delay - time.Since(w.last)
	switch {
	case w.closed:
	case wait <= 0:
		w.flush()
	case w.timer == nil:
		w.timer = time.AfterFunc(wait, w.flushLater)
	default:
		w.timer.Reset(wait)
	}
}

func (w *responseWriter) flushLater() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer = nil; !w.closed {
		w.flush()
	}
}

func (w *responseWriter) flush() {
	if w.headers.Status == 0 {
		w.headers.Write(http.StatusOK)
	}
	if len(w.body) > 0 || !w.started() {
		w.sendChunk(len(w.body))
	}
}

// sendChunk sends the first size bytes of the body, with the head if it has not been
// sent.
func (w *responseWriter) sendChunk(size int) {
	if !w.started() {
		w.complete(w.body[:min(len(w.body), httphead.Sniffed)])
	}
	if w.head {
		size, w.body = 0, nil
	}
	chunk := bodyChunk{hex.EncodeToString(w.body[:size])}
	var message any = chunk
	if w.more = w.started(); !w.more {
		w.first = time.Now()
		var headers map[string]string
		headers, w.dropped = httphead.Clean(w.headers.Written, w.head)
		message = responseHead{w.headers.Status, headers, chunk}
	}
	w.sent += size
	if w.body = w.body[size:]; len(w.body) == 0 {
		w.body = nil
	}
	w.last = time.Now()
	if w.err == nil {
		w.err = w.send(message)
	}
}

func (w *responseWriter) started() bool { return !w.first.IsZero() }

// settle waits, after close, until the response may end.
func (w *responseWriter) settle(ctx context.Context) {
	wait := settleTime - time.Since(w.first)
	if !w.more || wait <= 0 {
		return
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// end ends the response of code that has returned, and may have failed.
func (w *responseWriter) end(ctx context.Context, failed bool) error {
	if failed {
		if w.begun() {
			return errAborted
		}
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
	err := w.close()
	w.settle(ctx)
	return err
}

// begun reports whether the code has begun its response, even if nothing has been sent.
func (w *responseWriter) begun() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.headers.Status != 0
}

// close sends the rest of the response.
func (w *responseWriter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if size := int64(w.sent + len(w.body)); w.headers.Status != 0 && w.headers.Length > size && !w.head && !httphead.Bodyless(w.headers.Status) {
		return fmt.Errorf("%w: its Content-Length is %d, and its body has %d bytes", errAborted, w.headers.Length, size)
	}
	if len(w.body) > 0 || !w.started() {
		w.flush()
	}
	if errors.Is(w.err, errEnded) {
		return nil
	}
	return w.err
}

// discard stops the timer and further writes, in case the handler panicked.
func (w *responseWriter) discard() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed = true; w.timer != nil {
		w.timer.Stop()
	}
}
