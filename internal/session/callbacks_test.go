package session

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// fakeHost is the host at the other end of a server's lines.
type fakeHost struct {
	tb    testing.TB
	in    *io.PipeWriter
	out   chan []byte // lines
	ended chan error  // by Lines
}

// invocation is a call back into Dify on the wire.
type invocation struct {
	Event   string
	Session string `json:"session_id"`
	Data    struct {
		Type string
		Data struct {
			Type    string
			ID      string `json:"backwards_request_id"`
			Request json.RawMessage
		}
	}
}

// serveHost runs a server on a fake host until the test ends.
func serveHost(tb testing.TB, s *Server, t Transport) *fakeHost {
	tb.Helper()
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	h := &fakeHost{tb, stdin, make(chan []byte, 10_000), make(chan error, 1)}
	go func() {
		defer close(h.out)
		for lines := bufio.NewReader(stdout); ; {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			h.out <- line
		}
	}()
	go func() {
		err := s.Lines(context.WithoutCancel(tb.Context()), t, in, out)
		out.Close()
		h.ended <- err
	}()
	tb.Cleanup(func() {
		h.in.Close()
		if err := <-h.ended; !errors.Is(err, io.EOF) {
			tb.Errorf("the server ends with %v", err)
		}
	})
	return h
}

// send sends lines.
func (h *fakeHost) send(lines ...string) {
	h.tb.Helper()
	for _, l := range lines {
		if _, err := io.WriteString(h.in, l+"\n"); err != nil {
			h.tb.Error(err)
		}
	}
}

// next returns the next message that is not a heartbeat: that of a call, or what messages makes of it.
func (h *fakeHost) next() (*invocation, string) {
	h.tb.Helper()
	for line := range h.out {
		var m invocation
		if err := json.Unmarshal(line, &m); err != nil {
			h.tb.Errorf("%s: %v", line, err)
		}
		switch {
		case m.Event != "session":
		case m.Data.Type == "invoke":
			return &m, ""
		case m.Data.Type == typeEnd:
			return nil, "end"
		default:
			return nil, messages(h.tb, line)[0]
		}
	}
	h.tb.Error("the server closes its output")
	return nil, "closed"
}

// call returns the next message, which is that of a call.
func (h *fakeHost) call() *invocation {
	h.tb.Helper()
	m, other := h.next()
	if m == nil {
		h.tb.Errorf("got %s, want a call", other)
		return new(invocation)
	}
	return m
}

// result returns the next message, which is that of a result or an error.
func (h *fakeHost) result() string {
	h.tb.Helper()
	m, result := h.next()
	if m != nil {
		h.tb.Errorf("there is another call of type %s", m.Data.Data.Type)
	}
	return result
}

// reply returns a line with which the host replies to a call.
func (m *invocation) reply(event, message, data string) string {
	return fmt.Sprintf(`{"session_id":%q,"conversation_id":null,"message_id":null,"app_id":null,"endpoint_id":null,"context":null,"event":"backwards_response",`+
		`"data":{"backwards_request_id":%q,"event":%q,"message":%q,"data":%s}}`, m.Session, m.Data.Data.ID, event, message, data)
}

func (m *invocation) end() string { return m.reply("end", "", "null") }

// collect makes a call, and returns what comes of it.
func collect(ctx context.Context, typ string, request any) (list []string, err error) {
	replies, err := callback.FromContext(ctx).Invoke(ctx, typ, request)
	if err != nil {
		return nil, err
	}
	defer replies.Close()
	for {
		data, err := replies.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, string(data))
	}
}

// asking returns code that makes a call and returns what comes of it.
func asking(ctx context.Context, _ *runtime.Request) (any, error) {
	list, err := collect(ctx, "storage", map[string]any{"opt": "get", "key": "<k>"})
	result := map[string]any{"got": strings.Join(list, " ")}
	if err != nil {
		result["error"] = fmt.Sprintf("%T: %v", err, err)
	}
	return result, nil
}

