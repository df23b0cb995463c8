package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// adapter is an adapter with any routes.
type adapter struct {
	kind   runtime.Kind
	name   string
	routes []runtime.Route
}

func (a *adapter) Kind() runtime.Kind      { return a.kind }
func (a *adapter) Name() string            { return a.name }
func (a *adapter) Routes() []runtime.Route { return a.routes }

// serveFunc is the code of a route.
type serveFunc = func(context.Context, *runtime.Request) (any, error)

const (
	secret    = "sk-very/secret+value"
	errorTest = runtime.ErrorType("TestError")
)

// plugin returns a plugin with one route for test/do, whose credential key is secret.
func plugin(serve serveFunc, options ...Option) *Plugin {
	return NewPlugin(Declaration{Manifest: "{}"}, options, &adapter{"test", "box", []runtime.Route{{
		Type: "test", Action: "do", ErrorType: errorTest, Fields: &runtime.Fields{Secret: []string{"key"}}, Serve: serve,
	}}})
}

// line returns a request for test/do with these fields.
func line(id string, fields map[string]any) []byte {
	data := map[string]any{"type": "test", "action": "do", "credentials": map[string]any{"key": secret}}
	for name, v := range fields {
		data[name] = v
	}
	text, err := json.Marshal(map[string]any{"session_id": id, "event": "request", "data": data})
	if err != nil {
		panic(err)
	}
	return text
}

// newTestServer returns the server of a plugin.
func newTestServer(tb testing.TB, p *Plugin) *Server {
	tb.Helper()
	cfg, err := p.Configure(DefaultConfig())
	if err := errors.Join(p.Check(), err); err != nil {
		tb.Fatal(err)
	}
	s := NewServer(tb.Context(), p, cfg)
	tb.Cleanup(s.Close)
	return s
}

// silentServer returns a server that does no more than log, to nowhere.
func silentServer() *Server { return &Server{cfg: Config{Logger: slog.New(slog.DiscardHandler)}} }

// plain returns a handler that does not fail.
func plain(h http.HandlerFunc) runtime.HTTPHandler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h(w, r)
		return nil
	}
}

// answer returns what a plugin writes for a line, without the session's envelope: the data of
// each message and, for errors, the type.
func answer(tb testing.TB, s *Server, line []byte) (list []string) {
	tb.Helper()
	var b bytes.Buffer
	s.Answer(s.Context(), Stdio, line, "", &b)
	<-s.pending.idle() // now it is in the log, too
	return messages(tb, b.Bytes())
}

// receive lets a server handle a line that it admits, and returns its session.
func receive(tb testing.TB, s *Server, line []byte, out io.Writer) *session {
	tb.Helper()
	size, err := s.admit(line)
	return s.open(tb.Context(), line, "", size, err, newConnection(Transport{}, out))
}

// messages decodes lines for the host.
func messages(tb testing.TB, lines []byte) (list []string) {
	tb.Helper()
	for l := range bytes.Lines(lines) {
		var m struct {
			Event string
			Data  struct {
				Type string
				Data json.RawMessage
			}
		}
		if err := json.Unmarshal(l, &m); err != nil {
			tb.Fatalf("%s: %v", l, err)
		}
		text := string(m.Data.Data)
		if m.Data.Type == typeError {
			var frame errorFrame
			if err := json.Unmarshal(m.Data.Data, &frame); err != nil {
				tb.Fatal(err)
			}
			text = string(frame.ErrorType) + ": " + frame.Message
		}
		if m.Event == "session" && m.Data.Type != typeEnd {
			list = append(list, text)
		}
	}
	return list
}
