package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
)

// TestInterceptors checks what interceptors see, and in which order.
func TestInterceptors(t *testing.T) {
	t.Parallel()
	var seen []string
	var infos []runtime.CallInfo
	see := func(name string) Option {
		return WithInterceptor(func(ctx context.Context, info runtime.CallInfo, next func(context.Context) error) error {
			_, limited := ctx.Deadline()
			seen = append(seen, fmt.Sprint(name, " ", limited))
			infos = append(infos, info)
			type key struct{}
			err := next(context.WithValue(ctx, key{}, name))
			seen = append(seen, fmt.Sprintf("%s %v", name, err))
			return err
		})
	}
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		if req.Data["fail"] == true {
			return nil, &runtime.Error{Type: "Refused", Err: errors.New("not\n" + secret)}
		}
		return map[string]any{"done": true}, nil
	}, see("outer"), see("inner")))
	if got, want := answer(t, s, line("s", map[string]any{"user_id": "u"})), []string{`{"done":true}`}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := answer(t, s, line("s", map[string]any{"fail": true})), []string{"Refused: not [redacted]"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want := []string{
		"outer true", "inner true", "inner <nil>", "outer <nil>",
		"outer true", "inner true", "inner not [redacted]", "outer not [redacted]",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	info := runtime.CallInfo{Call: runtime.Call{UserID: "u"}, SessionID: "s", Type: "test", Action: "do"}
	if diff := cmp.Diff(info, infos[0], cmpopts.IgnoreFields(runtime.CallInfo{}, "Received")); diff != "" || infos[0].Received.IsZero() {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

// TestInterceptorModel checks that interceptors see the model of a call of one, and of no other.
func TestInterceptorModel(t *testing.T) {
	t.Parallel()
	var got []string
	see := WithInterceptor(func(ctx context.Context, info runtime.CallInfo, next func(context.Context) error) error {
		got = append(got, info.Model)
		return next(ctx)
	})
	serve := func(context.Context, *runtime.Request) (any, error) { return map[string]any{}, nil }
	route := func(typ string) runtime.Route {
		return runtime.Route{Type: typ, Action: "do", ErrorType: errorTest, Fields: &runtime.Fields{Secret: []string{"key"}}, Serve: serve}
	}
	s := newTestServer(t, NewPlugin(Declaration{Manifest: "{}"}, []Option{see}, &adapter{"test", "box", []runtime.Route{route("model"), route("test")}}))
	for _, fields := range []map[string]any{
		{"type": "model", "model": "small"}, {"type": "model", "model": "of\n" + secret}, {"type": "model", "model": 5},
		{"type": "model", "model": strings.Repeat("é", 300)}, {"type": "test", "model": "small"},
	} {
		answer(t, s, line("s", fields))
	}
	want := []string{"small", "of [redacted]", "", strings.Repeat("é", 256) + "…", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}

// TestInterceptorDecides checks that the host gets what an interceptor returns, whatever it does.
func TestInterceptorDecides(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interceptor runtime.Interceptor
		want        string
	}{
		"refuses": {func(context.Context, runtime.CallInfo, func(context.Context) error) error {
			return &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("too often with " + secret)}
		}, "InvokeRateLimitError: too often with [redacted]"},
		"forgets an error": {func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
			_ = next(ctx)
			return nil
		}, ""},
		"does not call next": {func(context.Context, runtime.CallInfo, func(context.Context) error) error { return nil },
			"InvokeError: an interceptor returned no error, but next has not returned"},
		"calls next twice": {func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
			return errors.Join(next(ctx), next(ctx))
		}, "TestError: no an interceptor called next twice"},
		"panics": {func(context.Context, runtime.CallInfo, func(context.Context) error) error { panic(secret) },
			"InvokeError: the plugin failed with an internal error; see its log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logs bytes.Buffer
			s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) { return nil, errors.New("no") },
				WithInterceptor(test.interceptor), WithLogger(slog.New(slog.NewTextHandler(&logs, nil)))))
			if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if strings.Contains(logs.String(), secret) {
				t.Errorf("the log is\n%s", logs.String())
			}
		})
	}
	seen := ""
	outer := WithInterceptor(func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
		err := next(ctx)
		seen = err.Error()
		return err
	})
	inner := WithInterceptor(func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
		return fmt.Errorf("%s: %w", secret, next(ctx))
	})
	s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) { return nil, errors.New("no") }, outer, inner))
	if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != "TestError: [redacted]: no" || seen != "[redacted]: no" {
		t.Errorf("got %s, and the outer interceptor sees %s", got, seen)
	}
	p := plugin(nil, WithInterceptor(nil))
	if _, err := p.Configure(DefaultConfig()); err == nil || err.Error() != "serve.WithInterceptor was called with nil" {
		t.Errorf("got %v", err)
	}
}

// TestInterceptorDeadline checks that interceptors hear of a deadline at once, although the code
// goes on, or has never begun.
func TestInterceptorDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		heard := make(chan string, 2)
		leave := make(chan struct{})
		s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
			<-leave
			return map[string]any{}, nil
		}, WithMaxRequests(1), WithRequestTimeout(time.Minute), WithInterceptor(
			func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
				err := next(ctx)
				heard <- fmt.Sprint(err, " ", time.Since(start))
				return err
			})))
		var b, waits bytes.Buffer
		first := receive(t, s, line("1", nil), &b)
		synctest.Wait()
		second := receive(t, s, line("2", nil), &waits)
		for range 2 {
			if got, want := <-heard, "the request timed out after 1m0s 1m0s"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		<-first.done
		<-second.done
		close(leave)
		synctest.Wait()
		if n := s.abandoned.Load(); n != 0 {
			t.Errorf("%d requests are abandoned after all code has returned", n)
		}
	})
}

// TestInterceptorContexts checks what the host gets if an interceptor ends the context of the call, or
// does not wait for it.
func TestInterceptorContexts(t *testing.T) {
	t.Parallel()
	type next = func(context.Context) error
	for name, test := range map[string]struct {
		interceptor runtime.Interceptor
		want        string
	}{
		"a shorter deadline": {func(ctx context.Context, _ runtime.CallInfo, next next) error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return next(ctx)
		}, "TimeoutError: the request timed out"},
		"canceled": {func(ctx context.Context, _ runtime.CallInfo, next next) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return next(ctx)
		}, "InvokeError: an interceptor canceled the call"},
		"in another goroutine": {func(ctx context.Context, _ runtime.CallInfo, next next) error {
			done := make(chan error, 1)
			go func() { done <- next(ctx) }()
			select {
			case err := <-done:
				return err
			case <-time.After(time.Second): // fake
				return &runtime.Error{Type: runtime.ErrorTimeout, Err: errors.New("too slow")}
			}
		}, "TimeoutError: too slow"},
		"not waited for": {func(ctx context.Context, _ runtime.CallInfo, next next) error {
			go func() { _ = next(ctx) }()
			return nil
		}, "InvokeError: an interceptor returned no error, but next has not returned"},
		"of the call": {func(ctx context.Context, _ runtime.CallInfo, next next) error { return next(ctx) },
			"TimeoutError: the request timed out after 1m0s"},
		"its own error": {func(ctx context.Context, _ runtime.CallInfo, _ next) error {
			<-ctx.Done()
			return ctx.Err()
		}, "TimeoutError: the request timed out after 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					<-ctx.Done()
					return nil, fmt.Errorf("the service: %w", ctx.Err())
				}, WithInterceptor(test.interceptor), WithRequestTimeout(time.Minute)))
				if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
				s.Close()
				synctest.Wait()
			})
		})
	}
}
