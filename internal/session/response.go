package session

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxBodyChunk is the maximum number of body bytes in one message. Hexadecimal
	// encoding doubles it, which is still below the host's limit for a line.
	maxBodyChunk = 2 << 20
	// flushInterval is the minimum time between two flushes of a body: the host buffers
	// 128 messages that have not been fetched, and silently drops more.
	flushInterval = 25 * time.Millisecond
)

// respond lets a handler answer the HTTP request that the host passes on.
func (s *session) respond(h http.Handler, r *http.Request) error {
	if r == nil {
		return invalid("the request has no raw_http_request")
	}
	w := &responseWriter{send: s.stream, header: make(http.Header), bodyless: r.Method == http.MethodHead}
	defer w.discard()
	h.ServeHTTP(w, r)
	return w.close()
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
	send     func(any) error
	header   http.Header
	bodyless bool

	mu      sync.Mutex
	head    http.Header // copy of header made when the status is written
	status  int         // 0 before it is written
	started bool        // the head has been sent
	body    []byte      // not yet sent
	last    time.Time   // when the last chunk was sent
	timer   *time.Timer // sends the next one
	err     error
	closed  bool
}

func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader sets the status. It ignores informational ones, which the host cannot
// pass on.
func (w *responseWriter) WriteHeader(status int) {
	if status < 100 || status > 999 { // like net/http
		panic("invalid status code " + strconv.Itoa(status))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeHeader(status)
}

func (w *responseWriter) writeHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status, w.head = status, w.header.Clone()
	}
}

func (w *responseWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, http.ErrHandlerTimeout
	}
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	if w.bodyless || w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return len(data), w.err
	}
	if !w.started && len(w.body) == 0 && w.head.Get("Content-Type") == "" && w.head.Get("Content-Encoding") == "" {
		w.head.Set("Content-Type", http.DetectContentType(data))
	}
	w.body = append(w.body, data...)
	for len(w.body) >= maxBodyChunk {
		w.sendChunk(maxBodyChunk)
	}
	return len(data), w.err
}

// Flush sends what has been written, at once or when flushInterval has passed.
func (w *responseWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait := flushInterval - time.Since(w.last)
	switch {
	case w.closed || w.timer != nil:
	case wait <= 0:
		w.flush()
	default:
		w.timer = time.AfterFunc(wait, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.timer = nil; !w.closed {
				w.flush()
			}
		})
	}
}

func (w *responseWriter) flush() {
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	if len(w.body) > 0 || !w.started {
		w.sendChunk(len(w.body))
	}
}

// sendChunk sends the first size bytes of the body, with the head if it has not been
// sent.
func (w *responseWriter) sendChunk(size int) {
	chunk := bodyChunk{hex.EncodeToString(w.body[:size])}
	var message any = chunk
	if !w.started {
		w.started = true
		message = responseHead{w.status, singleHeaders(w.head), chunk}
	}
	if w.body = w.body[size:]; len(w.body) == 0 {
		w.body = nil
	}
	w.last = time.Now()
	if w.err == nil {
		w.err = w.send(message)
	}
}

// close sends the rest of the response.
func (w *responseWriter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed = true; len(w.body) > 0 || !w.started {
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

// singleHeaders returns one value for each header, since the host accepts no more. It
// joins values as RFC 9110 allows; of several cookies, it keeps the last.
func singleHeaders(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		switch {
		case len(values) == 0:
		case name == "Set-Cookie":
			out[name] = values[len(values)-1]
		default:
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}
