package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// held makes a call in a request that goes on until the test ends, and returns it with the
// connection's host.
func held(t *testing.T) (*openCallback, *fakeHost, *invocation) {
	t.Helper()
	opened, leave := make(chan *openCallback, 1), make(chan struct{})
	h := serveHost(t, newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
		c, _ := replies.(*openCallback)
		opened <- c
		<-leave
		return nil, err
	})), TCP)
	t.Cleanup(func() { close(leave) })
	h.send(string(line("s", nil)))
	return <-opened, h, h.call()
}

// TestMalformedBeforeEnd checks that a reply which is not JSON is an error even if the end has come.
func TestMalformedBeforeEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h, m := held(t)
		h.send(m.reply("response", "stream", `{"a":1}`), m.reply("response", "stream", "{x}"), m.reply("response", "stream", `{"a":2}`), m.end())
		synctest.Wait()
		if data, err := c.Next(); err != nil || string(data) != `{"a":1}` {
			t.Errorf("got %s, %v", data, err)
		}
		for range 2 {
			if data, err := c.Next(); err == nil || err.Error() != "the reply of Dify to a call of type llm is malformed" {
				t.Errorf("got %s, %v", data, err)
			}
		}
	})
}

// TestUnreadCallbacks checks that what has come and is not read is freed with the request, and that
// calls are reported which have ended and that nobody has read to the end or closed.
func TestUnreadCallbacks(t *testing.T) {
	t.Parallel()
	for transport, carry := range map[string]Transport{"TCP": TCP, "HTTP": HTTP} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				leave := make(chan struct{})
				var left callback.Replies
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					var err error
					if left, err = callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{}); err != nil {
						return nil, err
					}
					_, err = collect(ctx, "storage", map[string]any{})
					<-leave
					return map[string]any{}, err
				}))
				var reported []string
				s.cfg.OpenCallbacks = func(_ string, types []string) { reported = types }
				answer := func(m *invocation) string {
					return m.reply("response", "stream", "{}") + "\n" + m.reply("response", "stream", "{}") + "\n" + m.end()
				}
				s.cfg.SendCallback = func(_ context.Context, _ string, line []byte) (io.ReadCloser, error) {
					m := new(invocation)
					err := json.Unmarshal(line, m)
					return io.NopCloser(strings.NewReader(answer(m) + "\n")), err
				}
				if carry.Transacts {
					go s.Answer(s.Context(), carry, line("s", nil), "", io.Discard)
				} else {
					h := serveHost(t, s, carry)
					h.send(string(line("s", nil)))
					h.send(answer(h.call()), answer(h.call()))
				}
				synctest.Wait()
				if n := s.queued.Load(); n != 2*(queuedSize+2) {
					t.Errorf("%d bytes are queued", n)
				}
				close(leave)
				synctest.Wait()
				if n := s.queued.Load(); n != 0 {
					t.Errorf("after the end, %d bytes are queued", n)
				}
				if diff := cmp.Diff([]string{"llm"}, reported); diff != "" {
					t.Errorf("reported (-want +got):\n%s", diff)
				}
				if _, err := left.Next(); !errors.Is(err, callback.ErrEnded) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestEndedCallbacks checks that what has come of a call can be read after the connection has ended and
// when nothing more has come in time, but not once its context is done or it is closed.
func TestEndedCallbacks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end     func(c *openCallback)
		want    error
		replies int
	}{
		"the connection": {func(c *openCallback) { c.siblings().hangUp(errHostGone) }, errHostGone, 2},
		"the time":       {func(*openCallback) { time.Sleep(time.Hour) }, callback.ErrTimeout, 2}, // fake
		"the request":    {func(c *openCallback) { c.siblings().endOf(c.caller.session, errStopping) }, errStopping, 0},
		"its code":       {(*openCallback).Close, errClosed, 0},
		"a long line":    {(*openCallback).tooLong, callback.ErrOverflow, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []string
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
					if err != nil {
						return nil, err
					}
					c, _ := replies.(*openCallback)
					time.Sleep(time.Second) // fake, for the replies
					test.end(c)
					for err == nil {
						var data []byte
						data, err = c.Next()
						got = append(got, fmt.Sprintf("%s %v", data, err))
					}
					return nil, nil
				}, WithRequestTimeout(2*time.Hour)))
				h := serveHost(t, s, TCP)
				h.send(string(line("s", nil)))
				m := h.call()
				h.send(m.reply("response", "stream", "{}"), m.reply("response", "stream", "{}"))
				h.result()
				want := []string{"{} <nil>", "{} <nil>"}[:test.replies]
				if diff := cmp.Diff(append(want[:len(want):len(want)], " "+test.want.Error()), got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestLongQueue checks that a queue which is never empty does not grow.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h, m := held(t)
		const waiting, many = 10, 10_000
		for i := range many {
			h.send(m.reply("response", "stream", fmt.Sprintf(`{"n":%d}`, i)))
			if synctest.Wait(); i < waiting {
				continue
			}
			if data, err := c.Next(); err != nil || string(data) != fmt.Sprintf(`{"n":%d}`, i-waiting) {
				t.Fatalf("got %s, %v", data, err)
			}
		}
		if n := cap(c.queue); n > 4*waiting {
			t.Errorf("%d replies wait in an array for %d", len(c.queue)-c.read, n)
		}
	})
}

