package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestTransact checks calls that are requests of their own.
func TestTransact(t *testing.T) {
	t.Parallel()
	errNoHost := errors.New("no host")
	for name, test := range map[string]struct {
		host func(ctx context.Context, m *invocation) (string, error) // the lines, after which nothing comes until the context is done
		cut  bool                                                     // unless the response ends then
		want string
		took time.Duration
	}{
		"a reply": {func(_ context.Context, m *invocation) (string, error) {
			return "\n\n" + m.reply("response", "struct", `{"a":1}`) + "\n\n" + m.end() + "\n\n", nil
		}, true, `{"got":"{\"a\":1}"}`, 0},
		"after a reply, nothing": {func(_ context.Context, m *invocation) (string, error) {
			return m.reply("response", "struct", `{"a":1}`) + "\n", nil
		},
			false, `{"error":"*errors.errorString: ` + callback.ErrTimeout.Error() + `","got":"{\"a\":1}"}`, 250 * time.Second},
		"after the end, nothing": {func(_ context.Context, m *invocation) (string, error) { return m.end() + "\n", nil }, false, `{"got":""}`, 0},
		"of another": {func(_ context.Context, m *invocation) (string, error) {
			other := *m
			other.Data.Data.ID += "0"
			return other.end() + "\nno JSON\n" + m.reply("error", "no", "null") + "\n\n", nil
		}, true, `{"error":"*callback.Error: no","got":""}`, 0},
		"cut":       {func(context.Context, *invocation) (string, error) { return "", nil }, true, `{"error":"*errors.errorString: ` + errCut.Error() + `","got":""}`, 0},
		"no host":   {func(context.Context, *invocation) (string, error) { return "", errNoHost }, true, `{"error":"*errors.errorString: no host","got":""}`, 0},
		"no answer": {func(ctx context.Context, _ *invocation) (string, error) { <-ctx.Done(); return "", ctx.Err() }, true, `{"error":"*errors.errorString: ` + callback.ErrTimeout.Error() + `","got":""}`, 250 * time.Second},
		"a huge one": {func(_ context.Context, m *invocation) (string, error) {
			return m.reply("response", "stream", `{"x":"`+strings.Repeat("x", maxLine)+`"}`), nil
		}, true, `{"error":"*errors.errorString: ` + callback.ErrOverflow.Error() + `","got":""}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(asking, WithRequestTimeout(time.Hour)))
				s.cfg.SendCallback = func(ctx context.Context, session string, line []byte) (io.ReadCloser, error) {
					m := new(invocation)
					if err := json.Unmarshal(line, m); err != nil || m.Session != session || session != "s" {
						t.Errorf("the host gets %s, %v", line, err)
					}
					lines, err := test.host(ctx, m)
					if err != nil {
						return nil, err
					}
					if test.cut {
						return io.NopCloser(strings.NewReader(lines)), nil
					}
					return io.NopCloser(io.MultiReader(strings.NewReader(lines), waitReader{ctx})), nil
				}
				start := time.Now()
				var b bytes.Buffer
				s.Answer(s.Context(), HTTP, line("s", nil), "", &b)
				if got := strings.Join(messages(t, b.Bytes()), " "); got != test.want || time.Since(start) != test.took {
					t.Errorf("got %.300s after %v\nwant %s after %v", got, time.Since(start), test.want, test.took)
				}
				time.Sleep(lingerTime) // fake; then, no goroutine is left
				synctest.Wait()
				if n := s.queued.Load(); n != 0 {
					t.Errorf("%d bytes are queued", n)
				}
			})
		})
	}
}

// waitReader reads nothing until a context is done.
type waitReader struct{ ctx context.Context }

func (r waitReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// TestTransactMemory checks that a long line of a response counts while it is read, and that no more of
// it is kept than there is room for.
func TestTransactMemory(t *testing.T) {
	t.Parallel()
	const size = 3 << 20
	for name, test := range map[string]struct {
		used int // of the memory for all calls
		most int // of it, while the line is read
		want string
	}{
		"room":    {0, size, `{"got":"{\"x\":\"` + strings.Repeat("x", size) + `\"}"}`},
		"no room": {maxQueuedAll - 1<<20, maxQueuedAll, `{"error":"*errors.errorString: ` + callback.ErrOverflow.Error() + `","got":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, plugin(asking))
			s.queued.Add(int64(test.used))
			var most atomic.Int64
			s.cfg.SendCallback = func(_ context.Context, _ string, line []byte) (io.ReadCloser, error) {
				m := new(invocation)
				err := json.Unmarshal(line, m)
				lines := strings.NewReader(m.reply("response", "struct", `{"x":"`+strings.Repeat("x", size)+`"}`) + "\n" + m.end() + "\n")
				return io.NopCloser(watchedReader{lines, func() { most.Store(max(most.Load(), s.queued.Load())) }}), err
			}
			var b bytes.Buffer
			s.Answer(s.Context(), HTTP, line("s", nil), "", &b)
			if got := strings.Join(messages(t, b.Bytes()), " "); got != test.want {
				t.Errorf("got %.300s", got)
			}
			<-s.pending.returned()
			if n := int(s.queued.Load()); n != test.used || int(most.Load()) > test.most+firstBuffer || int(most.Load()) < test.most-64<<10 {
				t.Errorf("%d bytes are queued, and at most %d were", n, most.Load())
			}
		})
	}
}

