package serve_test

import (
	"context"
	"errors"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// limited returns an option that limits calls of tools, as docs/run.md shows it.
func limited(limiter interface{ Allow() bool }) serve.Option {
	return serve.WithInterceptor(func(ctx context.Context, info serve.CallInfo, next func(context.Context) error) error {
		if info.Action == "invoke_tool" && !limiter.Allow() {
			return &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("too many calls; try again later")}
		}
		return next(ctx)
	})
}

// none allows nothing.
type none struct{}

func (none) Allow() bool { return false }

// TestLimited checks that an interceptor refuses calls over every transport, and no others.
func TestLimited(t *testing.T) {
	t.Parallel()
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, newBox().plugin(limited(none{})))
			response, err := p.host.Call(t.Context(), "tool", "invoke_tool", tool("echo", withMode("")))
			if want := "InvokeRateLimitError: too many calls; try again later"; err != nil || response.String() != want {
				t.Errorf("got %v, %v, want %s", response, err, want)
			}
			validateOnce(t, p.host)
		})
	}
}
