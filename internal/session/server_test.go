package session

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestRequest checks what a route gets.
func TestRequest(t *testing.T) {
	t.Parallel()
	var got runtime.Request
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		got = *req
		return nil, errors.Join(req.Stream(map[string]any{"n": 1}), req.Stream(map[string]any{"n": 2}))
	}))
	const ids = `"conversation_id":"c","message_id":"m","app_id":null,"endpoint_id":"e"`
	list := answer(t, s, []byte(`{"session_id":"s",`+ids+`,"event":"request","data":{"type":"test","action":"do","user_id":"u","x":[1.5,null]}}`))
	if diff := cmp.Diff([]string{`{"n":1}`, `{"n":2}`}, list); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if want := (runtime.Call{UserID: "u", ConversationID: "c", MessageID: "m", EndpointID: "e"}); got.Call != want {
		t.Errorf("the call is %+v, want %+v", got.Call, want)
	}
	want := map[string]any{"type": "test", "action": "do", "user_id": "u", "x": []any{1.5, nil}}
	if diff := cmp.Diff(want, got.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if got.HTTP != nil {
		t.Error("there is an HTTP request")
	}
}

// TestInvalid checks the errors for messages that are not as the protocol wants them.
func TestInvalid(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) { return map[string]any{}, nil }))
	for in, want := range map[string]string{
		`{"session_id":"s","event":"request","data":[1]}`:                                          "ValidationError: the request's data is not a JSON object",
		`{"session_id":"s","event":"request","data":null}`:                                         "ValidationError: the request's data is not a JSON object",
		`{"session_id":"s","event":"request"}`:                                                     "ValidationError: the request's data is not a JSON object",
		`{"session_id":"s","event":"request","data":{"type":1,"action":"do","user_id":2}}`:         "ValidationError: type, user_id of the request have the wrong type",
		`{"session_id":"s","event":5}`:                                                             "ValidationError: a message from the host is malformed",
		`{"session_id":"s","event":"request","data":{"type":"test","action":"do","x":1e999}}`:      "ValidationError: a message from the host is malformed",
		string(line("s", map[string]any{"raw_http_request": 5})):                                   "ValidationError: raw_http_request of the request has the wrong type",
		string(line("s", map[string]any{"raw_http_request": "zz"})):                                "ValidationError: the HTTP request that Dify passed on is malformed: it is not hexadecimal",
		string(line("s", map[string]any{"raw_http_request": ""})):                                  "{}",
		`{"session_id":"s","event":"request","data":{"type":"test","action":"do","type":"other"}}`: "ValueError: this plugin does not support other/do; it supports test/do",
	} {
		if got := strings.Join(answer(t, s, []byte(in)), " + "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestHandler checks that a result that is a handler answers the HTTP request.
func TestHandler(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		if req.HTTP != nil && req.HTTP.URL.Path == "/fail" {
			return nil, errors.New("no handler for the code " + req.HTTP.URL.Query().Get("code"))
		}
		return plain(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, r.URL.Path, " ", secret)
		}), nil
	}))
	for raw, want := range map[string]string{
		"GET /pot HTTP/1.1\nHost: x\n\n":            `{"status":418,"headers":{"Content-Type":"text/plain; charset=utf-8"},"result":"` + hex.EncodeToString([]byte("/pot "+secret)) + `"}`,
		"GET /fail?code=c0de HTTP/1.1\nHost: x\n\n": "TestError: no handler for the code [redacted]",
		"": "ValidationError: the request has no raw_http_request",
	} {
		got := strings.Join(answer(t, s, line("s", map[string]any{"raw_http_request": hex.EncodeToString([]byte(raw))})), " + ")
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", raw, got, want)
		}
	}
}

// TestResultsAreNotChanged checks that results keep secrets, and that errors do not.
func TestResultsAreNotChanged(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, plugin(func(_ context.Context, req *runtime.Request) (any, error) {
		if req.Data["fail"] == true {
			return nil, errors.Join(req.Stream(map[string]any{"key": secret}), errors.New("not\n"+secret))
		}
		return map[string]any{"key": secret, "<html>": "&"}, nil
	}))
	if got, want := answer(t, s, line("s", nil)), []string{`{"<html>":"&","key":"` + secret + `"}`}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want := []string{`{"key":"` + secret + `"}`, "TestError: not [redacted]"}
	if got := answer(t, s, line("s", map[string]any{"fail": true})); !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBusy checks the error of a request that is one too many, and that of one that never got
