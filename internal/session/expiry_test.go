package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestWatchedCalls checks that each of several calls has its own time, that the watch ends with the last
// call, and with the connection.
func TestWatchedCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cs *callbacks
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			cs = callbacksIn(ctx)
			ended := make([]string, 3)
			start := time.Now()
			var wait sync.WaitGroup
			for i := range ended {
				wait.Go(func() {
					_, err := collect(ctx, "llm", map[string]any{})
					ended[i] = fmt.Sprint(time.Since(start), " ", err)
				})
				time.Sleep(100 * time.Second) // fake
			}
			wait.Wait()
			return map[string]any{"ended": ended}, nil
		}, WithRequestTimeout(time.Hour)))
		h := serveHost(t, s, TCP)
		h.send(string(line("s", nil)))
		h.call()
		second := h.call()
		h.send(second.reply("response", "stream", "{}")) // at 100 s, which is when it was made
		h.call()
		time.Sleep(40 * time.Second) // fake
		h.send(second.reply("response", "stream", "{}"))
		late := callback.ErrTimeout.Error()
		if got, want := h.result(), fmt.Sprintf(`{"ended":["4m10s %s","8m10s %s","7m30s %s"]}`, late, late, late); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := h.result(); got != "end" {
			t.Errorf("got %s after the result", got)
		}
		if watched(cs) {
			t.Error("calls are watched although there are none")
		}
		h.send(string(line("t", nil)))
		h.call()
		if !watched(cs) {
			t.Error("a call is not watched")
		}
		cs.hangUp(errHostGone)
		if cs.expire(s); watched(cs) { // it may have been on its way
			t.Error("calls are watched although the connection has ended")
		}
		s.Close()
		time.Sleep(time.Hour) // fake, for a watch that goes on
	})
}

func watched(cs *callbacks) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.watch != nil
}

// TestEarliestExpiry checks that of many calls, each ends in its own time.
func TestEarliestExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 50
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			var wait sync.WaitGroup
			for range many {
				wait.Go(func() {
					start := time.Now()
					_, err := collect(ctx, "llm", map[string]any{})
					if took := time.Since(start); took != 250*time.Second || !errors.Is(err, callback.ErrTimeout) {
						t.Errorf("got %v after %v", err, took)
					}
				})
				time.Sleep(time.Second) // fake
			}
			wait.Wait()
			return nil, nil
		}, WithRequestTimeout(time.Hour)))
		h := serveHost(t, s, TCP)
		h.send(string(line("s", nil)))
		for range many {
			h.call()
		}
		if got := h.result(); got != "end" {
			t.Errorf("got %s", got)
		}
	})
}

// TestUnwatched checks that nothing is watched once a server has let go of a connection, even if the
// host does not close it.
func TestUnwatched(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]Transport{"TCP": TCP, "HTTP": HTTP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var cs *callbacks
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					cs = callbacksIn(ctx)
					_, err := collect(ctx, "llm", map[string]any{})
					return nil, err
				}, WithRequestTimeout(time.Second)))
				s.cfg.SendCallback = func(ctx context.Context, _ string, _ []byte) (io.ReadCloser, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				if transport.Transacts {
					s.Answer(s.Context(), transport, line("s", nil), "", io.Discard)
				} else {
					in, stdin := io.Pipe()
					defer stdin.Close()
					ctx, stop := context.WithCancel(t.Context())
					ended := make(chan error, 1)
					go func() { ended <- s.Lines(ctx, transport, in, io.Discard) }()
					_, _ = stdin.Write(append(line("s", nil), '\n'))
					synctest.Wait()
					if !watched(cs) {
						t.Error("a call is not watched")
					}
					stop()
					<-ended
				}
				synctest.Wait()
				if watched(cs) {
					t.Error("calls are watched")
				}
			})
		})
	}
}
