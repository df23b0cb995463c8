package serve_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/host"
)

// timeout makes calls time out soon.
const timeout = "MAX_INVOCATION_TIMEOUT=0.5"

var timedOut = callback.ErrTimeout.Error()

// TestHostileReplies checks what a call becomes whose replies are lost, late or wrong.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	raw := func(cb *host.Callback, session, id, data string) { cb.Raw(replyLine(session, id, data)) }
	for name, test := range map[string]struct {
		handler host.Handler
		want    string
	}{
		"never answers":   {func(*host.Callback) {}, timedOut},
		"loses the end":   {func(cb *host.Callback) { cb.Stream(number(1)) }, `{"n":1} ` + timedOut},
		"fails in midway": {func(cb *host.Callback) { cb.Stream(number(1)); cb.Error("it\nbreaks"); cb.End() }, `{"n":1} it breaks`},
		"no reply":        {func(cb *host.Callback) { cb.End() }, ""},
		"more after the end": {func(cb *host.Callback) {
			cb.Struct(number(1))
			cb.End()
			cb.Stream(number(2))
			cb.Error("too late")
			cb.End()
		}, `{"n":1}`},
		"blank lines": {func(cb *host.Callback) {
			for range 3 {
				cb.Raw([]byte("\n"))
				cb.Stream(number(1))
			}
			cb.End()
		}, `{"n":1} {"n":1} {"n":1}`},
		"other calls": {func(cb *host.Callback) {
			raw(cb, cb.Session, "other", `"event":"response","message":"stream","data":{"n":2}`)
			raw(cb, "other", cb.ID, `"event":"response","message":"stream","data":{"n":3}`)
			raw(cb, "other", cb.ID, `"event":"end","message":"","data":null`)
			cb.Stream(number(1))
			cb.End()
		}, `{"n":1}`},
		"unknown event": {func(cb *host.Callback) {
			raw(cb, cb.Session, cb.ID, `"event":"later","message":"","data":null`)
			cb.Struct(number(1))
			cb.End()
		}, `{"n":1}`},
		"data that is not an object": {func(cb *host.Callback) { cb.Stream(5); cb.End() }, "the reply of Dify to a call of type llm is malformed"},
		"no event": {func(cb *host.Callback) {
			raw(cb, cb.Session, cb.ID, `"message":"stream","data":{}`)
		}, "the reply of Dify to a call of type llm is malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := func(ctx context.Context) string { return read(ctx, "llm", map[string]any{}) }
			var environ []string
			if strings.Contains(test.want, timedOut) {
				environ = []string{timeout}
			}
			eachAnswered(t, ask, test.handler, func(t *testing.T, _ string, p *plugin) {
				t.Helper()
				if got := p.tool(t.Context()); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}, environ...)
		})
	}
}

// TestGarbageReplies checks that lines which are not replies do not disturb those that are.
func TestGarbageReplies(t *testing.T) {
	t.Parallel()
	handler := func(cb *host.Callback) {
		for _, line := range []string{"garbage", "{", "5", "[]", `{"event":"backwards_response","session_id":null}`, `{"event":"backwards_response","data":{"backwards_request_id":5}}`, "\x00\xff"} {
			cb.Raw([]byte(line + "\n"))
		}
		cb.Struct(number(1))
		cb.End()
	}
	ask := func(ctx context.Context) string { return read(ctx, "llm", map[string]any{}) }
	eachAnswered(t, ask, handler, func(t *testing.T, _ string, p *plugin) {
		t.Helper()
		if got := p.tool(t.Context()); got != `{"n":1}` {
			t.Errorf("got %q", got)
		}
	})
}

