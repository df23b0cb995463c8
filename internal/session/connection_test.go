package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// stuckHost is a host that does not read until it is freed.
type stuckHost struct {
	started chan struct{} // closed when somebody writes
	free    chan struct{} // closed when the host reads

	mu    sync.Mutex
	once  sync.Once
	lines bytes.Buffer
}

func newStuckHost() *stuckHost {
	return &stuckHost{started: make(chan struct{}), free: make(chan struct{})}
}

func (h *stuckHost) Write(p []byte) (int, error) {
	if !bytes.Equal(p, heartbeatLine) {
		h.once.Do(func() { close(h.started) })
		<-h.free
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lines.Write(p)
}

// stuckServer runs a server over a host that does not read. The lines go to the server.
func stuckServer(t *testing.T, p *Plugin) (s *Server, h *stuckHost, send func(lines ...string)) {
	t.Helper()
	s, h = newTestServer(t, p), newStuckHost()
	in, stdin := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.Lines(context.WithoutCancel(t.Context()), Stdio, in, h) }()
	t.Cleanup(func() {
		_ = stdin.Close()
		<-ended
	})
	return s, h, func(lines ...string) {
		for _, l := range lines {
			if _, err := io.WriteString(stdin, l+"\n"); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestStuckHost checks that those who wait until another one has written heed their contexts and the
// deadline of the request, that nothing else waits for the writer, and that nothing is written after the
// end.
func TestStuckHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took := make(map[string]time.Duration)
		var host *stuckHost
		var send func(...string)
		_, host, send = stuckServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
			start := time.Now()
			c := callback.FromContext(ctx)
			var wait sync.WaitGroup
			wait.Go(func() { // the one that writes
				if err := req.Stream(map[string]any{}); err != nil {
					t.Errorf("the one that writes: got %v", err)
				}
			})
			<-host.started
			if id := c.ToolCredential("a/b/c"); id != "id" {
				t.Errorf("got the credential %q", id)
			}
			took["credential"] = time.Since(start)
			brief, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if _, err := c.Invoke(brief, "storage", map[string]any{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a call of one second: got %v", err)
			}
			took["a call of one second"] = time.Since(start)
			if _, err := c.Invoke(context.WithoutCancel(ctx), "storage", map[string]any{}); !errors.Is(err, callback.ErrEnded) {
				t.Errorf("a call without a limit: got %v", err)
			}
			took["a call without a limit"] = time.Since(start)
			if err := req.Stream(map[string]any{}); !errors.Is(err, errEnded) {
				t.Errorf("after the end: got %v", err)
			}
			took["a result"] = time.Since(start)
			if n := openCallbacks(ctx); n != 0 {
				t.Errorf("%d calls are open", n)
			}
			close(host.free)
			wait.Wait()
			return nil, nil
		}, WithRequestTimeout(time.Minute)))
		send(string(bytes.Replace(line("s", nil), []byte("{"), []byte(`{"context":{"credentials":{"tool_credentials":{"a/b/c":"id"}}},`), 1)))
		time.Sleep(time.Hour) // fake
		synctest.Wait()
		for what, want := range map[string]time.Duration{"credential": 0, "a call of one second": time.Second, "a call without a limit": time.Minute, "a result": time.Minute} {
			if took[what] != want {
				t.Errorf("%s takes %v, want %v", what, took[what], want)
			}
		}
		host.mu.Lock()
		defer host.mu.Unlock()
		lines := bytes.ReplaceAll(host.lines.Bytes(), heartbeatLine, nil)
		if n := bytes.Count(lines, []byte("\n")); n != 3 || !bytes.HasSuffix(lines, appendEnd(nil, []byte(`"s"`))) {
			t.Errorf("the host gets\n%s", lines)
		}
	})
}

// TestRefusalsDoNotStall checks that replies come through while requests are refused and the host does
// not read, and that the refusals arrive when it does.
func TestRefusalsDoNotStall(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]string{
		"malformed": "{", "no event": "{}", "no session": `{"event":"request","data":{}}`,
		"unknown": `{"event":"request","session_id":"r","data":{"type":"x","action":"y"}}`,
		"long":    `{"event":"request","session_id":"r","data":{"type":"x"},"context":"` + string(bytes.Repeat([]byte("x"), maxLine)) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, opened := make(chan string, 1), make(chan *openCallback, 1)
				s, host, send := stuckServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					replies := &openCallback{caller: callback.FromContext(ctx).(caller), id: "1", ctx: ctx, wake: make(chan struct{}, 1)}
					if err := replies.siblings().add(replies); err != nil {
						return nil, err
					}
					defer replies.Close()
					opened <- replies
					data, err := replies.Next()
					got <- string(data)
					return nil, err
				}))
				send(string(line("s", nil)))
				<-opened
				send(refused, refused)
				m := &invocation{Session: "s"}
				m.Data.Data.ID = "1"
				send(m.reply("response", "struct", "{}"))
				synctest.Wait()
				if len(got) == 0 {
					t.Error("the reply does not come")
				}
				if n := s.pending.count(); n != 3 {
					t.Errorf("%d requests are pending", n)
				}
				close(host.free)
				synctest.Wait()
				host.mu.Lock()
				defer host.mu.Unlock()
				if n := bytes.Count(host.lines.Bytes(), []byte(`"error"`)); n < 2 || s.pending.count() != 0 {
					t.Errorf("%d requests are pending, the host gets\n%s", s.pending.count(), host.lines.Bytes())
				}
			})
		})
	}
}

// TestManyRefusals checks that refusals that wait for the host are bounded, and count neither as running
// requests nor as room for others.
func TestManyRefusals(t *testing.T) {
	t.Parallel()
	var p pending
	for range maxRefusals {
		if !p.refuse() {
			t.Fatal("a refusal has no room")
		}
	}
	if p.refuse() {
		t.Error("too many refusals have room")
	}
	if err := p.add(1, 1); err != nil {
		t.Errorf("a request: got %v", err)
	}
	if n, _ := p.close(); n != 1 {
		t.Errorf("%d requests are running", n)
	}
	p.done(1)
	idle := p.idle()
	for range maxRefusals {
		select {
		case <-idle:
			t.Error("it is idle although requests are being refused")
		default:
		}
		p.refused()
	}
	<-idle
	if !p.refuse() {
		t.Error("a refusal has no room after others have ended")
	}
}
