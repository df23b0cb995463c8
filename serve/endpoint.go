package serve

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

const (
	// maxPart is how much of a body goes out in one message, in bytes: twice that as
	// hexadecimal digits stays under the host's limit for a line.
	maxPart = 2 << 20
	// partInterval is the least time between two parts of a body that grows: the host
	// keeps 128 that were not fetched yet, and drops more without a word.
	partInterval = 25 * time.Millisecond
)

// invokeEndpoint answers an HTTP request that came to an endpoint.
func invokeEndpoint(ctx context.Context, p *plugin, req *request, s *session) (any, error) {
	if p.endpoints == nil {
		return nil, unsupported("this plugin has no endpoints")
	}
	r, err := parseHTTPRequest(ctx, req.RawHTTPRequest)
	if err != nil {
		return nil, &runtime.Error{Type: errorInvalidRequest, Err: err}
	}
	s.secrets.add(httpSecrets(r)...)
	handler, err := p.endpoints.Handler(req.Settings)
	if err != nil {
		return nil, err
	}
	w := &responseWriter{send: s.stream, header: make(http.Header), bodyless: r.Method == http.MethodHead}
	defer w.discard()
	handler.ServeHTTP(w, r)
	return nil, w.close()
}

// responseHead is the first part of an answer as the wire has it.
type responseHead struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	responsePart
}

// responsePart is a part of an answer. Every one must have a result.
type responsePart struct {
	Result string `json:"result"` // hexadecimal digits
}

// responseWriter sends an answer in few large parts.
type responseWriter struct {
	send     func(any) error
	header   http.Header
	bodyless bool

	mu      sync.Mutex
	head    http.Header // as it was when the status was written
	status  int         // 0 until then
	started bool        // the head has been sent
	body    []byte      // that has not been sent
	last    time.Time   // when a part was sent
	timer   *time.Timer // until the next one may be
	err     error
	closed  bool
}

func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader sets the status. Informational ones are left out: the host cannot pass
// them on.
func (w *responseWriter) WriteHeader(status int) {
	if status < 100 || status > 999 { // as net/http has it
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
	for len(w.body) >= maxPart {
		w.part(maxPart)
	}
	return len(data), w.err
}

// Flush sends what was written, now or as soon as the host can take it.
func (w *responseWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait := partInterval - time.Since(w.last)
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
		w.part(len(w.body))
	}
}

// part sends the first bytes of the body, and before them the head.
func (w *responseWriter) part(size int) {
	part := responsePart{hex.EncodeToString(w.body[:size])}
	var message any = part
	if !w.started {
		w.started = true
		message = responseHead{w.status, singleHeaders(w.head), part}
	}
	if w.body = w.body[size:]; len(w.body) == 0 {
		w.body = nil
	}
	w.last = time.Now()
	if w.err == nil {
		w.err = w.send(message)
	}
}

// close sends the rest.
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

// discard stops what a handler that panicked left behind.
func (w *responseWriter) discard() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed = true; w.timer != nil {
		w.timer.Stop()
	}
}

// singleHeaders gives every header one value, since the host takes no more. Those
// that RFC 9110 lets one join are joined; of cookies the last one is set.
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
