package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// TestLogs checks that log records of the author's code contain no secrets.
func TestLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	mine := slog.New(NewLogHandler(slog.NewTextHandler(&b, nil))).With("bound", secret).WithGroup("g").With("also", secret)
	type who struct{ Name string }
	s := newTestServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
		key := req.Data["credentials"].(map[string]any)["key"].(string)
		clear(req.Data["credentials"].(map[string]any)) // the secrets are known already
		mine.InfoContext(ctx, "with context "+key, "err", errors.New("no "+key), slog.Group("in", "a", key), "n", 1, "who", who{"x"},
			"bytes", []byte("of "+key), "raw", json.RawMessage(`{"k":"`+key+`"}`), "ptr", &struct{ P *string }{&key})
		mine.Info("without context " + key)
		return map[string]any{}, nil
	}))
	answer(t, s, line("session-1", nil))
	out := b.String()
	if strings.Contains(out, secret) || strings.Contains(out, "hidden") {
		t.Errorf("a secret is in the log:\n%s", out)
	}
	for _, want := range []string{
		`msg="with context [redacted]" request=session-1 action=test/do bound=[redacted] g.also=[redacted] g.err="no [redacted]" g.in.a=[redacted] g.n=1 g.who={Name:x} g.bytes="of [redacted]" g.raw="{\"k\":\"[redacted]\"}" g.ptr="{\"P\":\"[redacted]\"}"`,
		`msg="without context [redacted]" bound=[redacted]`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the log lacks %s:\n%s", want, out)
		}
	}
}

// TestLogNames checks that the names of attributes and groups contain no secrets.
func TestLogNames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	mine := slog.New(NewLogHandler(slog.NewTextHandler(&b, nil)))
	s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		mine.With(secret, 1).WithGroup(secret).InfoContext(ctx, "named", secret, 2, slog.Group("in "+secret, secret, 3))
		mine.WithGroup(secret).Info("without context", slog.Group(secret, "a", 4))
		return map[string]any{}, nil
	}))
	answer(t, s, line("session-1", nil))
	for _, want := range []string{
		"[redacted]=1 [redacted].[redacted]=2 \"[redacted].in [redacted].[redacted]\"=3", "[redacted].[redacted].a=4",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, b.String())
		}
	}
}

// TestPanicLog checks that the log of a panic has its value and stack, without secrets.
func TestPanicLog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		panic("with " + req.Data["credentials"].(map[string]any)["key"].(string))
	}, WithLogger(slog.New(slog.NewTextHandler(&b, nil)))))
	answer(t, s, line("s", nil))
	for _, want := range []string{`value="with [redacted]"`, "stack=", "error_type=InvokeError", "duration="} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), secret) {
		t.Errorf("a secret is in the log:\n%s", b.String())
	}
}

// TestAbortLog checks that a response that is given up leaves no stack in the log.
func TestAbortLog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) {
		panic(http.ErrAbortHandler)
	}, WithLogger(slog.New(slog.NewTextHandler(&b, nil)))))
	answer(t, s, line("s", nil))
	if got := b.String(); strings.Contains(got, "stack=") || !strings.Contains(got, "the endpoint gave up its response") {
		t.Errorf("the log is\n%s", got)
	}
}
