package serve

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
)

// sessionHeader holds the ID of a request, which is needed if its body cannot be read.
const sessionHeader = "Dify-Plugin-Session-Id"

// serverless serves the host over HTTP until the context is done.
func (s *server) serverless(ctx context.Context, l limits, listening func(addr string)) error {
	listener, err := s.cfg.listen(ctx)
	if err != nil {
		return err
	}
	invocations := s.cfg.MaxRequests + l.queue
	h := &invoker{s, newBodies(l), &connections{Listener: listener, limit: invocations + l.spare, spare: l.spare}}
	server := &http.Server{
		Handler:        h.routes(),
		ReadTimeout:    l.header, // an invocation has deadlines of its own
		WriteTimeout:   l.write,
		IdleTimeout:    l.idle,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelWarn),
		BaseContext:    func(net.Listener) context.Context { return s.Context() },
		ConnContext:    h.conns.context,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(h.conns) }()
	s.cfg.Logger.InfoContext(ctx, "started", "plugin", s.declared.Name, "version", s.declared.Version, "address", listener.Addr().String())
	if listening != nil {
		listening(listener.Addr().String())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	case <-s.Failed():
	}
	return cmp.Or(s.shutDown(context.WithoutCancel(ctx), server), s.Err())
}

// shutDown closes the listener at once, while running requests may finish.
func (s *server) shutDown(ctx context.Context, server *http.Server) error {
	s.Stop()
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(ctx) }()
	s.Drain()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second): // for the last bytes to be sent
		return server.Close()
	}
}

// invoker handles HTTP requests.
type invoker struct {
	*server
	bodies *bodies
	conns  *connections
}

func (h *invoker) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	mux.Handle("POST /invoke", guarded(h.cfg.secret, h.cfg.Logger, h.invoke))
	return mux
}

// invoke handles one request from the host.
func (h *invoker) invoke(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	release, err := h.conns.hold(r.Context())
	if err != nil {
		if errors.Is(err, session.ErrBusy) {
			h.refuse(w, r, rc, nil, err)
		}
		return
	}
	defer release()
	body, memory, err := h.bodies.read(rc, r)
	defer memory.release()
	switch {
	case err == nil:
		h.answer(w, r, rc, body)
	case errors.Is(err, session.ErrTooLarge), errors.Is(err, errSlow), errors.Is(err, session.ErrBusy):
		h.refuse(w, r, rc, body, err)
	}
	// After any other error, the host is gone.
}

// answer runs a request.
func (h *invoker) answer(w http.ResponseWriter, r *http.Request, rc *http.ResponseController, body []byte) {
	id := cmp.Or(session.IDOf(body), r.Header.Get(sessionHeader))
	if id == "" {
		http.Error(w, "the request has no session_id", http.StatusBadRequest)
		return
	}
	if h.Stopping() { // with this status, the host asks again, and may reach another instance
		http.Error(w, "the plugin is stopping", http.StatusBadGateway)
		return
	}
	ctx := runtime.WithTraceparent(r.Context(), r.Header.Get("Traceparent"))
	h.Answer(ctx, session.HTTP, body, id, h.begin(w, rc))
}

// refuse ends a request of which there may be the start of the body, without running it.
func (h *invoker) refuse(w http.ResponseWriter, r *http.Request, rc *http.ResponseController, body []byte, err error) {
	id := r.Header.Get(sessionHeader)
	if id == "" && body == nil {
		body = h.bodies.prefix(rc, r)
	}
	w.Header().Set("Connection", "close") // the rest of the body is not read
	_ = rc.SetReadDeadline(time.Now())
	if id = cmp.Or(session.IDOf(body), id); id == "" {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	h.Refuse(r.Context(), session.HTTP, id, err, h.begin(w, rc))
}

// begin sends the header of a response. It is sent before anything runs: until then, the host
// repeats the request if the connection breaks, and an OAuth code would be used twice.
func (h *invoker) begin(w http.ResponseWriter, rc *http.ResponseController) io.Writer {
	w.Header().Set("Content-Type", "text/event-stream")
	out := flushWriter{w, rc, h.bodies.limits.write}
	_, _ = out.Write(nil)
	return out
}

// flushWriter flushes after every write, and fails if the host does not read.
type flushWriter struct {
	w       io.Writer
	rc      *http.ResponseController
	timeout time.Duration
}

func (f flushWriter) Write(data []byte) (int, error) {
	if err := f.rc.SetWriteDeadline(time.Now().Add(f.timeout)); err != nil {
		return 0, err
	}
	n, err := f.w.Write(data)
	return n, errors.Join(err, f.rc.Flush())
}
