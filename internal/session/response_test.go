package session

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/httphead"
	"github.com/difygen/difygen/runtime"
)

// TestStreamedParts checks that a streamed body arrives whole, without much delay, and in few
// messages: the host drops what a slow reader has not fetched of more than 128.
func TestStreamedParts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		part     int // bytes
		pause    time.Duration
		parts    int
		flush    bool
		free     int // messages with the first 64 KiB, which fit into buffers
		messages int // of the rest, at most
		delay    time.Duration
	}{
		"tokens":        {200, 10 * time.Millisecond, 6000, true, 140, 80, time.Second},
		"fast":          {4 << 10, 0, 2 << 10, true, 1, 17, 0},
		"slow":          {1, 5 * time.Second, 40, true, 40, 0, 0},
		"slow and long": {70 << 10, 10 * time.Second, 20, true, 1, 20, time.Second},
		"one":           {5 << 20, 0, 1, false, 1, 3, 0},
		"never flushed": {1 << 10, time.Second, 100, false, 1, 1, 100 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex // the parts are sent by other goroutines, too
				var sent, free, rest int
				var written time.Time // of the oldest byte that has not been sent
				var delay time.Duration
				w := &responseWriter{headers: httphead.NewHead(), send: func(v any) error {
					mu.Lock()
					defer mu.Unlock()
					var chunk struct{ Result string }
					data, err := json.Marshal(v)
					if err != nil || json.Unmarshal(data, &chunk) != nil {
						t.Error(err)
					}
					if sent += len(chunk.Result) / 2; sent <= freeBytes {
						free++
					} else {
						rest++
					}
					if !written.IsZero() {
						delay = max(delay, time.Since(written))
					}
					written = time.Time{}
					return nil
				}}
				for range test.parts {
					mu.Lock()
					if written.IsZero() {
						written = time.Now()
					}
					mu.Unlock()
					if _, err := w.Write(make([]byte, test.part)); err != nil {
						t.Error(err)
					}
					if test.flush {
						w.Flush()
					}
					time.Sleep(test.pause) // fake
				}
				if err := w.close(); err != nil || sent != test.part*test.parts {
					t.Errorf("%d of %d bytes were sent, %v", sent, test.part*test.parts, err)
				}
				if free > test.free || rest > test.messages || delay > test.delay {
					t.Errorf("%d and %d messages, the slowest after %v", free, rest, delay)
				}
			})
		})
	}
}

// TestHeadKeepsLittle checks that of the body of a response to HEAD, no more is kept than what says its type.
func TestHeadKeepsLittle(t *testing.T) {
	t.Parallel()
	w := &responseWriter{headers: httphead.NewHead(), head: true}
	for range 4 {
		if n, err := w.Write(make([]byte, 300)); n != 300 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	if len(w.body) != httphead.Sniffed || w.size != 1200 {
		t.Errorf("it keeps %d bytes of %d", len(w.body), w.size)
	}
}

// TestDroppedHeaders checks that the log names what the host cannot pass on.
func TestDroppedHeaders(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
		return plain(func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: secret})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "c"})
			w.Header().Set("X-Secret", secret)
			w.WriteHeader(http.StatusNoContent)
		}), nil
	}, WithLogger(slog.New(slog.NewTextHandler(&logs, nil)))))
	raw := hex.EncodeToString([]byte("GET / HTTP/1.1\nHost: x\n\n"))
	want := []string{`{"status":204,"headers":{"Set-Cookie":"b=c","X-Secret":"` + secret + `"},"result":""}`}
	if diff := cmp.Diff(want, answer(t, s, line("s", map[string]any{"raw_http_request": raw}))); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	if !strings.Contains(logs.String(), `dropped="the cookie a"`) || strings.Contains(logs.String(), secret) {
		t.Errorf("the log is\n%s", logs.String())
	}
}

// TestSettled checks that a response of several messages does not end while the host handles the
// first, that others end at once, and that none waits for a host that is gone.
func TestSettled(t *testing.T) {
	t.Parallel()
	stream := func(pause time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("a"))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(pause) // fake
			_, _ = w.Write([]byte("b"))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		gone    bool
		want    time.Duration
	}{
		"one message":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a")) }, false, 0},
		"no body":              {func(http.ResponseWriter, *http.Request) {}, false, 0},
		"two at once":          {stream(0), false, settleTime},
		"two soon":             {stream(settleTime / 2), false, settleTime},
		"two":                  {stream(3 * settleTime), false, 3 * settleTime},
		"two, and no host":     {stream(0), true, 0},
		"large, in two chunks": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBodyChunk+1)) }, false, settleTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.gone {
					cancel()
				}
				s := newSession("s", newConnection(Transport{}, io.Discard))
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://x/", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				if err := silentServer().respond(s, plain(test.handler), r); err != nil || time.Since(start) != test.want {
					t.Errorf("got %v after %v, want %v", err, time.Since(start), test.want)
				}
			})
		})
	}
}
