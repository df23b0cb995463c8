package serve_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// TestFewConnections checks that calls in a row use connections to the daemon again, even if each ends
// its own context once it has the reply, and that they end with the plugin.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	daemon, err := host.ListenDaemon(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(daemon.Close)
	connections := newProxy(t, strings.TrimPrefix(daemon.URL(), "http://"))
	const many = 100
	replied, ended := make(chan struct{}), make(chan struct{})
	daemon.Answer(func(cb *host.Callback) {
		cb.Struct(number(1))
		<-replied
		cb.End()
		ended <- struct{}{}
	})
	p, address := startLimited(t, asker(func(ctx context.Context) string {
		for range many {
			err := once(ctx)
			replied <- struct{}{}
			if <-ended; err != nil {
				return err.Error()
			}
		}
		return "done"
	}), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL=http://"+connections.addr)
	plugin := daemon.Host(address)
	t.Cleanup(plugin.Close)
	p.host = plugin
	if got := p.tool(t.Context()); got != "done" {
		t.Errorf("got %s", got)
	}
	plugin.Close()
	p.end(t)
	n := connections.count()
	if n > many/2 { // the end of a response takes a moment
		t.Errorf("%d connections are used", n)
	}
	for range n {
		select {
		case <-connections.closed:
		case <-time.After(10 * time.Second):
			t.Error("a connection is open after the plugin has ended")
		}
	}
}

// once makes a call that has one reply, in a context of its own.
func once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	replies, err := callback.FromContext(ctx).Invoke(ctx, "storage", map[string]any{})
	if err != nil {
		return err
	}
	defer replies.Close()
	_, err = replies.Next()
	return err
}

// proxy passes connections on, and counts them.
type proxy struct {
	addr   string
	closed chan struct{} // has an element for each connection that has ended

	mu sync.Mutex
	n  int
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: listener.Addr().String(), closed: make(chan struct{}, 1000)}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.n++
			p.mu.Unlock()
			out, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				_ = in.Close()
				continue
			}
			all.Go(func() {
				_, _ = io.Copy(out, in)
				_ = out.Close()
				p.closed <- struct{}{}
			})
			all.Go(func() {
				_, _ = io.Copy(in, out)
				_ = in.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return p
}

// TestUnreachableDaemon checks that the error of a call has no address, and that the log says why.
func TestUnreachableDaemon(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	_ = listener.Close()
	p, _ := startLimited(t, asker(func(ctx context.Context) string {
		return read(ctx, "storage", map[string]any{})
	}), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL=http://"+addr+"/some/path")
	if got, want := p.tool(t.Context()), "a call back into Dify does not reach the host at DIFY_PLUGIN_DAEMON_URL"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p.logs.wait(t, "connection refused")
	if logs := p.logs.String(); strings.Contains(logs, "some/path") {
		t.Errorf("the log has the URL: %s", logs)
	}
}

// TestEndlessRefusal checks that no more than the start of a refusal is read.
func TestEndlessRefusal(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusInternalServerError)
		for piece := make([]byte, 64<<10); r.Context().Err() == nil; {
			if _, err := w.Write(piece); err != nil {
				break
			}
		}
		close(ended)
	}))
	t.Cleanup(daemon.Close)
	p, _ := startLimited(t, asker(func(ctx context.Context) string {
		got := read(ctx, "storage", map[string]any{})
		select {
		case <-ended:
		case <-ctx.Done():
			return "the response goes on"
		}
		return got
	}), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL, "MAX_REQUEST_TIMEOUT=20")
	if got, want := p.tool(t.Context()), "the host at DIFY_PLUGIN_DAEMON_URL refuses a call back into Dify with status 500"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestHugeHeader checks that a response whose header is huge is not read.
func TestHugeHeader(t *testing.T) {
	t.Parallel()
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range 100 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1<<10))
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(daemon.Close)
	p, _ := startLimited(t, asker(func(ctx context.Context) string {
		return read(ctx, "storage", map[string]any{})
	}), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL)
	if got, want := p.tool(t.Context()), "a call back into Dify does not reach the host at DIFY_PLUGIN_DAEMON_URL"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCanceledTransaction checks that a call which its code gives up is not logged as a failure.
func TestCanceledTransaction(t *testing.T) {
	t.Parallel()
	called := make(chan struct{})
	daemon := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(called)
		<-r.Context().Done()
	}))
	t.Cleanup(daemon.Close)
	p, _ := startLimited(t, asker(func(ctx context.Context) string {
		ctx, cancel := context.WithCancelCause(ctx)
		go func() {
			<-called
			cancel(errors.New("given up"))
		}()
		return read(ctx, "storage", map[string]any{})
	}), serve.Limits{}, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL)
	if got := p.tool(t.Context()); got != "given up" {
		t.Errorf("got %s", got)
	}
	daemon.Close() // which waits for the connection to end
	p.end(t)
	if logs := p.logs.String(); strings.Contains(logs, "does not reach") {
		t.Errorf("the log is %s", logs)
	}
}
