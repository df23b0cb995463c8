package session

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime"
)

// WithInterceptor adds an interceptor inside of those that are there.
func WithInterceptor(i runtime.Interceptor) Option {
	return Option{"WithInterceptor", "with nil", i != nil, func(c *Config) { c.Interceptors = append(c.Interceptors, i) }}
}

var (
	errNextTwice = errors.New("an interceptor called next twice")
	errNoNext    = errors.New("an interceptor neither called next nor returned an error")
)

// intercept runs the interceptors of a call around its work.
func (s *Server) intercept(ctx context.Context, w *work) ([]byte, error) {
	ss, r := w.session, w.route
	info := runtime.CallInfo{Call: w.request.Call, SessionID: ss.id, Type: r.Type, Action: r.Action, Keys: r.Keys, Received: ss.started}
	var result []byte
	var clean *runtime.Error // the last error that was redacted
	redacted := func(err error) error {
		if err == nil || err == error(clean) { //nolint:errorlint // the very same
			return err
		}
		frame := ss.frame(explain(ctx, err), r.ErrorType)
		clean = &runtime.Error{Type: frame.ErrorType, Err: errors.New(frame.Message)}
		return clean
	}
	called := false
	next := func(ctx context.Context) (err error) {
		if called {
			return redacted(errNextTwice)
		}
		called = true
		result, err = await(ctx, w)
		return redacted(err)
	}
	for i := len(s.cfg.Interceptors) - 1; i >= 0; i-- {
		interceptor, inner := s.cfg.Interceptors[i], next
		next = func(ctx context.Context) error { return redacted(interceptor(ctx, info, inner)) }
	}
	return s.guard(ctx, func() ([]byte, error) {
		switch err := next(ctx); {
		case err != nil:
			return nil, err
		case !called:
			return nil, errNoNext
		}
		return result, nil
	})
}

// await runs the work of a call, and returns when it is done or the context is.
func await(ctx context.Context, w *work) ([]byte, error) {
	type outcome struct {
		line []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{nil, errPanic} // unless the code returns
		defer func() { done <- o }()
		o.line, o.err = w.run(ctx)
	}()
	select {
	case o := <-done:
		return o.line, o.err
	case <-ctx.Done():
		return nil, causeOf(ctx)
	}
}
