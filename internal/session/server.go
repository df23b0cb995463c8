package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/difygen/difygen/runtime"
)

// maxWaiting is how many requests may wait for a slot. More are refused, to limit memory.
const maxWaiting = 10_000

// Server handles requests, over any transport.
type Server struct {
	plugin   *Plugin
	cfg      Config
	timedOut error // of a request that has passed its deadline
	// slots limits the requests that run at the same time.
	slots   chan struct{}
	pending pending
	// base is the parent of the contexts of requests. It is not canceled when the plugin
	// is told to stop, so that requests can finish.
	base   context.Context
	cancel context.CancelCauseFunc
}

// NewServer returns a server of a plugin for which Check and Configure return no errors. The
// settings are those that Configure returns. Close ends it.
func NewServer(ctx context.Context, p *Plugin, cfg Config) *Server {
	s := &Server{
		plugin: p, cfg: cfg, timedOut: fmt.Errorf("%w after %v", errDeadline, cfg.RequestTimeout), slots: make(chan struct{}, cfg.MaxRequests),
	}
	s.base, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// Context returns the parent of the contexts of requests. It is done after Close, and when
// requests have not finished in time after Drain.
func (s *Server) Context() context.Context { return s.base }

// Close cancels the requests that are still running.
func (s *Server) Close() { s.cancel(errStopping) }

// Drain refuses new requests and waits for pending ones to finish. When the stop timeout
// has passed or gone receives, it ends them with an error. The channel gone signals that
// the host is gone; it is nil if that cannot be detected.
func (s *Server) Drain(gone <-chan error) {
	s.pending.close()
	timer := time.NewTimer(s.cfg.StopTimeout)
	defer timer.Stop()
	select {
	case <-s.pending.idle():
		return
	case <-timer.C:
	case <-gone: //nolint:errcheck // any error means that
	}
	s.cancel(errStopping)
	timer.Reset(time.Second) // for the errors to be sent
	select {
	case <-s.pending.idle():
	case <-timer.C:
	}
}

// accept handles a line from the host. If the line is a request, accept runs it in the
// background and returns its session; otherwise, it returns nil. The ID is used if the
// line has none.
func (s *Server) accept(ctx context.Context, line []byte, id string, out *lineWriter) *session {
	e, err := decodeEnvelope(line)
	if err != nil && !errors.Is(err, errData) {
		s.fault(ctx, cmp.Or(IDOf(line), id), "a message from the host is malformed", out)
		return nil
	}
	id = cmp.Or(e.SessionID, id)
	switch {
	case e.Event == "":
		s.fault(ctx, id, "a message from the host has no event", out)
		return nil
	case e.Event != eventRequest:
		return nil // such as the response to a call back into Dify, which plugins in Go do not make
	case id == "":
		s.fault(ctx, "", "a request from the host has no session_id", out)
		return nil
	}
	ss := newSession(id, out)
	ss.size = len(line)
	return s.start(ctx, &e, err, ss)
}

// start runs a request in the background, unless it is refused or err is not nil.
func (s *Server) start(ctx context.Context, e *envelope, err error, ss *session) *session {
	req, act, wrong := e.request()
	err = cmp.Or(err, wrong)
	var r *route
	if err == nil {
		r, err = s.plugin.find(act, req)
	}
	if r != nil {
		ss.action = r.action
		ss.secrets.add(r.names.secretsOf(req.Data)...)
	} else {
		ss.action = act.String()
		ss.secrets.add(names(nil).secretsOf(req.Data)...)
	}
	if err == nil {
		err = s.pending.add(s.cfg.MaxRequests+maxWaiting, ss.size)
	}
	if err != nil {
		s.refuse(ctx, ss, err)
		return ss
	}
	req.Stream = ss.stream
	go s.handle(ctx, ss, r, req)
	return ss
}

// fault reports an invalid line from the host. If its session is known, fault also ends
// the request.
func (s *Server) fault(ctx context.Context, sessionID, problem string, out *lineWriter) {
	if !out.transport.Strict {
		_ = out.write(faultLine(sessionID, problem)) // the reader detects a broken connection
	}
	if sessionID == "" {
		s.cfg.Logger.WarnContext(ctx, problem)
		return
	}
	s.refuse(ctx, newSession(sessionID, out), invalid(problem))
}

// refuse ends a request that has not run.
func (s *Server) refuse(ctx context.Context, ss *session, err error) {
	s.end(context.WithValue(ctx, sessionKey{}, ss), ss, nil, err, runtime.ErrorUnsupported)
}

// end ends a request and logs it, unless it has already ended. The context has the session.
func (s *Server) end(ctx context.Context, ss *session, result []byte, err error, fallback runtime.ErrorType) (first bool) {
	frame, first := ss.finish(result, err, fallback)
	if first {
		s.logEnd(ctx, ss, frame)
	}
	return first
}

// handle runs a request and ends it, at the latest when its deadline has passed, even if
// its code does not return. The time spent waiting for a slot counts. The slot is free
// again as soon as the request has ended.
func (s *Server) handle(ctx context.Context, ss *session, r *route, req *runtime.Request) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.RequestTimeout, s.timedOut)
	defer cancel()
	ctx = context.WithValue(ctx, sessionKey{}, ss)
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		s.end(ctx, ss, nil, causeOf(ctx), r.ErrorType)
		s.pending.done(ss.size)
		return
	}
	running.Store(ss, nil)
	defer running.Delete(ss)
	end := func(result []byte, err error) (first bool) {
		if first = s.end(ctx, ss, result, err, r.ErrorType); first {
			<-s.slots
			s.pending.done(ss.size)
		}
		return first
	}
	stop := context.AfterFunc(ctx, func() { end(nil, causeOf(ctx)) })
	result, err := []byte(nil), error(errPanic) // unless the call returns
	defer func() {
		stop()
		if !end(result, err) {
			s.cfg.Logger.InfoContext(ctx, "the code of a request returned after the request had ended", "duration", time.Since(ss.started))
		}
	}()
	result, err = s.call(ctx, r, req, ss)
}

