package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// TestBurst checks that 3,000 replies to one call arrive in order, and that nothing blocks the reader
// while nobody reads them.
func TestBurst(t *testing.T) {
	t.Parallel()
	const many = 3000
	read := make(chan struct{})
	s := newTestServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
		if req.Data["other"] != nil {
			return map[string]any{"other": true}, nil
		}
		replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
		if err != nil {
			return nil, err
		}
		defer replies.Close()
		<-read
		for i := range many {
			data, err := replies.Next()
			if want := fmt.Sprintf(`{"n":%d}`, i); err != nil || string(data) != want {
				return nil, fmt.Errorf("got %s, %w, want %s", data, err, want)
			}
		}
		_, err = replies.Next()
		return map[string]any{"end": fmt.Sprint(err)}, nil
	}))
	h := serveHost(t, s, TCP)
	h.send(string(line("s", nil)))
	m := h.call()
	for i := range many {
		h.send(m.reply("response", "stream", fmt.Sprintf(`{"n":%d}`, i)))
	}
	h.send(m.end(), string(line("t", map[string]any{"other": 1})))
	if got := []string{h.result(), h.result()}; !cmp.Equal(got, []string{`{"other":true}`, "end"}) {
		t.Errorf("meanwhile, got %s", got)
	}
	close(read)
	if got := h.result(); got != `{"end":"EOF"}` {
		t.Errorf("got %s", got)
	}
	if n := s.queued.Load(); n != 0 {
		t.Errorf("%d bytes are queued", n)
	}
}

// TestManyCalls checks that each of 1,000 calls at once gets its own replies, in order.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	const many = 1000
	s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		errs := make([]error, many)
		var wait sync.WaitGroup
		for i := range many {
			wait.Go(func() {
				n := strconv.Itoa(i)
				got, err := collect(ctx, "tool", map[string]any{"n": i})
				if diff := cmp.Diff([]string{`{"n":` + n + `,"i":0}`, `{"n":` + n + `,"i":1}`, `{"n":` + n + `,"i":2}`}, got); err != nil || diff != "" {
					errs[i] = fmt.Errorf("%w, (-want +got):%s", err, diff)
				}
			})
		}
		wait.Wait()
		return map[string]any{}, errors.Join(errs...)
	}))
	h := serveHost(t, s, TCP)
	h.send(string(line("s", nil)))
	ids := make(map[string]bool)
	var calls []*invocation
	for range many {
		m := h.call()
		ids[m.Data.Data.ID] = true
		calls = append(calls, m)
	}
	if len(ids) != many {
		t.Errorf("there are %d IDs", len(ids))
	}
	for i := range 3 {
		for _, m := range calls {
			h.send(m.reply("response", "stream", strings.TrimSuffix(string(m.Data.Data.Request), "}")+`,"i":`+strconv.Itoa(i)+"}"))
		}
	}
	for _, m := range calls {
		h.send(m.end())
	}
	if got := h.result(); got != "{}" {
		t.Errorf("got %s", got)
	}
}

// TestOverflow checks that a call whose replies are not read fails alone, and that what it has queued
// is dropped.
func TestOverflow(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	big := `{"x":"` + strings.Repeat("x", size) + `"}`
	for name, test := range map[string]struct {
		used    int // of the memory for all calls
		replies int
		want    error
	}{
		"as much as fits":      {0, 31, io.EOF},
		"too much for a call":  {0, 32, callback.ErrOverflow},
		"too much for all":     {maxQueuedAll - 10*size, 10, callback.ErrOverflow},
		"many that are small":  {maxQueuedAll - 1000*queuedSize, 999, callback.ErrOverflow},
		"so many fit for them": {maxQueuedAll - 1001*(queuedSize+2), 1000, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := big
			if strings.Contains(name, "m") && test.replies > 100 {
				data = "{}"
			}
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					slow, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
					if err != nil {
						return nil, err
					}
					other, err := collect(ctx, "storage", map[string]any{})
					n := 0
					var end error
					for ; end == nil; n++ {
						_, end = slow.Next()
					}
					if errors.Is(end, io.EOF) && n-1 != test.replies || errors.Is(end, callback.ErrOverflow) && n != 1 {
						t.Errorf("%d replies come", n-1)
					}
					return map[string]any{"end": end.Error(), "other": other}, err
				}))
				s.queued.Add(int64(test.used))
				h := serveHost(t, s, TCP)
				h.send(string(line("s", nil)))
				slow, other := h.call(), h.call()
				for range test.replies {
					h.send(slow.reply("response", "stream", data))
				}
				h.send(slow.end(), other.reply("response", "struct", "{}"), other.end())
				if got, want := h.result(), fmt.Sprintf(`{"end":%q,"other":["{}"]}`, test.want); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if n := s.queued.Load(); n != int64(test.used) {
					t.Errorf("%d bytes are queued, want %d", n, test.used)
				}
			})
		})
	}
}

