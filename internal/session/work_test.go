package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestAbandoned checks that a plugin ends with too much code that ignores its context, or too many
// interceptors that do, and not before.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	hang := func(leave chan struct{}) serveFunc {
		return func(context.Context, *runtime.Request) (any, error) {
			<-leave
			return map[string]any{}, nil
		}
	}
	for name, test := range map[string]struct {
		most, limit int
		interceptor bool
	}{
		"few at a time":  {1, minAbandoned, false},
		"many at a time": {2 * minAbandoned, 2 * minAbandoned, false},
		"interceptors":   {1, minAbandoned, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				leave := make(chan struct{})
				options := []Option{WithMaxRequests(test.most)}
				serve := hang(leave)
				if test.interceptor {
					options = append(options, WithInterceptor(func(context.Context, runtime.CallInfo, func(context.Context) error) error {
						<-leave
						return nil
					}))
				}
				testAbandoned(t, leave, test.limit, plugin(serve, options...))
			})
		})
	}
}

func testAbandoned(t *testing.T, leave chan struct{}, limit int, p *Plugin) {
	t.Helper()
	var logs bytes.Buffer
	p.options = append(p.options, WithRequestTimeout(time.Second), WithLogger(slog.New(slog.NewTextHandler(&logs, nil))))
	s := newTestServer(t, p)
	in, stdin := io.Pipe()
	ended := make(chan error, 1)
	out := new(nowhere)
	go func() { ended <- s.Lines(t.Context(), Stdio, in, out) }()
	for i := range limit + 1 {
		if err := s.Err(); err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
		if _, err := stdin.Write(append(line(strconv.Itoa(i), nil), '\n')); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // fake
		synctest.Wait()
	}
	if err := <-ended; !errors.Is(err, errAbandoned) || !strings.Contains(logs.String(), `msg="the plugin ends"`) {
		t.Errorf("got %v, and the log\n%s", err, logs.String())
	}
	close(leave)
	synctest.Wait()
	if n := s.abandoned.Load(); n != 0 {
		t.Errorf("%d requests are abandoned after all code has returned", n)
	}
	running.Range(func(ss, _ any) bool {
		if ss.(*session).out.w == io.Writer(out) {
			t.Error("the secrets of a request are kept although all of its code has returned")
		}
		return true
	})
	stdin.Close()
}

// nowhere is a writer unlike others.
type nowhere struct{ written int }

func (w *nowhere) Write(data []byte) (int, error) {
	w.written += len(data)
	return len(data), nil
}

// TestAbandonedMemory checks that code which hangs does not keep what it has not asked for.
func TestAbandonedMemory(t *testing.T) { //nolint:paralleltest // measures the heap
	const requests, size = 50, 1 << 20
	plain := WithInterceptor(func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
		return next(ctx)
	})
	for _, interceptors := range [][]Option{nil, {plain}} {
		synctest.Test(t, func(t *testing.T) {
			leave := make(chan struct{})
			s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
				text := req.Data["used"].(string)
				<-leave
				return map[string]any{"used": text}, nil
			}, append(interceptors, WithRequestTimeout(time.Minute))...))
			before := heapInUse()
			for range requests {
				answer(t, s, line("s", map[string]any{"used": "u", "unused": strings.Repeat("x", size)}))
			}
			synctest.Wait() // for interceptors
			if n := s.abandoned.Load(); n != requests {
				t.Errorf("%d requests are abandoned, want %d", n, requests)
			}
			if grown := heapInUse() - before; grown > requests*size/4 {
				t.Errorf("%d requests of %d KiB that have ended hold %d KiB", requests, size>>10, grown>>10)
			}
			close(leave)
		})
	}
}

func heapInUse() int64 {
	goruntime.GC()
	goruntime.GC()
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far less
}

// TestStopEndsThousands checks that each of very many requests gets its one end when the plugin
// stops, those that run and those that wait.
func TestStopEndsThousands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // on a busy machine, the plugin would lose patience
		const many = 11_500
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, WithMaxRequests(many-maxWaiting), WithStopTimeout(time.Millisecond)))
		in, stdin := io.Pipe()
		ctx, stop := context.WithCancel(t.Context())
		out := make(endCounter)
		ended := make(chan error, 1)
		go func() { ended <- s.Lines(ctx, Stdio, in, out) }()
		for i := range many {
			if _, err := stdin.Write(append(line(strconv.Itoa(i), nil), '\n')); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := stdin.Write([]byte("\n")); err != nil { // the line before has been read
			t.Fatal(err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		stdin.Close()
		for i := range many {
			if n := out[strconv.Itoa(i)]; n != 1 {
				t.Fatalf("request %d has %d ends; %d have one", i, n, len(out))
			}
		}
	})
}

// endCounter counts the ends of sessions.
type endCounter map[string]int

func (w endCounter) Write(lines []byte) (int, error) {
	for l := range bytes.Lines(lines) {
		if bytes.Contains(l, []byte(`"type":"end"`)) {
			w[IDOf(l)]++
		}
	}
	return len(lines), nil
}

// TestDrainIsPatient checks that a stop lasts as long as a slow host still reads ends, and no
// longer.
func TestDrainIsPatient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ends int // of 11,500
		want time.Duration
	}{
		"slow":  {11_500, 5750 * time.Millisecond},
		"stuck": {3000, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(nil, WithStopTimeout(0)))
				for range 11_500 {
					if err := s.pending.add(11_500, 1); err != nil {
						t.Fatal(err)
					}
				}
				go func() {
					<-s.Context().Done()
					for range test.ends {
						time.Sleep(500 * time.Microsecond) // fake
						s.pending.done(1)
					}
				}()
				start := time.Now()
				s.Drain()
				if got := time.Since(start); got != test.want {
					t.Errorf("took %v, want %v", got, test.want)
				}
			})
		})
	}
}

// TestCodeAfterEnd checks that code does not begin when its session has ended, and that the
// secrets of a session are redacted as long as its code runs.
func TestCodeAfterEnd(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, plugin(nil))
	ss := newSession("s", newConnection(Transport{}, io.Discard))
	ss.secrets.add("a-secret-of-this-test")
	running.Store(ss, nil)
	if !ss.enter() {
		t.Error("code does not begin")
	}
	s.end(t.Context(), ss, nil, errDeadline, errorTest)
	ss.leave()
	if got := redactionOfAll()("a-secret-of-this-test"); got != "[redacted]" {
		t.Errorf("while code runs: got %s", got)
	}
	if ss.enter() {
		t.Error("code begins after the end")
	}
	if !ss.exit() {
		t.Error("code that returns after the end is not late")
	}
	if got := redactionOfAll()("a-secret-of-this-test"); got != "a-secret-of-this-test" {
		t.Errorf("after all code has returned: got %s", got)
	}
}