// watchedReader calls a function before it reads.
type watchedReader struct {
	io.Reader
	before func()
}

func (r watchedReader) Read(p []byte) (int, error) {
	r.before()
	return r.Reader.Read(p)
}

// TestLinger checks when the request of a call ends that is over: at once, unless the rest of the
// response is about to come.
func TestLinger(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines func(m *invocation) string
		cut   bool // the response ends after the lines
		took  time.Duration
	}{
		"nothing has come":    {func(*invocation) string { return "" }, false, 0},
		"one of many":         {func(m *invocation) string { return m.reply("response", "stream", "{}") }, false, 0},
		"the only one":        {func(m *invocation) string { return m.reply("response", "struct", "{}") }, false, lingerTime},
		"the end":             {func(m *invocation) string { return m.end() }, false, lingerTime},
		"the whole response":  {func(m *invocation) string { return m.end() }, true, 0},
		"the only one, ended": {func(m *invocation) string { return m.reply("response", "struct", "{}") }, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, ended := time.Now(), make(chan time.Duration, 1)
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
					if err != nil {
						return nil, err
					}
					synctest.Wait()
					replies.Close()
					replies.Close()
					c, _ := replies.(*openCallback)
					if test.cut && c.linger != nil && c.linger.Stop() {
						t.Error("a timer waits for a request that has ended")
					}
					return nil, nil
				}))
				s.cfg.SendCallback = func(ctx context.Context, _ string, line []byte) (io.ReadCloser, error) {
					context.AfterFunc(ctx, func() { ended <- time.Since(start) })
					m := new(invocation)
					err := json.Unmarshal(line, m)
					body := io.Reader(strings.NewReader(test.lines(m) + "\n"))
					if !test.cut {
						body = io.MultiReader(body, waitReader{ctx})
					}
					return io.NopCloser(body), err
				}
				s.Answer(s.Context(), HTTP, line("s", nil), "", io.Discard)
				if took := <-ended; took != test.took {
					t.Errorf("the request ends after %v, want %v", took, test.took)
				}
			})
		})
	}
}

// xReader reads this many bytes of a text.
type xReader struct{ left int }

func (r *xReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := min(r.left, len(p))
	for i := range p[:n] {
		p[i] = 'x'
	}
	r.left -= n
	return n, nil
}

// TestTransactBuffer checks that a long line takes no memory once it is clear that it is not a reply.
func TestTransactBuffer(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	heap := func() int {
		var m goruntime.MemStats
		goruntime.GC()
		goruntime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	const size = 30 << 20
	s := newTestServer(t, plugin(asking))
	before, kept := 0, 0
	s.cfg.SendCallback = func(_ context.Context, _ string, line []byte) (io.ReadCloser, error) {
		m := new(invocation)
		err := json.Unmarshal(line, m)
		before = heap()
		rest := strings.NewReader("\n" + m.reply("response", "struct", "{}") + "\n" + m.end() + "\n")
		return io.NopCloser(io.MultiReader(&xReader{size}, strings.NewReader("\n"), watchedReader{rest, sync.OnceFunc(func() { kept = heap() - before })})), err
	}
	var b bytes.Buffer
	s.Answer(s.Context(), HTTP, line("s", nil), "", &b)
	if got := strings.Join(messages(t, b.Bytes()), " "); got != `{"got":"{}"}` {
		t.Errorf("got %.300s", got)
	}
	if kept > size/2 {
		t.Errorf("%d bytes are kept", kept)
	}
}