// TestTransact checks calls that are requests of their own.
func TestTransact(t *testing.T) {
	t.Parallel()
	errNoHost := errors.New("no host")
	for name, test := range map[string]struct {
		host func(ctx context.Context, m *invocation) (string, error) // the lines, after which nothing comes until the context is done
		cut  bool                                                     // unless the response ends then
		want string
		took time.Duration
	}{
		"a reply": {func(_ context.Context, m *invocation) (string, error) {
			return "\n\n" + m.reply("response", "struct", `{"a":1}`) + "\n\n" + m.end() + "\n\n", nil
		}, true, `{"got":"{\"a\":1}"}`, 0},
		"after a reply, nothing": {func(_ context.Context, m *invocation) (string, error) {
			return m.reply("response", "struct", `{"a":1}`) + "\n", nil
		},
			false, `{"error":"*errors.errorString: ` + callback.ErrTimeout.Error() + `","got":"{\"a\":1}"}`, 250 * time.Second},
		"after the end, nothing": {func(_ context.Context, m *invocation) (string, error) { return m.end() + "\n", nil }, false, `{"got":""}`, 0},
		"of another": {func(_ context.Context, m *invocation) (string, error) {
			other := *m
			other.Data.Data.ID += "0"
			return other.end() + "\nno JSON\n" + m.reply("error", "no", "null") + "\n\n", nil
		}, true, `{"error":"*callback.Error: no","got":""}`, 0},
		"cut":       {func(context.Context, *invocation) (string, error) { return "", nil }, true, `{"error":"*errors.errorString: ` + errCut.Error() + `","got":""}`, 0},
		"no host":   {func(context.Context, *invocation) (string, error) { return "", errNoHost }, true, `{"error":"*errors.errorString: no host","got":""}`, 0},
		"no answer": {func(ctx context.Context, _ *invocation) (string, error) { <-ctx.Done(); return "", ctx.Err() }, true, `{"error":"*errors.errorString: ` + callback.ErrTimeout.Error() + `","got":""}`, 250 * time.Second},
		"a huge one": {func(_ context.Context, m *invocation) (string, error) {
			return m.reply("response", "stream", `{"x":"`+strings.Repeat("x", maxLine)+`"}`), nil
		}, true, `{"error":"*errors.errorString: ` + callback.ErrOverflow.Error() + `","got":""}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(asking, WithRequestTimeout(time.Hour)))
				s.cfg.SendCallback = func(ctx context.Context, session string, line []byte) (io.ReadCloser, error) {
					m := new(invocation)
					if err := json.Unmarshal(line, m); err != nil || m.Session != session || session != "s" {
						t.Errorf("the host gets %s, %v", line, err)
					}
					lines, err := test.host(ctx, m)
					if err != nil {
						return nil, err
					}
					if test.cut {
						return io.NopCloser(strings.NewReader(lines)), nil
					}
					return io.NopCloser(io.MultiReader(strings.NewReader(lines), waitReader{ctx})), nil
				}
				start := time.Now()
				var b bytes.Buffer
				s.Answer(s.Context(), HTTP, line("s", nil), "", &b)
				if got := strings.Join(messages(t, b.Bytes()), " "); got != test.want || time.Since(start) != test.took {
					t.Errorf("got %.300s after %v\nwant %s after %v", got, time.Since(start), test.want, test.took)
				}
				time.Sleep(lingerTime) // fake; then, no goroutine is left
				synctest.Wait()
				if n := s.queued.Load(); n != 0 {
					t.Errorf("%d bytes are queued", n)
				}
			})
		})
	}
}

// waitReader reads nothing until a context is done.
type waitReader struct{ ctx context.Context }

func (r waitReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// FuzzReplies sends arbitrary lines while a call waits, with the ID of that call in place of $. The call
// must end at the latest with the request, which is served as ever.
func FuzzReplies(f *testing.F) {
	m := &invocation{Session: "s"}
	m.Data.Data.ID = "$"
	for _, l := range []string{
		m.reply("response", "struct", "{}"), m.reply("response", "stream", `{"a":[1,"]"]}`) + "\n" + m.end(), m.reply("error", `\u00e9\`, "null"), m.end(),
		m.reply("response", "struct", "{}")[:150], m.reply("response", "struct", `{"a":`), m.reply("x", "", `"`),
		`{"event":"backwards_response","data":[{"backwards_request_id":"$"}],"session_id":"s"}`, `{"event":"backwards_response"`, `{"event":"backwards_response","data":`,
		`{"data":{"backwards_request_id":"$","event":"end"},"session_id":"\u0073","event":"backwards_response"}`, "[]", "{}", "{\"\\", `{"a":}`, `{"a"`, `{,"event"`,
	} {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		synctest.Test(t, func(t *testing.T) {
			var first context.Context
			s := newTestServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
				first = ctx
				return asking(ctx, req)
			}))
			h := serveHost(t, s, TCP)
			h.send(string(line("s", nil)))
			id := h.call().Data.Data.ID
			h.send(strings.ReplaceAll(lines, "$", id))
			time.Sleep(time.Hour) // fake
			if n, open := s.queued.Load(), openCallbacks(first); n != 0 || open != 0 || s.pending.count() != 0 {
				t.Errorf("%d bytes are queued, %d calls open, %d requests pending", n, open, s.pending.count())
			}
			h.send(string(line("other", nil)))
			for m, _ := h.next(); m == nil || m.Session != "other"; m, _ = h.next() {
				if t.Failed() {
					return
				}
			}
		})
	})
}

