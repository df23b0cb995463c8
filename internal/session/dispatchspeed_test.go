//go:build !race

// The race detector slows down what this file compares, by different factors.
package session

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestDispatchSpeed compares how many signed webhooks a second a plugin dispatches with a server of net/http that
// verifies and decodes the same. Both get them over a connection, one after the other. The goal is half as many, or
// more, and docs/performance.md has what is seen; the test wants a bit less, for machines with much else to do. It
// compares the shortest times of several rounds, so that this hardly counts.
func TestDispatchSpeed(t *testing.T) { //nolint:paralleltest // it measures time
	if testing.CoverMode() != "" {
		t.Skip("SKIPPED: the counters of coverage slow down the plugin only")
	}
	const rounds, times, least = 300, 20, 0.4
	for _, size := range []int{2 << 10, 64 << 10} {
		body, signature := hook(size)
		raw := rawHook(body, signature)
		plugin, server := askPlugin(t, hookLine(t, "dispatch_trigger_event", raw, nil)), askServer(t, raw)
		var ours, theirs time.Duration
		ratio := 0.0
		for round := 0; round < rounds && (round < 20 || ratio < least); round++ {
			ours, theirs = fastest(ours, plugin, times), fastest(theirs, server, times)
			ratio = theirs.Seconds() / ours.Seconds()
		}
		if ratio < least {
			t.Errorf("%d bytes: %.2f times the speed of net/http, want %v", len(body), ratio, least)
		}
		t.Logf("%d bytes: %.0f webhooks a second, %.2f times the speed of net/http", len(body), times/ours.Seconds(), ratio)
	}
}

// fastest returns the shorter of a time and that of calling f.
func fastest(best time.Duration, f func(), times int) time.Duration {
	start := time.Now()
	for range times {
		f()
	}
	if took := time.Since(start); best == 0 || took < best {
		return took
	}
	return best
}

// askPlugin returns a function that sends a line to a plugin, over a connection, and reads the answer.
func askPlugin(t *testing.T, line []byte) func() {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s, done := newTestServer(t, dispatching()), make(chan error)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			err = s.Lines(t.Context(), TCP, conn, conn)
		}
		done <- err
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	in := bufio.NewReaderSize(conn, 1<<20)
	line = append(line, '\n')
	return func() {
		if _, err := conn.Write(line); err != nil {
			t.Fatal(err)
		}
		for events := 0; ; {
			answer, err := in.ReadSlice('\n')
			switch {
			case err != nil:
				t.Fatal(err)
			case bytes.Contains(answer, []byte(`"events":["push"]`)):
				events++
			case bytes.Contains(answer, []byte(`"type":"end"`)):
				if events != 1 {
					t.Fatalf("%d answers", events)
				}
				return
			}
		}
	}
}

// askServer returns a function that sends a request to a server of net/http, and reads the answer.
func askServer(t *testing.T, raw string) func() {
	t.Helper()
	secret := runtime.NewSecret(hookSecret)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := dispatchHook(w, r, secret); err != nil {
			http.Error(w, "no", http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	in := bufio.NewReader(conn)
	return func() {
		if _, err := io.WriteString(conn, raw); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != "ok" || err != nil {
			t.Fatalf("%q, %v", body, err)
		}
	}
}
