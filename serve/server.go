package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
)

// maxWaiting is how many requests may wait for a slot. More are refused, to limit memory.
const maxWaiting = 10_000

// server handles requests, over any transport.
type server struct {
	plugin *plugin
	cfg    *config
	// slots limits the requests that run at the same time.
	slots   chan struct{}
	pending pending
	// base is the parent of the contexts of requests. It is not canceled when Run is
	// stopped, so that requests can finish.
	base   context.Context
	cancel context.CancelCauseFunc
}

func newServer(ctx context.Context, p *plugin, cfg *config) *server {
	s := &server{plugin: p, cfg: cfg, slots: make(chan struct{}, cfg.maxRequests)}
	s.base, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// close cancels the requests that are still running.
func (s *server) close() { s.cancel(errStopping) }

// drain refuses new requests and waits for pending ones to finish. When the stop timeout
// has passed or gone receives, it ends them with an error. The channel gone signals that
// the host is gone; it is nil if that cannot be detected.
func (s *server) drain(gone <-chan error) {
	s.pending.close()
	timer := time.NewTimer(s.cfg.stopTimeout)
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
func (s *server) accept(ctx context.Context, line []byte, id string, out *lineWriter) *session {
	var e envelope
	if err := json.Unmarshal(line, &e); err != nil {
		s.fault(ctx, cmp.Or(sessionOf(line), id), "a message from the host is malformed", out)
		return nil
	}
	e.SessionID = cmp.Or(e.SessionID, id)
	switch {
	case e.Event == "":
		s.fault(ctx, e.SessionID, "a message from the host has no event", out)
		return nil
	case e.Event != eventRequest:
		return nil // such as the response to a call back into Dify, which plugins in Go do not make
	case e.SessionID == "":
		s.fault(ctx, "", "a request from the host has no session_id", out)
		return nil
	}
	req, err := decodeRequest(e.Data)
	ss := s.newSession(e.SessionID, req, out)
	h, known := handlers[req.Type+"/"+req.Action]
	switch {
	case err != nil:
		err = &runtime.Error{Type: errorInvalidRequest, Err: err}
	case !known:
		err = unsupported("plugins in Go do not support %s yet", ss.action)
	default:
		err = s.pending.add(s.cfg.maxRequests + maxWaiting)
	}
	if err != nil {
		s.refuse(ctx, ss, err)
	} else {
		go s.handle(ctx, ss, h, req)
	}
	return ss
}

func (s *server) newSession(id string, req *request, out *lineWriter) *session {
	action := actionName(req)
	return &session{
		id: id, action: action, out: out, started: time.Now(), done: make(chan struct{}),
		secrets: &secrets{values: s.plugin.secretsOf(req)},
	}
}

// fault reports an invalid line from the host. If its session is known, fault also ends
// the request.
func (s *server) fault(ctx context.Context, sessionID, problem string, out *lineWriter) {
	if !out.strict {
		_ = out.write(faultLine(sessionID, problem)) // the reader detects a broken connection
	}
	if sessionID == "" {
		s.cfg.logger.WarnContext(ctx, problem)
		return
	}
	s.refuse(ctx, s.newSession(sessionID, new(request), out), &runtime.Error{Type: errorInvalidRequest, Err: errors.New(problem)})
}

// refuse ends a request that has not run.
func (s *server) refuse(ctx context.Context, ss *session, err error) {
	s.end(ctx, ss, nil, err, runtime.ErrorUnsupported)
}

// end ends a request and logs it.
func (s *server) end(ctx context.Context, ss *session, result []byte, err error, fallback runtime.ErrorType) {
	frame := ss.finish(result, err, fallback)
	s.logEnd(context.WithValue(ctx, sessionKey{}, ss), ss, frame)
}

// handle runs a request and ends it, at the latest when its deadline has passed, even if
// its code does not return. The time spent waiting for a slot counts. The slot is free
// again as soon as the request has ended.
func (s *server) handle(ctx context.Context, ss *session, h handler, req *request) {
	timeout := s.cfg.requestTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%w after %v", errDeadline, timeout))
	defer cancel()
	ctx = context.WithValue(ctx, sessionKey{}, ss)
	fallback := h.errorType(s.plugin, req)
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		s.end(ctx, ss, nil, causeOf(ctx), fallback)
		s.pending.done()
		return
	}
	running.Store(ss, nil)
	defer running.Delete(ss)
	release := sync.OnceFunc(func() {
		<-s.slots
		s.pending.done()
	})
	stop := context.AfterFunc(ctx, func() {
		s.end(ctx, ss, nil, causeOf(ctx), fallback)
		release()
	})
	result, err := []byte(nil), errPanic // unless the call returns
	defer func() {
		if stop() {
			s.end(ctx, ss, result, err, fallback)
			release()
			return
		}
		<-ss.done // the end of the context has ended the request
		s.cfg.logger.InfoContext(ctx, "the code of a request returned after the request had ended", "duration", time.Since(ss.started))
	}()
	result, err = s.call(ctx, h, req, ss)
}

// errPanic is the error that the host gets for a panic. The log has the details.
var errPanic = errors.New("the plugin failed with an internal error; see its log")

// call calls the author's code and encodes its result. It also calls the methods of the
// result and of the error, since they can panic too.
func (s *server) call(ctx context.Context, h handler, req *request, ss *session) (line []byte, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		// A panic or runtime.Goexit.
		s.cfg.logger.ErrorContext(ctx, "panic", "value", fmt.Sprint(recover()), "stack", string(debug.Stack()))
		line, err = nil, errPanic
	}()
	result, err := h.run(ctx, s.plugin, req, ss)
	switch {
	case err != nil:
		err = flatten(explain(ctx, err))
	case result != nil:
		line, err = ss.line(typeStream, result)
	}
	returned = true
	return line, err
}
