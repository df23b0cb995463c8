package serve_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/difyhost"
	"github.com/difygen/difygen/serve"
)

// TestManyAtOnce has a thousand requests run at the same time.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, boxFiles(), b.parts()...)
		const many = 1000
		answers := make(chan string, many)
		for range many {
			go func() { answers <- p.ask(t.Context(), "hang") }()
		}
		for range many {
			<-b.entered
		}
		close(b.leave)
		for range many {
			if got := <-answers; got != `{"result":true}` {
				t.Errorf("got %s", got)
			}
		}
	})
}

// TestNothingWaitsForever answers requests whose code does not return, refuses more
// than there is room for only by letting them wait, and stops all the same.
func TestNothingWaitsForever(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, boxFiles(), append(b.parts(), serve.WithRequestTimeout(50*time.Millisecond), serve.WithMaxRequests(1))...)
		for _, mode := range []string{"hang", "wait", ""} {
			answer, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode(mode))
			if err != nil {
				t.Fatal(err)
			}
			want := `ToolProviderCredentialValidationError: the plugin gave no answer in time: within 50ms`
			if mode == "" {
				want = `{"result":true}`
			}
			if got := answer.String(); got != want {
				t.Errorf("%s: got %s, want %s", mode, got, want)
			}
		}
		close(b.leave)
	})
}

// TestStop lets running requests finish and refuses others.
func TestStop(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, boxFiles(), b.parts()...)
		answers := make(chan string, 1)
		go func() { answers <- p.ask(t.Context(), "hang") }()
		<-b.entered
		p.stop()
		if peer, ok := p.host.(interface{ Heartbeats() int }); ok && peer.Heartbeats() > 0 {
			// Over a stream, what comes now is refused, sooner or later.
			for {
				answer, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
				if err != nil {
					t.Fatal(err)
				}
				if got := answer.String(); got == "ValueError: the plugin is stopping; try again" {
					break
				}
			}
		}
		close(b.leave)
		if got := <-answers; got != `{"result":true}` {
			t.Errorf("got %s", got)
		}
	})
}

// TestStopEndsWhatHangs answers with an error what does not finish in time.
func TestStopEndsWhatHangs(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		b := newBox()
		p := start(t, boxFiles(), append(b.parts(), serve.WithStopTimeout(10*time.Millisecond))...)
		answers := make(chan string, 1)
		go func() { answers <- p.ask(t.Context(), "hang") }()
		<-b.entered
		p.stop()
		if got, want := <-answers, "ToolProviderCredentialValidationError: the plugin is stopping; try again"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		p.end(t)
		close(b.leave)
	})
}

// TestStopEndsEverything has an end for every request, also of code that returns as
// soon as its context ends, and of requests that wait for a place.
func TestStopEndsEverything(t *testing.T) {
	t.Parallel()
	for _, places := range []int{1000, 1} {
		b := newBox()
		inR, inW := pipe(t)
		outR, outW := pipe(t)
		p := run(t, nil, inR, outW, nil, boxFiles(), append(b.parts(), serve.WithStopTimeout(time.Millisecond), serve.WithMaxRequests(places)))
		host := difyhost.NewLocal(inW, outR)
		const many = 200
		var waits []func(context.Context) (*difyhost.Response, error)
		for range many {
			wait, err := host.Start("tool", "validate_tool_credentials", withMode("wait"))
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, wait)
		}
		for range min(many, places) {
			<-b.entered
		}
		// The plugin has read all of them when it has answered another one.
		if _, err := host.Call(t.Context(), "tool", "unknown", nil); err != nil {
			t.Error(err)
		}
		p.stop()
		if err := p.wait(t); err != nil {
			t.Error(err)
		}
		_ = outW.Close() // as the end of the process would
		for _, wait := range waits {
			if answer, err := wait(t.Context()); err != nil || !strings.HasSuffix(answer.String(), "the plugin is stopping; try again") {
				t.Errorf("%d places: got %v, %v", places, answer, err)
			}
		}
		_ = inW.Close()
		<-host.Closed()
		if f := host.Faults(); len(f) > 0 {
			t.Errorf("faults %q", f)
		}
	}
}

// TestSignalThenEOF lets a request finish though the host sends no more.
func TestSignalThenEOF(t *testing.T) {
	t.Parallel()
	b := newBox()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, nil, inR, outW, nil, boxFiles(), b.parts())
	host := difyhost.NewLocal(inW, outR)
	answers := make(chan *difyhost.Response, 1)
	go func() {
		answer, _ := host.Call(context.WithoutCancel(t.Context()), "tool", "validate_tool_credentials", withMode("hang"))
		answers <- answer
	}()
	<-b.entered
	p.stop()
	_ = inW.Close()
	close(b.leave)
	if got := <-answers; got == nil || got.String() != `{"result":true}` {
		t.Errorf("got %v", got)
	}
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close()
	<-host.Closed()
}

