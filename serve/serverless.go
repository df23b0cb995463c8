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

	"github.com/difygen/difygen/internal/session"
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
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return s.Context() },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	s.cfg.Logger.InfoContext(ctx, "started", "plugin", s.declared.Name, "version", s.declared.Version, "address", listener.Addr().String())
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
	s.Drain()
	select {
	case err := <-shutdown:
		return err
	case <-time.After(time.Second): // for the last bytes to be sent
		return server.Close()
	}
}

// errTooLarge is the error of a body of more than maxBody bytes.
var errTooLarge = errors.New("the request is too large")

// invoke handles one request from the host.
func (s *server) invoke(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	body, err := readBody(r.Body)
	if err != nil && !errors.Is(err, errTooLarge) {
		return // the host is gone
	}
	id := cmp.Or(session.IDOf(body), r.Header.Get(sessionHeader))
	if id == "" {
		http.Error(w, "the request has no session_id", http.StatusBadRequest)
		return
	}
	// Send the header before anything runs: until then, the host repeats the request if
	// the connection breaks, and an OAuth code would be used twice.
	w.Header().Set("Content-Type", "text/event-stream")
	out := flushWriter{w, http.NewResponseController(w)}
	_, _ = out.Write(nil)
	if err != nil {
		s.Refuse(ctx, session.HTTP, id, err.Error(), out)
	} else {
		s.Answer(ctx, session.HTTP, body, id, out)
	}
}

// readBody reads a body. Of one that is too large, it returns the start and errTooLarge.
func readBody(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(data) > maxBody {
		return data[:maxBody], errTooLarge
	}
	return data, err
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
