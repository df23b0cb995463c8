package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// TestManyAtOnce runs a thousand requests at the same time.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, b.plugin())
		const many = 1000
		results := make(chan string, many)
		for range many {
			go func() { results <- p.ask(t.Context(), "hang") }()
		}
		for range many {
			<-b.entered
		}
		close(b.leave)
		for range many {
			if got := <-results; got != `{"result":true}` {
				t.Errorf("got %s", got)
			}
		}
	})
}

// TestNothingWaitsForever checks that requests whose code does not return time out, that
// requests over the limit wait, and that the plugin stops nevertheless.
func TestNothingWaitsForever(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, b.plugin(serve.WithRequestTimeout(50*time.Millisecond), serve.WithMaxRequests(1)))
		for _, mode := range []string{"hang", "wait", ""} {
			response, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode(mode))
			if err != nil {
				t.Fatal(err)
			}
			want := `TimeoutError: the request timed out after 50ms`
			if mode == "" {
				want = `{"result":true}`
			}
			if got := response.String(); got != want {
				t.Errorf("%s: got %s, want %s", mode, got, want)
			}
		}
		close(b.leave)
	})
}

// draining are the transports over which running requests may finish when the plugin stops.
var draining = map[string]starter{"local": startLocal, "serverless": startServerless}

// TestStop checks that running requests finish and new ones are refused.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, start := range draining {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox()
			p := start(t, b.plugin())
			results := make(chan string, 1)
			go func() { results <- p.ask(t.Context(), "hang") }()
			<-b.entered
			p.stop()
			if name == "local" {
				// Over a connection, new requests are refused, sooner or later.
				for {
					response, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
					if err != nil {
						t.Fatal(err)
					}
					if got := response.String(); got == "InvokeServerUnavailableError: the plugin is stopping; try again" {
						break
					}
				}
			}
			close(b.leave)
			if got := <-results; got != `{"result":true}` {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestStopTimeout checks that requests that do not finish in time fail.
func TestStopTimeout(t *testing.T) {
	t.Parallel()
	for name, start := range draining {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox()
			p := start(t, b.plugin(serve.WithStopTimeout(10*time.Millisecond)))
			results := make(chan string, 1)
			go func() { results <- p.ask(t.Context(), "hang") }()
			<-b.entered
			p.stop()
			if got, want := <-results, "InvokeServerUnavailableError: the plugin is stopping; try again"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			p.end(t)
			close(b.leave)
		})
	}
}

// TestTooMuchAbandoned checks that a plugin ends whose code ignores that requests have ended.
func TestTooMuchAbandoned(t *testing.T) {
	t.Parallel()
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox()
			p := start(t, b.plugin(serve.WithRequestTimeout(20*time.Millisecond), serve.WithStopTimeout(time.Second)))
			// More than 1000 must be abandoned. A request whose deadline passes before its code begins
			// is not.
			const many = 1500
			for range many {
				go func() { _ = p.ask(t.Context(), "deaf") }()
			}
			err := p.wait(t)
			if err == nil || !strings.HasPrefix(err.Error(), "too much code of the plugin keeps running after its requests have ended") {
				t.Errorf("got %v", err)
			}
			close(b.leave)
			<-p.done
			p.done <- nil // for the cleanup
		})
	}
}

