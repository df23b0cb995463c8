package runtime

import (
	"context"
	"errors"
)

// errPanicked is the error of a function that has panicked. The log has the details.
var errPanicked = &Error{Type: ErrorInvoke, Err: errors.New("the plugin failed with an internal error; see its log")}

type panicKey struct{}

// WithPanicReport returns a context with which Go reports the value of a panic. Package serve logs
// it, without the secrets of the request.
func WithPanicReport(ctx context.Context, report func(ctx context.Context, value any)) context.Context {
	return context.WithValue(ctx, panicKey{}, report)
}

// Go calls f in a goroutine, with the context of a request. A panic of f is logged without the
// secrets of the request, while one in a goroutine of a go statement ends the process, and all
// requests with it. With a context that is not from a request, a panic ends the process here, too.
//
// The function that Go returns waits for f and returns its error, which is an *Error if f has
// panicked. It need not be called, and can be called several times.
func Go(ctx context.Context, f func(context.Context) error) (wait func() error) {
	done := make(chan struct{})
	err := error(errPanicked) // unless f returns
	report, ok := ctx.Value(panicKey{}).(func(context.Context, any))
	go func() {
		defer close(done)
		returned := false
		defer func() {
			if ok && !returned { // a panic, or runtime.Goexit
				report(ctx, recover())
			}
		}()
		result := f(ctx)
		err, returned = result, true
	}()
	return func() error {
		<-done
		return err
	}
}
