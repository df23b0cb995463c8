package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
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

// masked shows its text by one method alone.
type masked struct{ text string }

func (masked) String() string                 { return "***" }
func (masked) MarshalJSON() ([]byte, error)   { return []byte(`"***"`), nil }
func (m masked) MarshalText() ([]byte, error) { return []byte(m.text), nil }

// formatted is an error that package fmt does not print.
type formatted struct{ text string }

func (e formatted) Error() string              { return e.text }
func (formatted) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte("fmt")) }
func (formatted) MarshalJSON() ([]byte, error) { return []byte(`"json"`), nil }

// panicking is a text whose method panics.
type panicking struct{ text string }

func (panicking) MarshalText() ([]byte, error) { panic("no text") }

// TestLogValues checks values that handlers show in unusual ways, through both handlers.
func TestLogValues(t *testing.T) {
	t.Parallel()
	const number = 8412345678901234
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			mine := slog.New(NewLogHandler(handler(&b)))
			s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
				mine.InfoContext(ctx, "values", "masked", masked{secret}, "error", error(formatted{secret}), "n", number, "u", uint64(number),
					"f", float64(number), "list", []any{masked{secret}}, "panics", panicking{secret}, "small", 7)
				if name == "JSON" { // package fmt does not survive a cycle, as the text handler uses it
					mine.InfoContext(ctx, "a cycle", "cycle", cyclic)
				}
				return map[string]any{}, nil
			}))
			answer(t, s, line("s", map[string]any{"settings": map[string]any{"token": strconv.Itoa(number)}}))
			out := b.String()
			if strings.Contains(out, secret) || strings.Contains(out, strconv.Itoa(number)) || strings.Contains(out, "8.412345678901234") {
				t.Errorf("a secret is in the log:\n%s", out)
			}
			if !strings.Contains(out, "[redacted]") || !strings.Contains(out, "7") || name == "JSON" && !strings.Contains(out, "a cycle") {
				t.Errorf("the log is\n%s", out)
			}
		})
	}
}

// TestPanicLog checks that the log of a panic has its value and stack, without secrets.
func TestPanicLog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		panic([]byte("with " + req.Data["credentials"].(map[string]any)["key"].(string)))
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
	if got := b.String(); strings.Contains(got, "stack=") || !strings.Contains(got, "the plugin gave up its response") {
		t.Errorf("the log is\n%s", got)
	}
}
