package session

import (
	"context"
	"errors"
	"sync"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
)

// WithInterceptor adds an interceptor inside of those that are there.
func WithInterceptor(i runtime.Interceptor) Option {
	return Option{"WithInterceptor", "with nil", i != nil, func(c *Config) { c.Interceptors = append(c.Interceptors, i) }}
}

// Errors of interceptors, whatever the call asks for.
var (
	errNextTwice  = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("an interceptor called next twice")}
	errNoNext     = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("an interceptor returned no error, but next has not returned")}
	errEndedEarly = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("an interceptor canceled the call")}
)

// maxModel is how many characters of the name of a model interceptors see.
const maxModel = 256

// interception is a call with interceptors around it. They may call next in another goroutine.
type interception struct {
	*work

	mu       sync.Mutex
	called   bool
	returned bool       // the work has
	line     []byte     // its result
	clean    errorFrame // the last error that was redacted
}

// intercept runs the interceptors of a call around its work.
func (s *Server) intercept(ctx context.Context, w *work) ([]byte, error) {
	ss, r := w.session, w.route
	info := runtime.CallInfo{Call: w.call, SessionID: ss.id, Type: r.Type, Action: r.Action, Keys: r.Keys, Received: ss.started}
	if r.Type == "model" {
		info.Model = text.Cut(text.Line(ss.secrets.redact(w.model)), maxModel)
	}
	c := &interception{work: w}
	next := c.next
	for i := len(s.cfg.Interceptors) - 1; i >= 0; i-- {
		interceptor, inner := s.cfg.Interceptors[i], next
		next = func(ctx context.Context) error {
			_, err := s.guard(ctx, func() ([]byte, error) { return nil, c.redacted(interceptor(ctx, info, inner)) })
			return err
		}
	}
	return w.code(ctx, func() ([]byte, error) {
		err := next(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case err != nil:
			return nil, err
		case !c.returned:
			return nil, errNoNext
		}
		return c.line, nil
	})
}

// next runs the work of a call. It returns when that is done or the context is.
func (c *interception) next(ctx context.Context) error {
	c.mu.Lock()
	again := c.called
	c.called = true
	c.mu.Unlock()
	if again {
		return c.redacted(errNextTwice)
	}
	line, err := c.await(ctx)
	c.mu.Lock()
	c.line, c.returned = line, true
	c.mu.Unlock()
	return c.redacted(err)
}

// redacted returns an error as the host gets it. It is another one each time, since interceptors may
// change it.
func (c *interception) redacted(err error) error {
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := err.(*runtime.Error) //nolint:errorlint // one that wraps it may say more
	if !ok || e.Type != c.clean.ErrorType || e.Error() != c.clean.Message {
		c.clean = *c.session.frame(c.explain(c.ctx, err), c.route.ErrorType)
	}
	return &runtime.Error{Type: c.clean.ErrorType, Err: errors.New(c.clean.Message)}
}

// await runs the work, and returns when it is done or the context is.
func (c *interception) await(ctx context.Context) ([]byte, error) {
	type outcome struct {
		line []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{nil, errPanic} // unless the code returns
		defer func() { done <- o }()
		o.line, o.err = c.run(ctx)
	}()
	select {
	case o := <-done:
		return o.line, o.err
	case <-ctx.Done():
		return nil, c.cause(ctx)
	}
}