// TestBadLines skips what is no request, and answers whoever can be told to wait for it.
func TestBadLines(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"local", "remote"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			p := transports[transport](t, boxFiles(), newBox().parts()...)
			peer := p.host.(interface {
				difyhost.Host
				Send(ctx context.Context, id string, line []byte) (*difyhost.Response, error)
				Write([]byte) (int, error)
				OuterErrors() []string
			})
			for id, c := range map[string]struct{ line, want string }{
				"s-1": {`{"session_id":"s-1","event":"request","data":{"type":"tool",` + "\n", "a line of the host is not the JSON of a message"},
				"s-2": {`{"a":[1,{}],"session_id":"s-2","event":"request","data":"` + strings.Repeat("x", 33<<20) + `"}` + "\n", "a line of the host is too long"},
				"s-3": {`{"session_id":"s-3","event":"request","data":[]}` + "\n", "the request's data is not an object of JSON"},
				"s-4": {`{"session_id":"s-4","data":{}}` + "\n", "a line of the host names no event"},
			} {
				answer, err := peer.Send(t.Context(), id, []byte(c.line))
				if err != nil {
					t.Fatal(id, err)
				}
				if got, want := answer.String(), "ValidationError: "+c.want; got != want {
					t.Errorf("%s: got %s, want %s", id, got, want)
				}
			}
			_, _ = fmt.Fprint(peer, "\n\r\nnonsense\n{}\n", `{"event":"backwards_response","session_id":"s","data":{}}`, "\n", `{"event":"request","data":{}}`, "\r\n")
			answer, err := peer.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
			if err != nil || answer.String() != `{"result":true}` {
				t.Errorf("got %v, %v", answer, err)
			}
			if got := len(peer.OuterErrors()); got != 6 {
				t.Errorf("%d errors without a request: %q", got, peer.OuterErrors())
			}
		})
	}
}

// TestServerlessBodies answers what is no request in ways that the host shows.
func TestServerlessBodies(t *testing.T) {
	t.Parallel()
	p := startServerless(t, boxFiles(), newBox().parts()...)
	host := p.host.(*difyhost.Serverless)
	if err := host.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		id, body string
		status   int
		want     string
	}{
		"nothing":   {"", "", 400, ""},
		"nonsense":  {"s", "nonsense", 200, "ValidationError: a line of the host is not the JSON of a message"},
		"too large": {"s", `{"session_id":"s","x":"` + strings.Repeat("x", 6<<20), 200, "ValidationError: the request is too large"},
		"by header": {"s", `{"event":"request","data":{"type":"tool","action":"validate_tool_credentials","provider":"box","credentials":{"key":"k"}}}`, 200, `{"result":true}`},
	} {
		status, answer, err := host.Post(t.Context(), "x", c.id, []byte(c.body))
		if err != nil || status != c.status {
			t.Errorf("%s: status %d, %v", name, status, err)
			continue
		}
		if answer != nil && answer.String() != c.want {
			t.Errorf("%s: got %s, want %s", name, answer.String(), c.want)
		}
	}
}

// TestServerlessDisconnect ends the context of a request whose host has gone.
func TestServerlessDisconnect(t *testing.T) {
	t.Parallel()
	b := newBox()
	p := startServerless(t, boxFiles(), b.parts()...)
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error, 1)
	go func() {
		_, err := p.host.Call(ctx, "tool", "validate_tool_credentials", withMode("wait"))
		answers <- err
	}()
	<-b.entered
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	p.logs.wait(t, `error="the host has gone away"`)
}

// TestHeartbeats gives signs of life again and again.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, []string{"HEARTBEAT_INTERVAL=0.005"}, inR, outW, nil, boxFiles(), newBox().parts())
	host := difyhost.NewLocal(inW, outR)
	p.host = host
	for deadline := time.Now().Add(30 * time.Second); host.Heartbeats() < 3; {
		if got := p.ask(t.Context(), ""); got != `{"result":true}` || time.Now().After(deadline) {
			t.Fatalf("%d heartbeats, got %s", host.Heartbeats(), got)
		}
	}
	p.end(t)
	_ = outW.Close()
	<-host.Closed()
}

// TestEOF ends a local plugin whose standard input ends, once it has answered.
func TestEOF(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := run(t, nil, inR, outW, nil, boxFiles(), newBox().parts())
	host := difyhost.NewLocal(inW, outR)
	p.host = host
	answer, err := host.Call(t.Context(), "tool", "validate_tool_credentials", withMode(""))
	if err != nil || answer.String() != `{"result":true}` {
		t.Errorf("got %v, %v", answer, err)
	}
	_ = inW.Close()
	if err := p.wait(t); err != nil {
		t.Error(err)
	}
	_ = outW.Close()
	<-host.Closed()
	if host.Heartbeats() == 0 || len(host.Faults()) > 0 {
		t.Errorf("%d heartbeats, faults %q", host.Heartbeats(), host.Faults())
	}
	// All at once, as a shell would.
	inR, inW = pipe(t)
	outR, outW = pipe(t)
	p = run(t, nil, inR, outW, nil, boxFiles(), newBox().parts())
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