// TestStopEndsEverything checks that every request ends, even if its code returns as
// soon as its context is canceled, or if it waits for a slot.
func TestStopEndsEverything(t *testing.T) {
	t.Parallel()
	for _, slots := range []int{1000, 1} {
		b := newBox()
		inR, inW := pipe(t)
		outR, outW := pipe(t)
		p := run(t, nil, inR, outW, nil, b.plugin(serve.WithStopTimeout(time.Millisecond), serve.WithMaxRequests(slots)))
		local := host.NewLocal(inW, outR)
		const many = 200
		var waits []func(context.Context) (*host.Response, error)
		for range many {
			wait, err := local.Start(host.Request{Type: "tool", Action: "validate_tool_credentials", Fields: withMode("wait")})
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, wait)
		}
		for range min(many, slots) {
			<-b.entered
		}
		// When the plugin has responded to another request, it has read all of these.
		if _, err := local.Call(t.Context(), "tool", "unknown", nil); err != nil {
			t.Error(err)
		}
		p.stop()
		if err := p.wait(t); err != nil {
			t.Error(err)
		}
		_ = outW.Close() // as the exit of the process would
		for _, wait := range waits {
			if response, err := wait(t.Context()); err != nil || response.String() != "InvokeServerUnavailableError: the plugin is stopping; try again" {
				t.Errorf("%d slots: got %v, %v", slots, response, err)
			}
		}
		_ = inW.Close()
		<-local.Closed()
		if f := local.Faults(); len(f) > 0 {
			t.Errorf("faults %q", f)
		}
	}
}

// TestSignalThenEOF checks that a request finishes although the host has closed its side.
func TestSignalThenEOF(t *testing.T) {
	t.Parallel()
	b := newBox()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, nil, inR, outW, nil, b.plugin())
	conn := host.NewLocal(inW, outR)
	results := make(chan *host.Response, 1)
	go func() {
		response, _ := conn.Call(context.WithoutCancel(t.Context()), "tool", "validate_tool_credentials", withMode("hang"))
		results <- response
	}()
	<-b.entered
	p.stop()
	_ = inW.Close()
	close(b.leave)
	if got := <-results; got == nil || got.String() != `{"result":true}` {
		t.Errorf("got %v", got)
	}
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close()
	<-conn.Closed()
}

// TestBadLines checks that invalid lines are skipped, and that their requests fail if
// the session is known.
func TestBadLines(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"local", "remote"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			p := transports[transport](t, newBox().plugin())
			conn := p.host.(interface {
				host.Host
				Send(ctx context.Context, id string, line []byte) (*host.Response, error)
				Write([]byte) (int, error)
				OuterErrors(ctx context.Context, n int) []string
			})
			for id, c := range map[string]struct{ line, want string }{
				"s-1": {`{"session_id":"s-1","event":"request","data":{"type":"tool",` + "\n", "a message from the host is malformed"},
				"s-2": {`{"a":[1,{}],"session_id":"s-2","event":"request","data":"` + strings.Repeat("x", 33<<20) + `"}` + "\n", "a message from the host is too long"},
				"s-3": {`{"session_id":"s-3","event":"request","data":[]}` + "\n", "the request's data is not a JSON object"},
				"s-4": {`{"session_id":"s-4","data":{}}` + "\n", "a message from the host has no event"},
			} {
				response, err := conn.Send(t.Context(), id, []byte(c.line))
				if err != nil {
					t.Fatal(id, err)
				}
				if got, want := response.String(), "ValidationError: "+c.want; got != want {
					t.Errorf("%s: got %s, want %s", id, got, want)
				}
			}
			_, _ = fmt.Fprint(conn, "\n\r\nnonsense\n{}\n", `{"event":"backwards_response","session_id":"s","data":{}}`, "\n", `{"event":"request","data":{}}`, "\r\n")
			response, err := conn.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
			if err != nil || response.String() != `{"result":true}` {
				t.Errorf("got %v, %v", response, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got := conn.OuterErrors(ctx, 6); len(got) != 6 {
				t.Errorf("%d errors outside of a request: %q", len(got), got)
			}
		})
	}
}