// TestWatchedCalls checks that each of several calls has its own time, that the watch ends with the last
// call, and with the connection.
func TestWatchedCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cs *callbacks
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			cs = callbacksIn(ctx)
			ended := make([]string, 3)
			start := time.Now()
			var wait sync.WaitGroup
			for i := range ended {
				wait.Go(func() {
					_, err := collect(ctx, "llm", map[string]any{})
					ended[i] = fmt.Sprint(time.Since(start), " ", err)
				})
				time.Sleep(100 * time.Second) // fake
			}
			wait.Wait()
			return map[string]any{"ended": ended}, nil
		}, WithRequestTimeout(time.Hour)))
		h := serveHost(t, s, TCP)
		h.send(string(line("s", nil)))
		h.call()
		second := h.call()
		h.send(second.reply("response", "stream", "{}")) // at 100 s, which is when it was made
		h.call()
		time.Sleep(40 * time.Second) // fake
		h.send(second.reply("response", "stream", "{}"))
		late := callback.ErrTimeout.Error()
		if got, want := h.result(), fmt.Sprintf(`{"ended":["4m10s %s","8m10s %s","7m30s %s"]}`, late, late, late); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := h.result(); got != "end" {
			t.Errorf("got %s after the result", got)
		}
		if watched(cs) {
			t.Error("calls are watched although there are none")
		}
		h.send(string(line("t", nil)))
		h.call()
		if !watched(cs) {
			t.Error("a call is not watched")
		}
		cs.hangUp(errHostGone)
		if cs.expire(s); watched(cs) { // it may have been on its way
			t.Error("calls are watched although the connection has ended")
		}
		s.Close()
		time.Sleep(time.Hour)
	})
}

func watched(cs *callbacks) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.watch != nil
}