// call calls the author's code and encodes its result. It also calls the methods of the
// result and of the error, since they can panic too.
func (s *Server) call(ctx context.Context, r *route, req *runtime.Request, ss *session) (line []byte, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		// A panic or runtime.Goexit.
		value := recover()
		if value == http.ErrAbortHandler { //nolint:errorlint // like net/http
			line, err = nil, errAborted
			return
		}
		line, err = nil, errPanic
		s.cfg.Logger.ErrorContext(ctx, "panic", "value", fmt.Sprint(value), "stack", string(debug.Stack()))
	}()
	result, err := serve(ctx, r, req, ss)
	switch {
	case err != nil:
		err = flatten(explain(ctx, err))
	case result != nil:
		line, err = ss.line(typeStream, result)
	}
	returned = true
	return line, err
}

// rawHTTPField is the field of a request that holds the HTTP request that the host passes on.
const rawHTTPField = "raw_http_request"

// serve calls the author's code with the HTTP request that the host passes on, if any.
func serve(ctx context.Context, r *route, req *runtime.Request, ss *session) (any, error) {
	raw, err := textOf(req, rawHTTPField)
	if err != nil {
		return nil, err
	}
	if raw != "" {
		if req.HTTP, err = parseHTTPRequest(ctx, raw); err != nil {
			return nil, err
		}
		delete(req.Data, rawHTTPField) // it is large
		ss.secrets.add(httpSecrets(req.HTTP)...)
	}
	result, err := r.Serve(ctx, req)
	if err != nil {
		return nil, err
	}
	if h, ok := result.(http.Handler); ok {
		return nil, ss.respond(h, req.HTTP)
	}
	ss.secrets.add(r.names.grantSecrets(result)...)
	return result, nil
}
