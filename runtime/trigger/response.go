package trigger

import (
	"bytes"
	"io"
	"net/http"
)

// response collects the answer to a webhook.
type response struct {
	request *http.Request
	header  http.Header
	status  int // 0 before it is written
	body    bytes.Buffer
}

func newResponse(r *http.Request) *response { return &response{request: r, header: make(http.Header)} }

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(data)
}

// raw returns the answer as it is on the wire.
func (w *response) raw() ([]byte, error) {
	w.WriteHeader(http.StatusOK)
	r := &http.Response{
		StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Request: w.request,
		ContentLength: int64(w.body.Len()), Body: io.NopCloser(&w.body),
	}
	var raw bytes.Buffer
	err := r.Write(&raw)
	return raw.Bytes(), err
}
