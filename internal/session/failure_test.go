package session

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestFailedHandler checks what the host, the log and interceptors get of a handler's error.
func TestFailedHandler(t *testing.T) {
	t.Parallel()
	const internal = `{"status":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"},"result":"496e7465726e616c20536572766572204572726f720a"}`
	gaveUp := string(runtime.ErrorInvoke) + ": " + errAborted.Error()
	broken := errors.New("the database says\n" + secret)
	for name, test := range map[string]struct {
		handler runtime.HTTPHandler
		want    []string
		logged  bool
	}{
		"no error": {func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}, []string{`{"status":204,"headers":{},"result":""}`}, false},
		"before the response": {func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Content-Length", "7")
			w.WriteHeader(http.StatusEarlyHints)
			return broken
		}, []string{internal}, true},
		"after it has begun": {func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "so far")
			return broken
		}, []string{gaveUp}, true},
		"after a part": {func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "so far")
			_ = http.NewResponseController(w).Flush()
			return broken
		}, []string{`{"status":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"result":"736f20666172"}`, gaveUp}, true},
		"a canceled context of its own": {func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("the database: %s: %w", secret, context.Canceled)
		}, []string{internal}, true},
		"the end of another call": {func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("the database: %w", callback.ErrEnded)
		}, []string{internal}, true},
		"a write of another call": {func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("the database: %w", errEnded)
		}, []string{internal}, true},
		"a panic":               {func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) }, []string{gaveUp}, false},
		"an aborted response":   {func(http.ResponseWriter, *http.Request) error { return http.ErrAbortHandler }, []string{gaveUp}, false},
		"an error that panics":  {func(http.ResponseWriter, *http.Request) error { return (*brokenError)(nil) }, []string{internal}, false},
		"no error of a type":    {func(http.ResponseWriter, *http.Request) error { return (*runtime.Error)(nil) }, []string{internal}, false},
		"an empty error's text": {func(http.ResponseWriter, *http.Request) error { return errors.New("") }, []string{internal}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logs bytes.Buffer
			var seen error
			s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
				return runtime.HTTPHandler(func(w http.ResponseWriter, r *http.Request) error {
					r.Pattern = "GET /x"
					return test.handler(w, r)
				}), nil
			}, WithInterceptor(func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
				seen = next(ctx)
				return seen
			}), WithLogger(slog.New(slog.NewTextHandler(&logs, nil)))))
			raw := hex.EncodeToString([]byte("GET / HTTP/1.1\nHost: x\n\n"))
			if diff := cmp.Diff(test.want, answer(t, s, line("s", map[string]any{"raw_http_request": raw}))); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
			if answered := strings.HasPrefix(test.want[len(test.want)-1], "{"); answered != (seen == nil) {
				t.Errorf("the interceptor sees %v", seen)
			}
			const entry = `level=ERROR msg="the code that answers an HTTP request failed" request=s action=test/do pattern="GET /x" error="the database`
			if got := strings.Count(logs.String(), entry); (got == 1) != test.logged || strings.Contains(logs.String(), secret) {
				t.Errorf("the log is\n%s", logs.String())
			}
		})
	}
}

// brokenError is an error with a bug.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

// TestEndIsNoFailure checks that an error which only says that the call has ended is not logged as one of
// the code.
func TestEndIsNoFailure(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(w http.ResponseWriter, r *http.Request) error{
		"the context's error": func(_ http.ResponseWriter, r *http.Request) error {
			return fmt.Errorf("the database: %w", r.Context().Err())
		},
		"the context's cause": func(_ http.ResponseWriter, r *http.Request) error {
			return fmt.Errorf("the database: %w", context.Cause(r.Context()))
		},
		"the error of a call back": func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("the database: %w", callback.ErrEnded)
		},
		"the error of a write": func(w http.ResponseWriter, _ *http.Request) error {
			for { // until it is not kept any more
				if _, err := w.Write(make([]byte, maxBodyChunk)); err != nil {
					return fmt.Errorf("the rest: %w", err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logs bytes.Buffer
			s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
				return runtime.HTTPHandler(func(w http.ResponseWriter, r *http.Request) error {
					<-r.Context().Done()
					return after(w, r)
				}), nil
			}, WithLogger(slog.New(slog.NewTextHandler(&logs, nil))), WithRequestTimeout(time.Millisecond)))
			raw := hex.EncodeToString([]byte("GET / HTTP/1.1\nHost: x\n\n"))
			want := []string{string(runtime.ErrorTimeout) + ": " + errDeadline.Error() + " after 1ms"}
			if diff := cmp.Diff(want, answer(t, s, line("s", map[string]any{"raw_http_request": raw}))); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
			<-s.pending.returned()
			if strings.Contains(logs.String(), "level=ERROR") {
				t.Errorf("the log is\n%s", logs.String())
			}
		})
	}
}
