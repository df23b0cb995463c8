package trigger

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/difygen/difygen/internal/httphead"
)

// maxResponse is the size of the largest body of an answer, in bytes. It is one message, in hexadecimal,
// beside the payload.
const maxResponse = 1 << 20

// errResponseTooLarge is the error of an answer that Dify could not be sent.
var errResponseTooLarge = fmt.Errorf("the answer to a webhook has at most %d bytes", maxResponse)

// response collects the answer to a webhook. It does what a response of net/http does, but that it is sent
// when Dispatch has returned.
type response struct {
	head bool // the webhook has the method HEAD

	mu      sync.Mutex
	headers httphead.Head
	size    int64 // of the body that the code has written
	body    bytes.Buffer
	err     error
	closed  bool
}

func newResponse(r *http.Request) *response {
	return &response{headers: httphead.NewHead(), head: r.Method == http.MethodHead}
}

func (w *response) Header() http.Header { return w.headers.Fields }

// WriteHeader sets the status. It ignores informational ones, which Dify cannot pass on.
func (w *response) WriteHeader(status int) {
	httphead.CheckStatus(status)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers.Write(status)
}

func (w *response) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers.Write(http.StatusOK)
	size := w.size + int64(len(data))
	switch {
	case w.closed:
		return 0, http.ErrHandlerTimeout
	case httphead.Bodyless(w.headers.Status) && len(data) > 0:
		return 0, http.ErrBodyNotAllowed
	case w.headers.Length >= 0 && size > w.headers.Length:
		return 0, http.ErrContentLength
	case w.head:
		w.body.Write(data[:min(len(data), httphead.Sniffed-w.body.Len())])
	case size > maxResponse:
		w.err = errResponseTooLarge
		return 0, w.err
	default:
		w.body.Write(data)
	}
	w.size = size
	return len(data), nil
}

// Flush writes the status. The rest waits until Dispatch has returned.
func (w *response) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.headers.Write(http.StatusOK)
}

// SetReadDeadline is for http.ResponseController, as are those below. It does nothing: the webhook is there.
func (*response) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: Write does not wait.
func (*response) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex does nothing: it is so.
func (*response) EnableFullDuplex() error { return nil }

// end makes writes fail from now on.
func (w *response) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

// wire returns the answer as it is on the wire: in HTTP/1.1, with its whole body. Dify takes the last one
// of headers with the same name, so each has one line; it names those that are dropped. Writes fail from then on.
func (w *response) wire() (raw []byte, dropped []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.headers.Write(http.StatusOK)
	switch bodyless := w.head || httphead.Bodyless(w.headers.Status); {
	case w.err != nil:
		return nil, nil, w.err
	case w.headers.Length > w.size && !bodyless:
		return nil, nil, fmt.Errorf("the answer's Content-Length is %d, and its body has %d bytes", w.headers.Length, w.size)
	}
	httphead.SetType(w.headers.Written, w.headers.Status, w.body.Bytes()[:min(w.body.Len(), httphead.Sniffed)])
	headers, dropped := httphead.Clean(w.headers.Written, w.head)
	if w.head {
		w.body.Reset()
	}
	if _, said := headers["Content-Length"]; !said && !httphead.Bodyless(w.headers.Status) && (w.size > 0 || !w.head) {
		headers["Content-Length"] = strconv.FormatInt(w.size, 10)
	}
	return w.raw(headers), dropped, nil
}

func (w *response) raw(headers map[string]string) []byte {
	raw := make([]byte, 0, 256+w.body.Len())
	raw = fmt.Appendf(raw, "HTTP/1.1 %03d %s\r\n", w.headers.Status, http.StatusText(w.headers.Status))
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		raw = append(raw, name+": "+headers[name]+"\r\n"...)
	}
	raw = append(raw, "\r\n"...)
	return append(raw, w.body.Bytes()...)
}