// TestServerlessBodies checks that invalid requests get responses that the host shows.
func TestServerlessBodies(t *testing.T) {
	t.Parallel()
	p := startServerless(t, newBox().plugin())
	conn := p.host.(*host.Serverless)
	if err := conn.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		id, body string
		status   int
		want     string
	}{
		"nothing":   {"", "", 400, ""},
		"nonsense":  {"s", "nonsense", 200, "ValidationError: a message from the host is malformed"},
		"too large": {"s", `{"session_id":"s","x":"` + strings.Repeat("x", 6<<20), 200, "ValidationError: the request is too large"},
		"by header": {"s", `{"event":"request","data":{"type":"tool","action":"validate_tool_credentials","provider":"box","credentials":{"key":"k"}}}`, 200, `{"result":true}`},
	} {
		status, response, err := conn.Post(t.Context(), "x", c.id, []byte(c.body))
		if err != nil || status != c.status {
			t.Errorf("%s: status %d, %v", name, status, err)
			continue
		}
		if response != nil && response.String() != c.want {
			t.Errorf("%s: got %s, want %s", name, response.String(), c.want)
		}
	}
}

// TestServerlessDisconnect checks that the request is canceled if the host disconnects.
func TestServerlessDisconnect(t *testing.T) {
	t.Parallel()
	b := newBox()
	p := startServerless(t, b.plugin())
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 1)
	go func() {
		_, err := p.host.Call(ctx, "tool", "validate_tool_credentials", withMode("wait"))
		results <- err
	}()
	<-b.entered
	cancel()
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	p.logs.wait(t, `error="the connection to the host is closed"`)
}

// TestHeartbeats checks that heartbeats are repeated.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, []string{"HEARTBEAT_INTERVAL=0.005"}, inR, outW, nil, newBox().plugin())
	conn := host.NewLocal(inW, outR)
	p.host = conn
	for deadline := time.Now().Add(30 * time.Second); conn.Heartbeats() < 3; {
		if got := p.ask(t.Context(), ""); got != `{"result":true}` || time.Now().After(deadline) {
			t.Fatalf("%d heartbeats, got %s", conn.Heartbeats(), got)
		}
	}
	p.end(t)
	_ = outW.Close()
	<-conn.Closed()
}

// TestDeafHost checks that a plugin stops whose host has stopped reading.
func TestDeafHost(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	_, outW := pipe(t)
	b := newBox()
	p := run(t, nil, inR, outW, nil, b.plugin(serve.WithStopTimeout(10*time.Millisecond)))
	for _, fields := range []map[string]any{
		endpoint("GET /large HTTP/1.1\nHost: x\n\n", map[string]any{"token": "tok-12345"}), withMode("wait"),
	} {
		typ, action := "tool", "validate_tool_credentials"
		if fields["provider"] == nil {
			typ, action = "endpoint", "invoke_endpoint"
		}
		fields["type"], fields["action"] = typ, action
		line, err := json.Marshal(map[string]any{"session_id": typ, "event": "request", "data": fields})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inW.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	<-b.entered
	p.stop()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close() // as the exit of the process would
}

// TestEOF checks that a local plugin stops when its standard input is closed, after it
// has responded.
func TestEOF(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, nil, inR, outW, nil, newBox().plugin())
	conn := host.NewLocal(inW, outR)
	p.host = conn
	response, err := conn.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
	if err != nil || response.String() != `{"result":true}` {
		t.Errorf("got %v, %v", response, err)
	}
	_ = inW.Close()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close()
	<-conn.Closed()
	if conn.Heartbeats() == 0 || len(conn.Faults()) > 0 {
		t.Errorf("%d heartbeats, faults %q", conn.Heartbeats(), conn.Faults())
	}
	// The request and the end of the input at once, as from a shell.
	inR, inW = pipe(t)
	outR, outW = pipe(t)
	p = run(t, nil, inR, outW, nil, newBox().plugin())
	_, _ = fmt.Fprintln(inW, `{"session_id":"s","event":"request","data":{"type":"tool","action":"x"}}`)
	_ = inW.Close()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close()
	out, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", outR.Fd()))
	if goruntime.GOOS == "linux" && (err != nil || strings.Count(string(out), `"type":"end"`) != 1) {
		t.Errorf("got %s, %v", out, err)
	}
}