// a slot.
func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, WithMaxRequests(1), WithRequestTimeout(time.Minute)))
		var first, second bytes.Buffer
		one := receive(t, s, line("1", nil), &first)
		synctest.Wait()
		two := receive(t, s, line("2", nil), &second)
		for range maxWaiting - 1 {
			if err := s.pending.add(maxWaiting+1, 1); err != nil {
				t.Fatal(err)
			}
		}
		var third bytes.Buffer
		s.Answer(s.Context(), Stdio, line("3", nil), "", &third)
		for range maxWaiting - 1 {
			s.pending.done(1)
		}
		if got, want := messages(t, third.Bytes()), []string{"InvokeServerUnavailableError: the plugin is busy: too many requests are waiting; try again"}; !cmp.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		<-one.done
		<-two.done
		for _, b := range []*bytes.Buffer{&first, &second} {
			if got, want := messages(t, b.Bytes()), []string{"TimeoutError: the request timed out after 1m0s"}; !cmp.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

// TestRefusedUndecoded checks that a large request which is refused does not take memory.
func TestRefusedUndecoded(t *testing.T) {
	s := newTestServer(t, plugin(nil))
	in := line("s", map[string]any{"padding": json.RawMessage("[" + strings.Repeat("[],", 500_000) + "[]]")})
	if err := s.pending.add(10, maxPendingBytes-1); err != nil {
		t.Fatal(err)
	}
	var before, after goruntime.MemStats
	var out bytes.Buffer
	goruntime.ReadMemStats(&before)
	s.Answer(t.Context(), HTTP, in, "s", &out)
	goruntime.ReadMemStats(&after)
	if got, want := messages(t, out.Bytes()), []string{"InvokeServerUnavailableError: the plugin is busy: too many requests are waiting; try again"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
		t.Errorf("it takes %d KiB", taken>>10)
	}
}

// TestFinishOnce checks that only the first end of a session counts, and is logged.
func TestFinishOnce(t *testing.T) {
	t.Parallel()
	var b, logs bytes.Buffer
	s := newTestServer(t, plugin(nil, WithLogger(slog.New(slog.NewTextHandler(&logs, nil)))))
	ss := newSession("s", newConnection(Transport{}, &b))
	if !s.end(t.Context(), ss, nil, errDeadline, errorTest) {
		t.Error("the first end is not the first")
	}
	if s.end(t.Context(), ss, []byte("{}\n"), nil, errorTest) || s.end(t.Context(), ss, nil, errPanic, errorTest) {
		t.Error("a later end is the first")
	}
	if err := ss.stream("x"); !errors.Is(err, errEnded) {
		t.Errorf("a result after the end: %v", err)
	}
	if got, want := messages(t, b.Bytes()), []string{"TimeoutError: the request timed out"}; !cmp.Equal(got, want) || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.Count(logs.String(), "request finished") != 1 || !strings.Contains(logs.String(), "error_type=TimeoutError") {
		t.Errorf("the log is\n%s", logs.String())
	}
}

// TestGrantSecrets checks that the log of a request does not show the credentials that its
// OAuth flow returned.
func TestGrantSecrets(t *testing.T) {
	t.Parallel()
	const fresh = "fresh-token"
	var logs bytes.Buffer
	requests := make(chan context.Context, 1)
	s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		requests <- ctx
		return runtime.OAuthGrant{Credentials: runtime.NewValues(map[string]any{"key": fresh}), ExpiresAt: -1}.Reveal(), nil
	}, WithLogger(slog.New(slog.NewTextHandler(&logs, nil)))))
	want := []string{`{"credentials":{"key":"` + fresh + `"},"expires_at":-1}`}
	if got := answer(t, s, line("s", nil)); !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	s.cfg.Logger.InfoContext(<-requests, "later", "token", fresh)
	if strings.Contains(logs.String(), fresh) || !strings.Contains(logs.String(), "token=[redacted]") {
		t.Errorf("the log is\n%s", logs.String())
	}
}

// BenchmarkAnswer measures a credential check that does nothing, without a transport.
func BenchmarkAnswer(b *testing.B) {
	s := newTestServer(b, NewPlugin(Declaration{Manifest: "{}"}, nil, runtime.NewTool(runtime.ToolConfig{
		Name: "box", Fields: &runtime.Fields{Secret: []string{"key"}},
		ValidateCredentials: func(context.Context, map[string]any) error { return nil },
	})))
	in := []byte(`{"session_id":"4a6bd6f5-6a2b-4b5f-9e71-6d1f0c2c7a3e","conversation_id":null,"message_id":null,"app_id":null,"endpoint_id":null,` +
		`"event":"request","data":{"type":"tool","action":"validate_tool_credentials","user_id":"u","provider":"box","credentials":{"key":"some-secret-key"}}}`)
	b.ReportAllocs()
	for b.Loop() {
		s.Answer(b.Context(), TCP, in, "", io.Discard)
	}
}