// TestTwoReaders checks that of two readers that wait for replies, none waits on when both have come.
func TestTwoReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h, m := held(t)
		got := make(chan string, 2)
		for range 2 {
			go func() {
				data, err := c.Next()
				got <- fmt.Sprint(string(data), err)
			}()
		}
		synctest.Wait()
		mu := c.lock()
		first := queued{[]byte("{}"), 2}
		c.queue, c.bytes = append(c.queue, first, first), 4
		c.signal() // once, as when both come before a reader waits
		c.caller.server.queued.Add(4)
		mu.Unlock()
		synctest.Wait()
		if n := len(got); n != 2 {
			t.Errorf("%d readers have got a reply", n)
		}
		h.send(m.end())
	})
}

// TestLongRefusal checks that a long reason of Dify is cut before it is kept.
func TestLongRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h, m := held(t)
		h.send(m.reply("error", strings.Repeat("x", 10<<20), "null"))
		synctest.Wait()
		var r *refusal
		if !errors.As(c.err, &r) || len(r.message) > maxRefusal {
			t.Errorf("%d bytes are kept", len(r.message))
		}
		var e *callback.Error
		if _, err := c.Next(); !errors.As(err, &e) || e.Message != strings.Repeat("x", maxMessage)+"…" {
			t.Errorf("got %.2000v", err)
		}
	})
}

// TestCutMessage checks texts that are cut within a character.
func TestCutMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"é", `\n`, `\"`, `\\`, `\u00e9`, `\ud83d\ude00`} {
		for shift := range 13 {
			quoted := `"` + strings.Repeat("x", maxRefusal-shift) + strings.Repeat(c, 13) + `"`
			if got := cutMessage([]byte(quoted)); len(got) < maxRefusal-13 || len(got) > maxRefusal+10 || !strings.HasPrefix(got, "xxx") {
				t.Errorf("%s after %d: %d bytes", c, maxRefusal-shift, len(got))
			}
		}
	}
	for quoted, want := range map[string]string{`"a\n"`: "a\n", `5`: "", "": "", `"` + strings.Repeat(`\x`, maxRefusal) + `"`: ""} {
		if got := cutMessage([]byte(quoted)); got != want {
			t.Errorf("%.10s: got %q", quoted, got)
		}
	}
}

// TestLongReplyLines checks that a long line counts as what it takes in memory, even if its data is short.
func TestLongReplyLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, h, m := held(t)
		padded := strings.Replace(m.reply("response", "stream", "{}"), `"context":null`, `"context":"`+strings.Repeat("x", 1<<20)+`"`, 1)
		for range 31 {
			h.send(padded)
		}
		synctest.Wait()
		if n := c.caller.server.queued.Load(); n < 31<<20 {
			t.Errorf("%d bytes are queued", n)
		}
		h.send(padded)
		synctest.Wait()
		if _, err := c.Next(); !errors.Is(err, callback.ErrOverflow) {
			t.Errorf("got %v", err)
		}
	})
}

// TestTwoConnections checks that the end of one connection ends its calls, and those alone, and that
// replies count on their own connection alone.
func TestTwoConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		contexts := make(map[string]context.Context)
		s := newTestServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
			name, _ := req.Data["name"].(string)
			ctx = context.WithoutCancel(ctx)
			mu.Lock()
			contexts[name] = ctx
			mu.Unlock()
			_, err := collect(ctx, "storage", map[string]any{})
			_, again := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]any{})
			return map[string]any{"first": fmt.Sprint(err), "again": fmt.Sprint(again)}, nil
		}))
		first, second := serveHost(t, s, TCP), serveHost(t, s, Stdio)
		second.send(string(line("s", map[string]any{"name": "second"})))
		kept := second.call()
		first.send(kept.end()) // of the other connection
		first.send(string(line("s", map[string]any{"name": "first"})))
		first.call()
		first.in.Close()
		synctest.Wait()
		mu.Lock()
		if n := openCallbacks(contexts["second"]); n != 1 {
			t.Errorf("%d calls are open on the other connection", n)
		}
		mu.Unlock()
		second.send(kept.reply("error", "no", "null"))
		second.call() // again
		if got := second.result(); !strings.Contains(got, `"first":"no"`) || !strings.Contains(got, `"again":"\u003cnil`) && !strings.Contains(got, `"again":"<nil`) {
			t.Errorf("got %s", got)
		}
	})
}

// TestFailedWrite checks that a call which cannot be written is not open.
func TestFailedWrite(t *testing.T) {
	t.Parallel()
	errPipe := errors.New("broken pipe")
	var open int
	p := plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		_, err := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]any{})
		if !errors.Is(err, errPipe) || !errors.Is(err, errHostGone) {
			t.Errorf("got %v", err)
		}
		open = openCallbacks(ctx)
		return nil, nil
	})
	s := newTestServer(t, p)
	s.Answer(s.Context(), TCP, line("s", nil), "", failingWriter{errPipe})
	if open != 0 {
		t.Errorf("%d calls are open", open)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(`"invoke"`)) {
		return 0, w.err
	}
	return len(p), nil
}

// TestNoCallbackAfterInput checks that no call is made when no reply can come any more, although the
// request goes on.
func TestNoCallbackAfterInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		leave := make(chan struct{})
		h := serveHost(t, newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-leave
			_, err := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]any{})
			return map[string]any{"error": fmt.Sprint(err), "open": openCallbacks(ctx)}, nil
		})), Stdio)
		h.send(string(line("s", nil)))
		_ = h.in.Close()
		synctest.Wait()
		close(leave)
		if got, want := h.result(), `{"error":"`+errHostGone.Error()+`","open":0}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
