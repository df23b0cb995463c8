package host_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
)

// caller makes calls back, as a plugin that has one request.
type caller func(data string) (replies []string)

// invocation is a line with a call back.
func invocation(session, data string) string {
	return fmt.Sprintf(`{"event":"session","session_id":%q,"data":{"type":"invoke","data":%s}}`+"\n", session, data)
}

// ended reports whether a reply is the last, and returns it in short.
func ended(line []byte) (reply string, last bool) {
	var m struct {
		Event, Session string
		Data           struct {
			Event, Message string
			Data           json.RawMessage
		}
	}
	if err := json.Unmarshal(line, &m); err != nil || m.Event != "backwards_response" {
		return string(line), false
	}
	if m.Data.Event == "end" {
		return "end", true
	}
	return strings.TrimSuffix(fmt.Sprint(m.Data.Event, " ", m.Data.Message, " ", string(m.Data.Data)), " null"), false
}

// overPipes runs a plugin that makes calls back while it has a request of a type.
func overPipes(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string) {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	plugin.Answer(handler)
	go func() {
		in := bufio.NewReader(inR)
		_, _ = in.ReadString('\n')
		use(func(data string) (replies []string) {
			_, _ = io.WriteString(outW, invocation("session-1", data))
			for {
				line, err := in.ReadBytes('\n')
				if err != nil {
					return append(replies, err.Error())
				}
				reply, last := ended(line)
				if replies = append(replies, reply); last {
					return replies
				}
			}
		})
		fmt.Fprintln(outW, `{"event":"session","session_id":"session-1","data":{"type":"end","data":{}}}`)
		_, _ = io.Copy(io.Discard, in)
		_ = outW.Close()
	}()
	response, err := plugin.Call(t.Context(), typ, "x", nil)
	if err != nil {
		t.Error(err)
	}
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	return response, plugin.Faults()
}

// overHTTP is overPipes in serverless mode.
func overHTTP(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string) {
	t.Helper()
	daemon, err := host.ListenDaemon(handler)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(daemon.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		id := r.Header.Get("Dify-Plugin-Session-ID")
		use(func(data string) []string { return transact(t, daemon, invocation(id, data)) })
		fmt.Fprintf(w, `{"event":"session","session_id":%q,"data":{"type":"end","data":{}}}`+"\n", id)
	}))
	t.Cleanup(server.Close)
	plugin := daemon.Host(strings.TrimPrefix(server.URL, "http://"))
	t.Cleanup(plugin.Close)
	response, err := plugin.Call(t.Context(), typ, "x", nil)
	if err != nil {
		t.Error(err)
	}
	return response, plugin.Faults()
}

