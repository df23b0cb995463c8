package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestStop checks how long a stop takes, and how a request ends that runs.
func TestStop(t *testing.T) {
	t.Parallel()
	const stopping = "InvokeServerUnavailableError: the plugin is stopping; try again"
	for name, test := range map[string]struct {
		transport Transport
		request   bool
		gone      bool          // the host closes its side at the stop
		cleanup   time.Duration // that the code takes when its context is done
		stop      time.Duration // after the request, whose code takes 5 seconds
		want      time.Duration // from the stop
		answer    string
	}{
		"over TCP, nothing runs":            {TCP, false, false, 0, time.Second, 0, ""},
		"over TCP, a request runs":          {TCP, true, false, 0, time.Second, 0, stopping},
		"over TCP, the host closes, too":    {TCP, true, true, 0, time.Second, 0, stopping},
		"over TCP, the code cleans up":      {TCP, true, false, 3 * time.Second, time.Second, 3 * time.Second, stopping},
		"over TCP, that takes long":         {TCP, true, false, time.Minute, time.Second, 20 * time.Second, stopping},
		"over TCP, after a request":         {TCP, true, false, 0, 6 * time.Second, 0, "{}"},
		"on standard output":                {Stdio, true, false, 0, time.Second, 4 * time.Second, "{}"},
		"on it, the host closes":            {Stdio, true, true, 0, time.Second, 4 * time.Second, "{}"},
		"on it, nothing runs":               {Stdio, false, false, 0, time.Second, 0, ""},
		"on it, long after the last answer": {Stdio, true, false, 0, 65 * time.Second, 0, "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					select {
					case <-time.After(5 * time.Second): // fake
						return map[string]any{}, nil
					case <-ctx.Done():
						time.Sleep(test.cleanup) // fake
						return nil, ctx.Err()
					}
				}))
				in, host := io.Pipe()
				defer host.Close()
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan time.Time)
				var out bytes.Buffer
				go func() {
					if err := s.Lines(ctx, test.transport, in, &out); err != nil {
						t.Error(err)
					}
					ended <- time.Now()
				}()
				if test.request {
					fmt.Fprintf(host, "%s\n", line("s", nil))
				}
				time.Sleep(test.stop) // fake
				start := time.Now()
				stop()
				if test.gone {
					host.Close()
				}
				if got := (<-ended).Sub(start); got != test.want {
					t.Errorf("it ends %v after the stop, want %v", got, test.want)
				}
				synctest.Wait() // for the last heartbeat
				if got := strings.Join(messages(t, out.Bytes()), " + "); got != test.answer {
					t.Errorf("got %s, want %s", got, test.answer)
				}
				time.Sleep(time.Minute) // fake, until code that is late has returned
			})
		})
	}
}

// TestLinesEnd checks what the end of the input means.
func TestLinesEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		transport Transport
		want      string
	}{
		"standard input": {Stdio, "{}"},
		"TCP":            {TCP, "InvokeConnectionError: the connection to the host is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					select {
					case <-ctx.Done():
						return nil, ctx.Err()
					case <-time.After(time.Second): // fake
						return map[string]any{}, nil
					}
				}))
				var b bytes.Buffer
				if err := s.Lines(t.Context(), test.transport, bytes.NewReader(line("s", nil)), &b); !errors.Is(err, io.EOF) {
					t.Errorf("got %v", err)
				}
				synctest.Wait()
				if got := strings.Join(messages(t, b.Bytes()), " + "); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// TestFaults checks the reports of lines that are not requests.
func TestFaults(t *testing.T) {
	t.Parallel()
	const (
		report = `{"event":"error","session_id":null,"data":{"error":"a message from the host is malformed"}}` + "\n"
		end    = `{"event":"session","session_id":"s","data":{"type":"error","data":{"error_type":"ValidationError","message":"too large","args":{}}}}` + "\n" +
			`{"event":"session","session_id":"s","data":{"type":"end","data":{}}}` + "\n"
	)
	s := newTestServer(t, plugin(nil))
	for name, test := range map[string]struct {
		transport Transport
		do        func(t Transport, out io.Writer)
		want      string
	}{
		"nonsense":         {Stdio, func(tr Transport, out io.Writer) { s.Answer(t.Context(), tr, []byte("x"), "", out) }, report},
		"nonsense, strict": {HTTP, func(tr Transport, out io.Writer) { s.Answer(t.Context(), tr, []byte("x"), "", out) }, ""},
		"another event": {Stdio, func(tr Transport, out io.Writer) {
			s.Answer(t.Context(), tr, []byte(`{"event":"backwards_response","session_id":"s"}`), "", out)
		}, ""},
		"a refused request": {HTTP, func(tr Transport, out io.Writer) { s.Refuse(t.Context(), tr, "s", invalid("too large"), out) }, end},
	} {
		var b bytes.Buffer
		if test.do(test.transport, &b); b.String() != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, b.String(), test.want)
		}
	}
}
