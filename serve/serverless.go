package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// maxBody is the maximum size of a request to a serverless plugin, in bytes.
const maxBody = 5 << 20

// sessionHeader holds the ID of a request, which is needed if its body cannot be read.
const sessionHeader = "Dify-Plugin-Session-Id"

// serverless serves the host over HTTP until the context is done.
func (s *server) serverless(ctx context.Context, listening func(addr string)) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.listenAddr)
	if err != nil {
		return fmt.Errorf("SERVERLESS_HOST and SERVERLESS_PORT: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	mux.HandleFunc("POST /invoke", s.invoke)
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       300 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return s.base },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	s.cfg.logger.InfoContext(ctx, "started", "plugin", s.plugin.folder.Name, "version", s.plugin.folder.Version, "address", listener.Addr().String())
	if listening != nil {
		listening(listener.Addr().String())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// The listener closes at once; running requests may finish.
	shutdown := make(chan error, 1)
	go func() { shutdown <- server.Shutdown(context.WithoutCancel(ctx)) }()
	s.drain(nil)
	select {
	case err := <-shutdown:
		return err
	case <-time.After(time.Second): // for the last bytes to be sent
		return server.Close()
	}
}

// invoke handles one request from the host.
func (s *server) invoke(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	body, err := readAll(r.Body, maxBody)
	if err != nil && !errors.Is(err, errTooLong) {
		return // the host is gone
	}
	id := cmp.Or(sessionOf(body), r.Header.Get(sessionHeader))
	if id == "" {
		http.Error(w, "the request has no session_id", http.StatusBadRequest)
		return
	}
	// Send the header before anything runs: until then, the host repeats the request if
	// the connection breaks, and an OAuth code would be used twice.
	w.Header().Set("Content-Type", "text/event-stream")
	out := flushWriter{w, http.NewResponseController(w)}
	_, _ = out.Write(nil)
	lines := &lineWriter{w: out, limit: maxHostLine - 1, strict: true}
	if err != nil {
		s.fault(ctx, id, "the request is too large", lines)
	} else if ss := s.accept(ctx, body, id, lines); ss != nil {
		<-ss.done
	}
}

// flushWriter flushes after every write, and fails if the host does not read.
type flushWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

func (f flushWriter) Write(data []byte) (int, error) {
	if err := f.rc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	n, err := f.w.Write(data)
	return n, errors.Join(err, f.rc.Flush())
}
