package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestErrorTypesHoldNoSecrets checks that a type that the author chose is redacted, unless it is
// one of the protocol.
func TestErrorTypesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	for typ, want := range map[string]string{
		"Bad" + secret: "Bad[redacted]: no", "MyError": "MyError: no", "InvokeError": "InvokeError: no",
	} {
		s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
			return nil, &runtime.Error{Type: runtime.ErrorType(typ), Err: errors.New("no")}
		}))
		in := line("s", map[string]any{"settings": map[string]any{"token": "InvokeError"}})
		if got := strings.Join(answer(t, s, in), " + "); got != want {
			t.Errorf("%s: got %s, want %s", typ, got, want)
		}
	}
}

// TestErrorDescription checks that the message is where Dify looks for it.
func TestErrorDescription(t *testing.T) {
	t.Parallel()
	for typ, want := range map[runtime.ErrorType]string{
		runtime.ErrorInvokeConnection:        `"args":{"description":"[redacted] failed"}`,
		runtime.ErrorInvokeServerUnavailable: `"args":{"description":"[redacted] failed"}`,
		runtime.ErrorInvokeRateLimit:         `"args":{"description":"[redacted] failed"}`,
		runtime.ErrorInvokeAuthorization:     `"args":{"description":"[redacted] failed"}`,
		runtime.ErrorInvokeBadRequest:        `"args":{"description":"[redacted] failed"}`,
		runtime.ErrorInvoke:                  `"args":{}`,
		runtime.ErrorModelCredentials:        `"args":{}`,
	} {
		s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
			return nil, &runtime.Error{Type: typ, Err: errors.New(secret + " failed")}
		}))
		var b strings.Builder
		s.Answer(s.Context(), Stdio, line("s", map[string]any{"settings": map[string]any{"token": secret}}), "", &b)
		lines := b.String()
		if !strings.Contains(lines, want) || strings.Contains(lines, secret) {
			t.Errorf("%s: got %s, want %s", typ, lines, want)
		}
	}
}

// poll is a result that says why a call has failed.
type poll struct {
	Error string `json:"error"`
}

func (p *poll) SetFailure(f func(string) string) { p.Error = f(p.Error) }

// TestFailure checks that a failure in a result is as the message of an error.
func TestFailure(t *testing.T) {
	t.Parallel()
	for failure, want := range map[string]string{
		"bad\n" + secret: "bad [redacted]", strings.Repeat("x", 2000): strings.Repeat("x", maxMessage) + "…", " ": "the plugin failed without an error message",
	} {
		s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) { return &poll{failure}, nil }))
		if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != `{"error":"`+want+`"}` {
			t.Errorf("%.20q: got %s, want %s", failure, got, want)
		}
	}
}

// TestErrorTypes checks that the ends that a route does not decide have types of their own,
// even if its errors have one.
func TestErrorTypes(t *testing.T) {
	t.Parallel()
	wrapped := func(err error) error {
		return &runtime.Error{Type: runtime.ErrorToolCredentials, Err: fmt.Errorf("checking: %w", err)}
	}
	for name, test := range map[string]struct {
		serve serveFunc
		stop  bool
		want  string
	}{
		"an error":     {func(context.Context, *runtime.Request) (any, error) { return nil, errors.New("no") }, false, "TestError: no"},
		"a typed one":  {func(context.Context, *runtime.Request) (any, error) { return nil, wrapped(errors.New("no")) }, false, "ToolProviderCredentialValidationError: checking: no"},
		"without text": {func(context.Context, *runtime.Request) (any, error) { return nil, errors.New("") }, false, "TestError: the plugin failed without an error message"},
		"a deadline": {func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // fake
			return map[string]any{"too": "late"}, nil
		}, false, "TimeoutError: the request timed out after 1m0s"},
		"a deadline that the code reports": {func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-ctx.Done()
			return nil, wrapped(ctx.Err())
		}, false, "TimeoutError: the request timed out after 1m0s"},
		"a deadline of the code's own": {func(ctx context.Context, _ *runtime.Request) (any, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			<-ctx.Done()
			return nil, wrapped(ctx.Err())
		}, false, "ToolProviderCredentialValidationError: checking: context deadline exceeded"},
		"a stop": {func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-ctx.Done()
			return nil, wrapped(ctx.Err())
		}, true, "InvokeServerUnavailableError: the plugin is stopping; try again"},
		"an aborted response":       {func(context.Context, *runtime.Request) (any, error) { panic(http.ErrAbortHandler) }, false, "InvokeError: the plugin gave up its response"},
		"a panic":                   {func(context.Context, *runtime.Request) (any, error) { panic(wrapped(errors.New(secret))) }, false, "InvokeError: the plugin failed with an internal error; see its log"},
		"an exit":                   {func(context.Context, *runtime.Request) (any, error) { goruntime.Goexit(); return nil, nil }, false, "InvokeError: the plugin failed with an internal error; see its log"},
		"a result that is not JSON": {func(context.Context, *runtime.Request) (any, error) { return make(chan int), nil }, false, "TestError: cannot encode the result as JSON: json: unsupported type: chan int"},
		"a large result":            {func(context.Context, *runtime.Request) (any, error) { return strings.Repeat("x", 6<<20), nil }, false, "TestError: a result of 6291528 bytes is too large: the host accepts 5242879"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(test.serve, WithRequestTimeout(time.Minute), WithStopTimeout(time.Second)))
				if test.stop {
					time.AfterFunc(time.Second, func() { s.Drain() })
				}
				if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
				if test.stop {
					got := strings.Join(answer(t, s, line("s", nil)), " + ")
					if want := "InvokeServerUnavailableError: the plugin is stopping; try again"; got != want {
						t.Errorf("after the stop: got %s, want %s", got, want)
					}
				}
				time.Sleep(time.Minute) // fake, until code that is late has returned
			})
		})
	}
}
