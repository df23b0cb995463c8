package session

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// minAbandoned is how much code may keep running after its requests have ended, even if fewer
// requests run at the same time.
const minAbandoned = 100

// errAbandoned is why a plugin ends whose code ignores that requests have ended.
var errAbandoned = errors.New("too much code of the plugin keeps running after its requests have ended: it must heed its context")

// work is what a request asks for.
type work struct {
	server  *Server
	session *session
	route   *route
	call    runtime.Call
	model   string          // that it is for, as the host says it; "" for none
	http    []byte          // the HTTP request that the host passes on, if it has been decoded
	err     error           // if the code is not to run
	ctx     context.Context //nolint:containedctx // of the call: interceptors may derive others
}

// cause returns why the call's context is done, or one that an interceptor has derived from it.
func (w *work) cause(ctx context.Context) error {
	switch {
	case w.ctx.Err() != nil:
		return causeOf(w.ctx) //nolint:contextcheck // it is the one that ctx comes from
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errDeadline
	}
	return errEndedEarly
}

// explain returns the cause if err only says that the context is done.
func (w *work) explain(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
		return w.cause(ctx)
	}
	return err
}

// saysEnd reports whether err only says that the call with this context has ended. If it has not, the error
// is that of another call, such as of a call back into Dify that the code has kept.
func saysEnd(ctx context.Context, err error) bool {
	return ctx.Err() != nil && slices.ContainsFunc([]error{ctx.Err(), context.Cause(ctx), errEnded, callback.ErrEnded}, func(end error) bool {
		return errors.Is(err, end)
	})
}

// handle runs a request and ends it, at the latest when its deadline has passed, even if
// its code does not return. The time spent waiting for a slot counts. The slot is free
// again as soon as the request has ended.
func (s *Server) handle(ctx context.Context, w *work, size int) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.RequestTimeout, s.timedOut)
	defer cancel()
	ss := w.session
	ctx = w.withCaller(context.WithValue(ctx, sessionKey{}, ss))
	w.ctx = ctx
	running.Store(ss, nil)
	slot := true
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		slot = false
		w.err = causeOf(ctx)
	}
	end := func(result []byte, err error) {
		if !s.end(ctx, ss, result, err, w.route.ErrorType) {
			return
		}
		if slot {
			<-s.slots
		}
		s.pending.done(size)
	}
	stop := context.AfterFunc(ctx, func() { end(nil, causeOf(ctx)) })
	result, err := []byte(nil), error(errPanic) // unless the call returns
	defer func() {
		stop()
		end(result, err)
		ss.leave()
	}()
	if len(s.cfg.Interceptors) == 0 {
		result, err = w.run(ctx)
	} else {
		result, err = s.intercept(ctx, w)
	}
	w.reportOpen(ctx)
}

// failure is a result that may be a failure, such as of a call that Dify asks for from time to time.
// Its message is one of an error.
type failure interface {
	// SetFailure replaces the message, if there is one, by what f returns for it.
	SetFailure(f func(message string) string)
}

// run calls the author's code and encodes its result. It also calls the methods of the result
// and of the error, since they can panic too.
func (w *work) run(ctx context.Context) ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	ss, req := w.session, w.session.take()
	if req == nil {
		return nil, errEnded
	}
	return w.code(ctx, func() ([]byte, error) {
		result, err := w.serve(ctx, req)
		switch {
		case err != nil:
			return nil, flatten(w.explain(ctx, err))
		case result != nil:
			if f, ok := result.(failure); ok {
				f.SetFailure(ss.message)
			}
			w.server.reportResult(ctx, result)
			return ss.line(nil, typeStream, result)
		}
		return nil, nil
	})
}

// code runs code of the author, and counts it while it runs. If it panics, that is logged, and
// code returns an error.
func (w *work) code(ctx context.Context, f func() ([]byte, error)) (line []byte, err error) {
	if !w.session.enter() {
		return nil, errEnded
	}
	w.server.pending.begin()
	defer w.returned(ctx)
	return w.server.guard(ctx, f)
}

// returned counts code of the author that has returned.
func (w *work) returned(ctx context.Context) {
	defer w.server.pending.end() // after the log has it
	if late := w.session.exit(); late {
		w.server.abandoned.Add(-1)
		w.server.cfg.Logger.InfoContext(ctx, "the code of a request returned after the request had ended", "duration", time.Since(w.session.started))
	}
}

// abandon counts code that runs although its request has ended. If there is too much of it, the
// plugin ends, so that the host starts it anew.
func (s *Server) abandon(ctx context.Context, more int) {
	if n := s.abandoned.Add(int64(more)); n > int64(max(s.cfg.MaxRequests, minAbandoned)) {
		s.fail.Do(func() {
			s.cfg.Logger.ErrorContext(ctx, "the plugin ends", "error", errAbandoned, "requests", n)
			close(s.failed)
		})
	}
}

// guard calls f. If f panics, guard logs that, and returns an error.
func (s *Server) guard(ctx context.Context, f func() ([]byte, error)) (line []byte, err error) {
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
		s.reportPanic(ctx, value)
	}()
	line, err = f()
	returned = true
	return line, err
}

// reportPanic logs a panic. It is called while the stack is still that of the panic.
func (s *Server) reportPanic(ctx context.Context, value any) {
	if b, ok := value.([]byte); ok {
		value = string(b) // package fmt writes numbers
	}
	s.cfg.Logger.ErrorContext(ctx, "panic", "value", fmt.Sprint(value), "stack", string(debug.Stack()))
}

// serve calls the author's code with the HTTP request that the host passes on, if any.
func (w *work) serve(ctx context.Context, req *runtime.Request) (any, error) {
	if err := w.passHTTP(ctx, req); err != nil {
		return nil, err
	}
	request := req.HTTP // the code may let go of the rest
	result, err := w.route.Serve(ctx, req)
	if err != nil {
		return nil, err
	}
	if h, ok := result.(runtime.HTTPHandler); ok {
		return nil, w.server.respond(w.session, h, request)
	}
	w.session.secrets.add(w.route.names.resultSecrets(result)...)
	return result, nil
}

// passHTTP gives a request the HTTP request that the host passes on, if any.
func (w *work) passHTTP(ctx context.Context, req *runtime.Request) error {
	raw := w.http
	if raw == nil {
		text, err := textOf(req, rawHTTPField)
		if err != nil || text == "" {
			return err
		}
		if raw, err = hex.DecodeString(text); err != nil {
			return badHTTP("it is not hexadecimal")
		}
		delete(req.Data, rawHTTPField)
	}
	r, err := parseHTTPRequest(ctx, raw)
	if err != nil {
		return err
	}
	req.HTTP, w.http = r, nil // it is large
	w.session.secrets.supply(httpSecrets(r)...)
	return nil
}