// TestLargeCallbacks checks that a call which is too large for the transport is not sent, and that
// large replies arrive.
func TestLargeCallbacks(t *testing.T) {
	t.Parallel()
	const size = 7 << 20
	limits := map[string]int{"local": 5 << 20, "serverless": 6 << 20}
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			calls := make(chan int, 10)
			handler := func(cb *host.Callback) {
				calls <- len(cb.Request)
				cb.Struct(map[string]string{"text": strings.Repeat("y", size)})
				cb.End()
			}
			limit := limits[transport]
			ask := func(ctx context.Context) string {
				text := strings.Repeat("x", size)
				if limit > 0 {
					var tooLarge *callback.TooLargeError
					_, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]string{"text": text})
					if !errors.As(err, &tooLarge) || tooLarge.Size <= size || tooLarge.Limit > limit {
						return fmt.Sprint(err)
					}
					text = text[:limit-500] // which fits, with what is around it
				}
				return strconv.Itoa(len(read(ctx, "llm", map[string]string{"text": text})))
			}
			p := start(t, asker(ask), handler)
			if got, want := p.tool(t.Context()), strconv.Itoa(size+len(`{"text":""}`)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if n := len(calls); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// TestUnreadReplies checks that replies which the plugin does not read end their call alone.
func TestUnreadReplies(t *testing.T) {
	t.Parallel()
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			sent := make(chan struct{})
			handler := func(cb *host.Callback) {
				if cb.Type == "flood" {
					line := replyLine(cb.Session, cb.ID, `"event":"response","message":"stream","data":{"text":"`+strings.Repeat("x", 1<<20)+`"}`)
					for range 48 { // more than the queue and all buffers hold
						cb.Raw(line)
					}
					close(sent)
				}
				cb.Struct(number(1))
				cb.End()
			}
			ask := func(ctx context.Context) string {
				flood, err := callback.FromContext(ctx).Invoke(ctx, "flood", map[string]any{})
				if err != nil {
					return err.Error()
				}
				defer flood.Close()
				<-sent
				return readAll(flood) + " " + read(ctx, "llm", map[string]any{})
			}
			if got, want := start(t, asker(ask), handler).tool(t.Context()), callback.ErrOverflow.Error()+` {"n":1}`; got != want {
				t.Errorf("got %.300s\nwant %s", got, want)
			}
		})
	}
}

// TestGoneCallers checks that calls end when whoever called the plugin has gone.
func TestGoneCallers(t *testing.T) {
	t.Parallel()
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			running, over := make(chan struct{}, 1), make(chan struct{})
			dify := host.NewDify(permitted(t))
			dify.Program("tool", func(cb *host.Callback) error {
				running <- struct{}{}
				<-cb.Context().Done()
				if transport == "serverless" { // where the plugin is told, too
					<-over
				}
				return cb.Context().Err()
			})
			said := make(chan string, 1)
			ask := func(ctx context.Context) string {
				first := read(ctx, "tool", everyType["tool"])
				said <- first + "; " + read(ctx, "storage", everyType["storage"])
				return ""
			}
			p := start(t, asker(ask), dify.Handle, timeout)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-running
				cancel()
			}()
			if got := p.tool(ctx); !strings.Contains(got, "context canceled") {
				t.Errorf("got %s", got)
			}
			want := "read tool response failed: request failed: context canceled; " + timedOut
			if transport == "serverless" {
				want = "the connection to the host is closed; the connection to the host is closed"
			}
			got := <-said
			if close(over); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// TestCallbackAfterEnd checks that calls end with their request, even if their context does not.
func TestCallbackAfterEnd(t *testing.T) {
	t.Parallel()
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			errs := make(chan error, 2)
			ended := make(chan struct{})
			ask := func(ctx context.Context) string {
				ctx = context.WithoutCancel(ctx)
				open, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
				if err != nil {
					return err.Error()
				}
				go func() {
					defer open.Close()
					_, err := open.Next()
					errs <- err
					<-ended
					_, err = callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
					errs <- err
				}()
				return "done"
			}
			p := start(t, asker(ask), func(*host.Callback) {})
			if got := p.tool(t.Context()); got != "done" {
				t.Errorf("got %s", got)
			}
			close(ended)
			for range 2 {
				if err := <-errs; !errors.Is(err, callback.ErrEnded) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// TestBrokenConnection checks that calls end with the connection.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 1)
	ask := func(ctx context.Context) string {
		replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
		if err == nil {
			defer replies.Close()
			_, err = replies.Next()
		}
		errs <- err
		return ""
	}
	called := make(chan struct{})
	p := answered["remote"](t, asker(ask), func(*host.Callback) { close(called) })
	registered := p.host.(*host.Plugin)
	go func() {
		<-called
		registered.Disconnect()
	}()
	if got := p.tool(t.Context()); got != host.ErrClosed.Error() {
		t.Errorf("got %s", got)
	}
	if err := <-errs; err == nil || err.Error() != "the connection to the host is closed" {
		t.Errorf("got %v", err)
	}
}

// TestSecretsInRefusals checks that what Dify says of a failed call reaches neither the host nor the
// log with a secret of the request.
func TestSecretsInRefusals(t *testing.T) {
	t.Parallel()
	handler := func(cb *host.Callback) {
		cb.Error("no key " + secret + " here")
		cb.End()
	}
	ask := func(ctx context.Context) string { return read(ctx, "llm", map[string]any{}) }
	eachAnswered(t, ask, handler, func(t *testing.T, _ string, p *plugin) {
		t.Helper()
		response, err := p.host.Call(t.Context(), "tool", "invoke_tool", map[string]any{
			"provider": "box", "tool": "echo", "credentials": map[string]any{"key": secret},
		})
		if err != nil || !strings.Contains(response.String(), "no key [redacted] here") {
			t.Errorf("got %v, %v", response, err)
		}
	})
}
