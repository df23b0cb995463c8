package runtime

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// watchedWriter is a response that knows whether it has begun. It can do what the one below it can.
type watchedWriter struct {
	http.ResponseWriter

	begun bool
}

func (w *watchedWriter) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.begun = true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(data []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(data)
}

// ReadFrom lets io.Copy use what the response below may have for it.
func (w *watchedWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(w.ResponseWriter, r)
	w.begun = w.begun || n > 0
	return n, err
}

// Flush is for code that asks for an http.Flusher, and FlushError for an http.ResponseController.
func (w *watchedWriter) Flush() { _ = w.FlushError() }

func (w *watchedWriter) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.begun = w.begun || !errors.Is(err, http.ErrNotSupported)
	return err
}

func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.begun = w.begun || err == nil
	return c, rw, err
}

// Unwrap is for an http.ResponseController.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
