package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestToolCredential checks what is read from the context of the envelope, and that what is not as
// expected there does no harm.
func TestToolCredential(t *testing.T) {
	t.Parallel()
	for envelope, want := range map[string]string{
		`{"credentials":{"tool_credentials":{"org/p/github":"id-1","x":5}}}`: "id-1",
		`{"credentials":{"tool_credentials":{"org/p/github":5}}}`:            "",
		`{"credentials":{"tool_credentials":null}}`:                          "",
		`{"credentials":{"tool_credentials":["org/p/github"]}}`:              "",
		`{"credentials":"x"}`: "", `{}`: "", `[]`: "", `"x"`: "", `null`: "", `1.5`: "",
	} {
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			return map[string]any{"id": callback.FromContext(ctx).ToolCredential("org/p/github")}, nil
		}))
		in := bytes.Replace(line("s", nil), []byte("{"), []byte(`{"context":`+envelope+`,`), 1)
		if got := answer(t, s, in); !cmp.Equal(got, []string{`{"id":"` + want + `"}`}) {
			t.Errorf("%s: got %s, want %q", envelope, got, want)
		}
	}
}

// TestNoCalls checks calls that are not sent.
func TestNoCalls(t *testing.T) {
	t.Parallel()
	huge := map[string]any{"value": strings.Repeat("<", maxHostLine)}
	for name, test := range map[string]struct {
		transport Transport
		typ       string // of the request
		request   any
		want      string
	}{
		"of a model":            {Stdio, typeModel, map[string]any{}, callback.ErrModel.Error()},
		"too large":             {Stdio, "test", huge, "a call back into Dify of 5243045 bytes is too large: this transport carries 5242879"},
		"too large over HTTP":   {HTTP, "test", map[string]any{"value": strings.Repeat("x", maxTransaction)}, "a call back into Dify of 6291621 bytes is too large: this transport carries 6291456"},
		"not an object":         {Stdio, "test", "text", "a call of type storage is not a JSON object"},
		"nothing":               {Stdio, "test", nil, "a call of type storage is not a JSON object"},
		"not JSON":              {Stdio, "test", map[string]any{"f": func() {}}, "cannot encode a call of type storage as JSON: json: unsupported type: func()"},
		"over HTTP without one": {HTTP, "test", map[string]any{}, errNoTransact.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewPlugin(Declaration{Manifest: "{}"}, nil, &adapter{"test", "box", []runtime.Route{{Type: test.typ, Action: "do", ErrorType: errorTest,
				Serve: func(ctx context.Context, _ *runtime.Request) (any, error) {
					_, err := collect(ctx, "storage", test.request)
					return nil, err
				}}}})
			s := newTestServer(t, p)
			s.callbackID = strings.Repeat("i", 26) + "-"
			var b bytes.Buffer
			s.Answer(s.Context(), test.transport, bytes.Replace(line("s", nil), []byte(`"type":"test"`), []byte(`"type":"`+test.typ+`"`), 1), "", &b)
			if got, want := messages(t, b.Bytes()), []string{string(errorTest) + ": " + test.want}; !cmp.Equal(got, want) {
				t.Errorf("got %.300s, want %s", got, want)
			}
		})
	}
}

// TestCallAfterEnd checks that nothing is written after the end of a request, and that the calls end
// which code has left open; they are reported.
func TestCallAfterEnd(t *testing.T) {
	t.Parallel()
	for name, interceptors := range map[string][]Option{
		"plain": nil,
		"with an interceptor": {WithInterceptor(func(ctx context.Context, _ runtime.CallInfo, next func(context.Context) error) error {
			return next(ctx)
		})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { testCallAfterEnd(t, interceptors) })
		})
	}
}

func testCallAfterEnd(t *testing.T, options []Option) {
	t.Helper()
	var logs bytes.Buffer
	var left []callback.Replies
	var ctx context.Context
	p := plugin(func(c context.Context, _ *runtime.Request) (any, error) {
		ctx = c
		for _, typ := range []string{"storage", "llm", "closed", "answered"} {
			r, err := callback.FromContext(ctx).Invoke(context.WithoutCancel(ctx), typ, map[string]any{})
			if err != nil {
				return nil, err
			}
			if typ == "closed" {
				r.Close()
			}
			left = append(left, r)
		}
		_, err := left[3].Next()
		if _, end := left[3].Next(); !errors.Is(end, io.EOF) {
			t.Errorf("got %v", end)
		}
		return map[string]any{}, err
	}, append(options, WithLogger(slog.New(slog.NewTextHandler(&logs, nil))))...)
	s := newTestServer(t, p)
	var hanging string
	s.cfg.OpenCallbacks = func(action string, types []string) { hanging += fmt.Sprint(action, types) }
	h := serveHost(t, s, TCP)
	h.send(string(line("s", nil)))
	var calls []*invocation
	for range 4 {
		calls = append(calls, h.call())
	}
	h.send(calls[2].reply("response", "stream", "{}"), calls[3].reply("response", "stream", "{}"), calls[3].end())
	if got := []string{h.result(), h.result()}; !cmp.Equal(got, []string{"{}", "end"}) {
		t.Errorf("got %s", got)
	}
	h.send(calls[0].reply("response", "stream", "{}"), calls[0].end()) // too late
	synctest.Wait()
	for i, want := range []error{callback.ErrEnded, callback.ErrEnded, errClosed, io.EOF} {
		if _, err := left[i].Next(); !errors.Is(err, want) {
			t.Errorf("call %d: got %v, want %v", i, err, want)
		}
		left[i].Close()
		left[i].Close()
	}
	for _, c := range []context.Context{ctx, context.WithoutCancel(ctx)} {
		if _, err := callback.FromContext(ctx).Invoke(c, "storage", map[string]any{}); !errors.Is(err, callback.ErrEnded) || err.Error() != callback.ErrEnded.Error() {
			t.Errorf("after the end: got %v", err)
		}
	}
	if want := "test/do[llm storage]"; hanging != want {
		t.Errorf("reported are %s, want %s", hanging, want)
	}
	if want := `msg="the code of a request returned while calls back into Dify were open" request=s action=test/do types="[llm storage]"`; strings.Count(logs.String(), want) != 1 {
		t.Errorf("the log is\n%s", logs.String())
	}
	if n, open := s.queued.Load(), openCallbacks(ctx); n != 0 || open != 0 {
		t.Errorf("%d bytes are queued, %d calls open", n, open)
	}
}

// callbacksIn returns the callbacks of the connection of a request.
func callbacksIn(ctx context.Context) *callbacks {
	c, _ := callback.FromContext(ctx).(caller)
	return &c.session.out.callbacks
}

// openCallbacks returns how many callbacks are open on the connection of a request.
func openCallbacks(ctx context.Context) int {
	cs := callbacksIn(ctx)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.byID)
}
