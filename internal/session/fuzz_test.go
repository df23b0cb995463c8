package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
)

// FuzzAccept passes arbitrary lines to a plugin. It must write lines of JSON, with
// exactly one end for every session.
func FuzzAccept(f *testing.F) {
	for _, line := range []string{
		`{"session_id":"s","event":"request","data":{"type":"tool","action":"validate_tool_credentials","provider":"box","credentials":{"key":"k"}}}`,
		`{"session_id":"s","event":"request","data":{"type":"oauth","action":"get_credentials","provider":"box","redirect_uri":"https://x/","system_credentials":{"client_secret":"c"},"raw_http_request":"474554202f20485454502f312e310d0a0d0a"}}`,
		`{"session_id":"s","event":"request","data":{"type":"endpoint","action":"invoke_endpoint","settings":{"token":"t"},"raw_http_request":"00"}}`,
		`{"session_id":"s","event":"request","data":{"type":"tool","action":"invoke_tool","provider":"box","tool":"echo","credentials":{"key":"k","mode":"panic"}}}`,
		`{"session_id":"s","event":"request","data":null}`, `{"session_id":"s"`, `{}`, `[]`, `{"event":"backwards_response"}`,
	} {
		f.Add([]byte(line))
	}
	endpoint := runtime.Route{Type: "endpoint", Action: "invoke_endpoint", ErrorType: runtime.ErrorInvoke, Serve: func(context.Context, *runtime.Request) (any, error) {
		return plain(http.NotFound), nil
	}}
	box := runtime.NewTool(runtime.ToolConfig{
		Name: "box", Fields: &runtime.Fields{Secret: []string{"key"}},
		ValidateCredentials: func(_ context.Context, values map[string]any) error { return fmt.Errorf("no %v", values["key"]) },
		Tools: []runtime.ToolBinding{{Name: "echo", Invoke: func(_ context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
			if call.Credentials["mode"] == "panic" {
				panic(call.Credentials)
			}
			return out.JSON(call.Parameters)
		}}},
	})
	s := newTestServer(f, NewPlugin(Declaration{Manifest: "{}"}, nil, box, &adapter{"endpoint", "endpoints", []runtime.Route{endpoint}}))
	f.Fuzz(func(t *testing.T, line []byte) {
		var b bytes.Buffer
		s.Answer(t.Context(), Stdio, line, "", &b)
		out := b.String()
		ends := make(map[string]int)
		for l := range strings.Lines(out) {
			var m struct {
				Event     string
				SessionID *string `json:"session_id"`
				Data      struct{ Type string }
			}
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				t.Fatalf("%q: %v", l, err)
			}
			if m.SessionID == nil {
				continue
			}
			if n := ends[*m.SessionID]; n > 0 {
				t.Errorf("more after the end of %q: %s", *m.SessionID, out)
			}
			if m.Data.Type == "end" {
				ends[*m.SessionID]++
			} else {
				ends[*m.SessionID] += 0
			}
		}
		for id, n := range ends {
			if n != 1 {
				t.Errorf("%d ends of %q: %s", n, id, out)
			}
		}
	})
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
