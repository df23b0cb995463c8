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

// mostWaiting is how many requests may wait for a place; more are refused, so that
// memory has a bound.
const mostWaiting = 10_000

// server answers requests, whichever way they come.
type server struct {
	plugin *plugin
	cfg    *config
	// slots bounds the requests that run. Who holds one has a place.
	slots   chan struct{}
	pending pending
	// base is what the contexts of requests come from; it outlives the call to stop.
	base   context.Context
	cancel context.CancelCauseFunc
}

func newServer(ctx context.Context, p *plugin, cfg *config) *server {
	s := &server{plugin: p, cfg: cfg, slots: make(chan struct{}, cfg.maxRequests)}
	s.base, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// close ends what still runs.
func (s *server) close() { s.cancel(errStopping) }

// drain lets pending requests finish, for as long as they may and the host is there,
// and then ends them with an error. New ones are refused from now on. A nil channel is
// of a host whose end nobody would notice.
func (s *server) drain(gone <-chan error) {
	s.pending.close()
	timer := time.NewTimer(s.cfg.stopTimeout)
	defer timer.Stop()
	select {
	case <-s.pending.idle():
		return
	case <-timer.C:
	case <-gone: //nolint:errcheck // any error says that
	}
	s.cancel(errStopping)
	timer.Reset(time.Second) // for the answers to go out
	select {
	case <-s.pending.idle():
	case <-timer.C:
	}
}

// accept takes a line of the host, about the request of that ID if it names none, and
// answers it in the background. The session is nil if the line is no request.
func (s *server) accept(ctx context.Context, line []byte, id string, out *lineWriter) *session {
	var e envelope
	if err := json.Unmarshal(line, &e); err != nil {
		s.fault(ctx, cmp.Or(sessionOf(line), id), "a line of the host is not the JSON of a message", out)
		return nil
	}
	e.SessionID = cmp.Or(e.SessionID, id)
	switch {
	case e.Event == "":
		s.fault(ctx, e.SessionID, "a line of the host names no event", out)
		return nil
	case e.Event != eventRequest:
		return nil // such as an answer to a call that this plugin does not make
	case e.SessionID == "":
		s.fault(ctx, "", "a request of the host has no session_id", out)
		return nil
	}
	req, err := decodeRequest(e.Data)
	ss := s.newSession(e.SessionID, req, out)
	h, known := handlers[req.Type+"/"+req.Action]
	switch {
	case err != nil:
		err = &runtime.Error{Type: errorInvalidRequest, Err: err}
	case !known:
		err = unsupported("a plugin in Go cannot answer %s yet", ss.action)
	default:
		err = s.pending.add(s.cfg.maxRequests + mostWaiting)
	}
	if err != nil {
		s.refuse(ctx, ss, err)
	} else {
		go s.answer(ctx, ss, h, req)
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

// fault reports a line that cannot be answered as a request, and ends the request
// that it was, if that can be told.
func (s *server) fault(ctx context.Context, sessionID, problem string, out *lineWriter) {
	if !out.strict {
		_ = out.write(faultLine(sessionID, problem)) // a broken connection is noticed by its reader
	}
	if sessionID == "" {
		s.cfg.logger.WarnContext(ctx, problem)
		return
	}
	s.refuse(ctx, s.newSession(sessionID, new(request), out), &runtime.Error{Type: errorInvalidRequest, Err: errors.New(problem)})
}

// refuse ends a request before anything ran.
func (s *server) refuse(ctx context.Context, ss *session, err error) {
	s.end(ctx, ss, nil, err, runtime.ErrorUnsupported)
}

// end ends a request and logs it.
func (s *server) end(ctx context.Context, ss *session, result []byte, err error, fallback runtime.ErrorType) {
	frame := ss.finish(result, err, fallback)
	s.logEnd(context.WithValue(ctx, sessionKey{}, ss), ss, frame)
}

// answer runs a request under its deadline, which counts from here, and ends it, also
// if what runs does not return. Its slot is free as soon as the host has its answer.
func (s *server) answer(ctx context.Context, ss *session, h handler, req *request) {
	timeout := s.cfg.requestTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%w: within %v", errDeadline, timeout))
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
		<-ss.done // the host has its answer, from the end of the context
		s.cfg.logger.InfoContext(ctx, "a request returned after its end", "duration", time.Since(ss.started))
	}()
	result, err = s.call(ctx, h, req, ss)
}

// errPanic is what the host sees of a panic. What it was is in the log.
var errPanic = errors.New("the plugin failed with an internal error; its log says more")

// call calls the author's code, and turns what that gives into a line or an error that
// is settled: an error's text and a value's JSON can panic, too.
func (s *server) call(ctx context.Context, h handler, req *request, ss *session) (line []byte, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		// A panic, or an end of the goroutine.
		s.cfg.logger.ErrorContext(ctx, "panic", "value", fmt.Sprint(recover()), "stack", string(debug.Stack()))
		line, err = nil, errPanic
	}()
	result, err := h.run(ctx, s.plugin, req, ss)
	switch {
	case err != nil:
		err = settled(explain(ctx, err))
	case result != nil:
		line, err = ss.line(typeStream, result)
	}
	returned = true
	return line, err
}