// TestReplies checks what becomes of what a host may answer.
func TestReplies(t *testing.T) {
	t.Parallel()
	const one, two = `{"data":"6869"}`, `{"data":"é\u0000"}`
	const malformed = "*errors.errorString: the reply of Dify to a call of type storage is malformed"
	for name, test := range map[string]struct {
		replies     func(m *invocation) []string
		got, reason string
	}{
		"one":  {func(m *invocation) []string { return []string{m.reply("response", "struct", one), m.end()} }, one, ""},
		"none": {func(m *invocation) []string { return []string{m.end()} }, "", ""},
		"a stream": {func(m *invocation) []string {
			return []string{m.reply("response", "stream", one), m.reply("response", "stream", two), m.end()}
		}, one + " " + two, ""},
		"one of more": {func(m *invocation) []string {
			return []string{m.reply("response", "struct", one), m.reply("response", "struct", two), m.end()}
		}, one, ""},
		"a refusal": {func(m *invocation) []string { return []string{m.reply("error", "no\n"+secret, "null"), m.end()} }, "", "*callback.Error: no [redacted]"},
		"an error after some": {func(m *invocation) []string {
			return []string{m.reply("response", "stream", one), m.reply("error", strings.Repeat("é", 2000), "null"), m.reply("response", "stream", two), m.end()}
		}, one, "*callback.Error: " + strings.Repeat("é", maxMessage) + "…"},
		"an error without a text": {func(m *invocation) []string {
			return []string{strings.Replace(m.reply("error", "x", "null"), `"message":"x",`, "", 1)}
		}, "", "*callback.Error: Dify does not say why a call of type storage has failed"},
		"of others": {func(m *invocation) []string {
			id, session := *m, *m
			id.Data.Data.ID += "0"
			session.Session = "s2"
			return []string{id.reply("error", "no", "null"), session.reply("response", "stream", two), session.end(), m.reply("response", "stream", one), m.end()}
		}, one, ""},
		"in another order": {func(m *invocation) []string {
			return []string{
				fmt.Sprintf("\t{ \"data\" : {\"data\":%s, \"x\":[{\"]\\\"\":1.5}, null] ,\"event\":\"response\",\"backwards_request_id\":%q} , \"event\" : \"backwards_response\",\"session_id\":\"\\u0073\"}\r", one, m.Data.Data.ID), m.end(),
			}
		}, one, ""},
		"another event": {func(m *invocation) []string {
			return []string{m.reply("progress", "", "null"), m.reply("response", "stream", one), m.end()}
		}, one, ""},
		"no event": {func(m *invocation) []string { return []string{strings.Replace(m.end(), `"event":"end",`, "", 1)} }, "", malformed},
		"no data":  {func(m *invocation) []string { return []string{m.reply("response", "struct", "null")} }, "", malformed},
		"a list":   {func(m *invocation) []string { return []string{m.reply("response", "struct", "[]")} }, "", malformed},
		"no JSON": {func(m *invocation) []string {
			return []string{m.reply("response", "stream", one), m.reply("response", "stream", "{x}")}
		}, one, malformed},
		"cut off": {func(m *invocation) []string {
			return []string{strings.TrimSuffix(m.reply("response", "struct", one), `"}}}`)}
		}, "", malformed},
		"a long one": {func(m *invocation) []string {
			return []string{m.reply("response", "stream", `{"data":"`+strings.Repeat("x", 1<<20)+`"}`), m.end()}
		}, `{"data":"` + strings.Repeat("x", 1<<20) + `"}`, ""},
		"too long": {func(m *invocation) []string {
			return []string{m.reply("response", "stream", one), m.reply("response", "stream", `{"data":"`+strings.Repeat("x", maxLine)+`"}`), m.end()}
		}, "", "*errors.errorString: " + callback.ErrOverflow.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got, reason := askOnce(t, test.replies)
				if name == "too long" && got == one { // it was read before
					got = ""
				}
				if diff := cmp.Diff([]string{test.got, test.reason}, []string{got, reason}); diff != "" {
					t.Errorf("(-want +got):\n%.1000s", diff)
				}
				if waited := time.Since(start); waited > 0 {
					t.Errorf("it takes %v", waited)
				}
			})
		})
	}
}