// transact posts a line.
func transact(t *testing.T, daemon *host.Daemon, line string) (replies []string) {
	t.Helper()
	resp, err := http.Post(daemon.URL()+"/backwards-invocation/transaction", "application/json", strings.NewReader(line))
	if err != nil {
		return []string{err.Error()}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		return []string{fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return []string{err.Error()}
	}
	for line := range bytes.SplitSeq(body, []byte("\n\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			reply, _ := ended(line)
			replies = append(replies, reply)
		}
	}
	return replies
}

type transport = func(t *testing.T, typ string, handler host.Handler, use func(caller)) (*host.Response, []string)

var transports = map[string]transport{"pipes": overPipes, "HTTP": overHTTP}

// all permits everything.
func all(t *testing.T) host.Permission {
	t.Helper()
	p, err := host.ReadPermission([]byte(`{"resource":{"permission":{"tool":{"enabled":true},"node":{"enabled":true},"app":{"enabled":true},
		"model":{"enabled":true,"llm":true,"text_embedding":true,"rerank":true,"tts":true,"speech2text":true,"moderation":true},
		"storage":{"enabled":true,"size":1024}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// call returns the data of a call back.
func call(id int, typ, request string) string {
	return fmt.Sprintf(`{"type":%q,"backwards_request_id":"%d","request":%s}`, typ, id, request)
}

// TestCallsOfModels checks that sessions of models can make no calls.
func TestCallsOfModels(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over(t, "model", host.NewDify(all(t)).Handle, func(c caller) {
				want := []string{"error you can not invoke dify from model", "end"}
				if diff := cmp.Diff(want, c(call(1, "storage", valid["storage"]))); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestBadCalls checks what a host does with calls that are not valid: over pipes, it ends the
// session.
func TestBadCalls(t *testing.T) {
	t.Parallel()
	handler := host.NewDify(all(t)).Handle
	for data, want := range map[string]string{
		`5`:                        "unmarshal invoke request failed",
		`{"request":{}}`:           "invoke request missing type",
		`{"type":"x"}`:             "invoke request missing request_id",
		call(1, "storage", `"no"`): "invoke request missing request",
		`{"type":"x","backwards_request_id":"1"}`: "invoke request missing request",
	} {
		response, faults := overPipes(t, "tool", handler, func(c caller) { c(data) })
		wantErr := &host.Error{Type: "invoke_dify_error", Message: "invoke dify failed: " + want}
		if diff := cmp.Diff(wantErr, response.Err); diff != "" || len(faults) == 0 || faults[0] != want+", for which the host ends the session" {
			t.Errorf("%s: faults %q, error (-want +got):\n%s", data, faults, diff)
		}
		_, faults = overHTTP(t, "tool", handler, func(c caller) {
			if got := c(data); len(got) != 1 || got[0] != "500 failed to parse request" {
				t.Errorf("%s: got %q", data, got)
			}
		})
		if diff := cmp.Diff([]string{want + ", which the host refuses"}, faults); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", data, diff)
		}
	}
	_, faults := overPipes(t, "tool", handler, func(c caller) {
		c(call(1, "storage", valid["storage"]))
		c(call(1, "storage", valid["storage"]))
	})
	if diff := cmp.Diff([]string{`two calls back into Dify have the backwards_request_id "1"`}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// TestDaemon checks what is particular to serverless mode.
func TestDaemon(t *testing.T) {
	t.Parallel()
	daemon, err := host.ListenDaemon(func(*host.Callback) {})
	if err != nil {
		t.Fatal(err)
	}
	got := transact(t, daemon, invocation("gone", call(1, "storage", valid["storage"])))
	want := []string{`400 {"backwards_request_id":"1","data":{"args":null,"error_type":"SessionNotFound","message":"failed to get session info from cache"},` +
		`"event":"error","message":"failed to get session info from cache"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var wait sync.WaitGroup
	for i, body := range []string{"garbage", invocation("s", `"`+strings.Repeat("x", host.MaxTransaction)+`"`)} {
		wait.Go(func() {
			if got := transact(t, daemon, body); len(got) > 0 && !strings.Contains(got[0], "EOF") && !strings.Contains(got[0], "connection reset") {
				t.Errorf("got %q", got)
			}
		})
		for len(daemon.Faults()) <= i {
			goruntime.Gosched()
		}
	}
	daemon.Close() // the host does not answer
	wait.Wait()
}

// TestGoneCaller checks that calls back of a request whose caller has gone fail if they run, and
// else get no reply.
func TestGoneCaller(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	dify := host.NewDify(all(t))
	dify.Program("tool", func(cb *host.Callback) error {
		close(running)
		<-cb.Context().Done()
		return cb.Context().Err()
	})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	plugin.Answer(dify.Handle)
	ctx, cancel := context.WithCancel(t.Context())
	wait, err := startRequest(plugin, inR)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(1, "tool", valid["tool"])))
	<-running
	cancel()
	if _, err := wait(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	in := bufio.NewReader(inR)
	for _, want := range []string{"error read tool response failed: request failed: context canceled", "end"} {
		line, _ := in.ReadBytes('\n')
		if got, _ := ended(line); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(2, "storage", valid["storage"])))
	_ = outW.Close()
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	if n := len(dify.Calls()); n != 1 || len(plugin.Faults()) > 0 {
		t.Errorf("%d calls, faults %q", n, plugin.Faults())
	}
}

// startRequest starts a request and reads its line.
func startRequest(plugin *host.Local, in io.Reader) (wait func(context.Context) (*host.Response, error), err error) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		one := make([]byte, 1)
		for one[0] != '\n' {
			if _, err := in.Read(one); err != nil {
				return
			}
		}
	}()
	wait, err = plugin.Start(host.Request{Type: "tool", Action: "x"})
	<-read
	return wait, err
}

// TestOverride checks that a handler can send what it likes, and that a host without one records
// calls as faults.
func TestOverride(t *testing.T) {
	t.Parallel()
	for name, over := range transports {
		dify := host.NewDify(host.Permission{})
		dify.Override("", func(cb *host.Callback) {
			cb.Raw([]byte("garbage\n"))
			cb.Stream(1)
			cb.Error("x")
			cb.End()
		})
		over(t, "tool", dify.Handle, func(c caller) {
			want := []string{"garbage", "response stream 1", "error x", "end"}
			got := c(call(1, "any", `{}`))
			if got[0] = strings.TrimSpace(got[0]); cmp.Diff(want, got) != "" {
				t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, got))
			}
		})
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	plugin := host.NewLocal(inW, outR)
	if _, err := startRequest(plugin, inR); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(outW, invocation("session-1", call(1, "tool", valid["tool"])))
	_ = outW.Close()
	if err := plugin.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"a call back into Dify of type tool, which this host does not answer"}, plugin.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// TestHangingHandler checks that closing a host does not wait forever for a handler.
func TestHangingHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inR, inW := io.Pipe()
		outR, outW := io.Pipe()
		plugin := host.NewLocal(inW, outR)
		leave := make(chan struct{})
		plugin.Answer(func(*host.Callback) { <-leave })
		if _, err := startRequest(plugin, inR); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(outW, invocation("session-1", call(1, "tool", `{}`)))
		_ = outW.Close()
		if err := plugin.Close(); err == nil || err.Error() != "what answers a call back into Dify does not return, although its context is done" {
			t.Errorf("got %v", err)
		}
		close(leave)
	})
}
