package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/difygen/difygen/runtime"
)

// errPanic is the error of a function that has panicked. The log has the details.
var errPanic = &runtime.Error{Type: runtime.ErrorInvoke, Err: errors.New("the plugin failed with an internal error; see its log")}

// loggerKey is the context key of the logger of Run.
type loggerKey struct{}

// Go calls f in a goroutine, with the context of a request. A panic of f is logged without the
// secrets of the request, while one in a goroutine of a go statement ends the process, and all
// requests with it. The log is that of the plugin, or slog's default if ctx is not from a request.
//
// The function that Go returns waits for f and returns its error, which is a *runtime.Error if f
// has panicked. It need not be called, and can be called several times.
func Go(ctx context.Context, f func(context.Context) error) (wait func() error) {
	done := make(chan struct{})
	err := error(errPanic) // unless f returns
	go func() {
		defer close(done)
		returned := false
		defer func() {
			if !returned { // a panic, or runtime.Goexit
				loggerOf(ctx).ErrorContext(ctx, "panic in a goroutine", "value", fmt.Sprint(recover()), "stack", string(debug.Stack()))
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

// loggerOf returns the logger of the plugin that a context belongs to.
func loggerOf(ctx context.Context) *slog.Logger {
	if logger, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return logger
	}
	return slog.New(NewLogHandler(slog.Default().Handler()))
}