// askOnce runs a request whose code makes one call, which the host answers, and returns what comes of
// that call.
func askOnce(t *testing.T, replies func(m *invocation) []string) (got, reason string) {
	t.Helper()
	h := serveHost(t, newTestServer(t, plugin(asking)), TCP)
	h.send(string(line("s", nil)))
	m := h.call()
	if want := `{"key":"<k>","opt":"get"}`; m.Session != "s" || m.Data.Data.Type != "storage" || string(m.Data.Data.Request) != want {
		t.Errorf("the host gets %+v", m)
	}
	h.send(replies(m)...)
	var result struct{ Got, Error string }
	if err := json.Unmarshal([]byte(h.result()), &result); err != nil {
		t.Error(err)
	}
	if end := h.result(); end != "end" {
		t.Errorf("got %s after the result", end)
	}
	return result.Got, result.Error
}

// TestCallEnds checks why a call ends that gets no replies.
func TestCallEnds(t *testing.T) {
	t.Parallel()
	errMine := errors.New("mine")
	for name, test := range map[string]struct {
		transport Transport
		context   func(ctx context.Context) (context.Context, context.CancelFunc)
		host      func(h *fakeHost, m *invocation)
		want      error
		after     time.Duration
	}{
		"nothing comes": {Stdio, nil, nil, callback.ErrTimeout, 250 * time.Second},
		"nothing more comes": {Stdio, nil, func(h *fakeHost, m *invocation) {
			time.Sleep(200 * time.Second) // fake
			h.send(m.reply("response", "stream", "{}"))
		}, callback.ErrTimeout, 450 * time.Second},
		"its context": {Stdio, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, time.Second, errMine)
		}, nil, errMine, time.Second},
		"the deadline": {Stdio, nil, func(h *fakeHost, m *invocation) {
			for range 10 {
				time.Sleep(100 * time.Second) // fake
				h.send(m.reply("response", "stream", "{}"))
			}
		}, errDeadline, 500 * time.Second},
		"the deadline of a detached context": {Stdio, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithCancel(context.WithoutCancel(ctx))
		}, func(h *fakeHost, m *invocation) {
			for range 10 {
				time.Sleep(100 * time.Second) // fake
				h.send(m.reply("response", "stream", "{}"))
			}
		}, callback.ErrEnded, 500 * time.Second},
		"the end of the input":      {Stdio, nil, func(h *fakeHost, _ *invocation) { h.in.Close() }, errHostGone, 0},
		"the end of the connection": {TCP, nil, func(h *fakeHost, _ *invocation) { h.in.Close() }, errHostGone, 0},
		"that, with a detached context": {TCP, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(ctx), func() {}
		}, func(h *fakeHost, _ *invocation) { h.in.Close() }, errHostGone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got error
				returned := make(chan time.Time, 1)
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					if test.context != nil {
						var cancel context.CancelFunc
						ctx, cancel = test.context(ctx)
						defer cancel()
					}
					_, got = collect(ctx, "storage", map[string]any{})
					returned <- time.Now()
					return nil, nil
				}, WithRequestTimeout(500*time.Second)))
				h := serveHost(t, s, test.transport)
				h.send(string(line("s", nil)))
				start := time.Now()
				m := h.call()
				if test.host != nil {
					go test.host(h, m)
				}
				if after := (<-returned).Sub(start); after != test.after || !errors.Is(got, test.want) {
					t.Errorf("got %v after %v, want %v after %v", got, after, test.want, test.after)
				}
				time.Sleep(time.Hour) // fake, for the host
				if n := s.queued.Load(); n != 0 {
					t.Errorf("%d bytes are queued", n)
				}
			})
		})
	}
}
