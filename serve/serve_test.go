package serve_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
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

func goexit() { goruntime.Goexit() }

const secret = "sk-very/secret+value"

func withMode(mode string) map[string]any {
	return map[string]any{"provider": "box", "credentials": map[string]any{"key": secret, "mode": mode}}
}

func tool(name string, fields map[string]any) map[string]any {
	fields["tool"] = name
	fields["tool_parameters"] = map[string]any{"what": "hello " + secret}
	return fields
}

func rawRequest(head string) string {
	return hex.EncodeToString([]byte(strings.ReplaceAll(head, "\n", "\r\n")))
}

const callbackURI = "https://dify.example/console/api/oauth/plugin/me/box/box/tool/callback"

func oauth(fields map[string]any) map[string]any {
	fields["provider"], fields["redirect_uri"] = "box", callbackURI
	if fields["system_credentials"] == nil {
		fields["system_credentials"] = map[string]any{"client_secret": secret}
	}
	return fields
}

func endpoint(head string, settings map[string]any) map[string]any {
	return map[string]any{"settings": settings, "raw_http_request": rawRequest(head)}
}

// TestAnswers asks a plugin all that a host can ask, over every transport.
func TestAnswers(t *testing.T) {
	t.Parallel()
	token := map[string]any{"token": "tok-12345"}
	cases := []struct {
		name, typ, action string
		fields            map[string]any
		want              string
	}{
		{"right", "tool", "validate_tool_credentials", withMode(""), `{"result":true}`},
		{"wrong", "tool", "validate_tool_credentials", withMode("wrong"),
			`ToolProviderCredentialValidationError: the service does not know the key [redacted]`},
		{"unreachable", "tool", "validate_tool_credentials", withMode("unreachable"),
			`ToolProviderCredentialValidationError: could not reach the service: dial tcp: connection refused`},
		{"incomplete", "tool", "validate_tool_credentials", map[string]any{"provider": "box", "credentials": nil},
			`ToolProviderCredentialValidationError: Box: Key (key) is required`},
		{"panic", "tool", "validate_tool_credentials", withMode("panic"),
			`ToolProviderCredentialValidationError: the plugin failed with an internal error; its log says more`},
		{"exit", "tool", "validate_tool_credentials", withMode("exit"),
			`ToolProviderCredentialValidationError: the plugin failed with an internal error; its log says more`},
		{"an error that panics", "tool", "validate_tool_credentials", withMode("nil error"),
			`ToolProviderCredentialValidationError: the plugin failed with an internal error; its log says more`},
		{"unknown provider", "tool", "validate_tool_credentials", map[string]any{"provider": "bx", "credentials": nil},
			`ValueError: tool provider bx not found; this plugin has box (tool)`},
		{"another kind", "model", "validate_provider_credentials", map[string]any{"provider": "box"},
			`ValueError: model provider box not found; this plugin has box (tool)`},
		{"no such kind of model", "model", "validate_model_credentials", map[string]any{"provider": "x"},
			`ValueError: model provider x not found; this plugin has box (tool)`},
		{"unknown action", "model", "invoke_llm", map[string]any{"provider": "box"},
			`ValueError: a plugin in Go cannot answer model/invoke_llm yet`},
		{"field of a wrong type", "tool", "validate_tool_credentials", map[string]any{"provider": "box", "credentials": []any{secret}},
			`ValidationError: field credentials of the request has the wrong type`},

		{"authorization URL", "oauth", "get_authorization_url", oauth(map[string]any{}),
			`{"authorization_url":"https://auth.example/?redirect_uri=` + callbackURI + `"}`},
		{"authorization URL fails", "oauth", "get_authorization_url",
			oauth(map[string]any{"system_credentials": map[string]any{"mode": "wrong", "client_secret": secret}}),
			`ToolProviderOAuthError: the service does not know the key [redacted]`},
		{"exchange", "oauth", "get_credentials", oauth(map[string]any{"raw_http_request": rawRequest("GET /cb?code=abc HTTP/1.1\nHost: dify.example\n\n")}),
			`{"credentials":{"access_token":"t-abc"},"expires_at":-1}`},
		{"exchange of a bad code", "oauth", "get_credentials", oauth(map[string]any{"raw_http_request": rawRequest("GET /cb?code=bad-code HTTP/1.1\nHost: dify.example\n\n")}),
			`ToolProviderOAuthError: the server refuses code [redacted]`},
		{"exchange of a malformed callback", "oauth", "get_credentials", oauth(map[string]any{"raw_http_request": "zz"}),
			`ToolProviderOAuthError: the HTTP request that Dify passed on is malformed: it is not in hexadecimal digits`},
		{"refresh", "oauth", "refresh_credentials", oauth(map[string]any{"credentials": map[string]any{"refresh_token": "r"}}),
			`{"credentials":{"access_token":"fresh","refresh_token":"r"},"expires_at":4000000000}`},
		{"OAuth of an unknown provider", "oauth", "refresh_credentials", map[string]any{"provider": "x"},
			`ValueError: provider x not found; this plugin has box (tool)`},

		{"tool", "tool", "invoke_tool", tool("echo", withMode("")), `{"type":"text","message":{"text":"hello [redacted]"},"meta":null}`},
		{"tool that fails", "tool", "invoke_tool", tool("echo", withMode("wrong")),
			`{"type":"text","message":{"text":"hello [redacted]"},"meta":null} + InvokeError: the service does not know the key [redacted]`},
		{"tool with wrong credentials", "tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"},
			`ToolProviderCredentialValidationError: Box: Key (key) is required`},
		{"unknown tool", "tool", "invoke_tool", tool("ech", withMode("")), `ValueError: tool ech not found; this plugin has echo`},
		{"tool of an unknown provider", "tool", "invoke_tool", map[string]any{"provider": "x", "tool": "echo"},
			`ValueError: tool provider x not found; this plugin has box (tool)`},
		{"no triggers", "trigger", "subscribe_trigger", map[string]any{"provider": "box"},
			`ValueError: trigger provider box not found; this plugin has box (tool)`},
		{"no options", "dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what"},
			`ValueError: box has no options for parameter what`},
		{"options of an unknown provider", "dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "x"},
			`ValueError: provider x not found; this plugin has box (tool)`},

		{"endpoint", "endpoint", "invoke_endpoint", endpoint("GET /any?name=you HTTP/1.1\nHost: x\n\n", token),
			`{"status":200,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Many":"a, b"},"result":"` + hex.EncodeToString([]byte("hello you")) + `"}`},
		{"endpoint that writes nothing", "endpoint", "invoke_endpoint", endpoint("GET /nothing HTTP/1.1\nHost: x\n\n", token),
			`{"status":200,"result":""}`},
		{"endpoint without its settings", "endpoint", "invoke_endpoint", endpoint("GET /any HTTP/1.1\nHost: x\n\n", nil),
			`EndpointSetupFailedError: Box: Token (token) is required`},
		{"endpoint that panics", "endpoint", "invoke_endpoint", endpoint("GET /panic HTTP/1.1\nHost: x\n\n", token),
			`InvokeError: the plugin failed with an internal error; its log says more`},
		{"endpoint with a smuggled request", "endpoint", "invoke_endpoint",
			endpoint("GET /any HTTP/1.1\nHost: x\nContent-Length: 1\nTransfer-Encoding: chunked\n\nx", token),
			`ValidationError: the HTTP request that Dify passed on is malformed: it has a Content-Length and a Transfer-Encoding`},
	}
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, boxFiles(), newBox().parts()...)
		for _, c := range cases {
			answer, err := p.host.Call(t.Context(), c.typ, c.action, c.fields)
			if err != nil {
				t.Fatal(c.name, err)
			}
			if got := answer.String(); got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
			}
		}
		p.end(t)
		log := p.logs.String()
		if strings.Contains(log, secret) || strings.Contains(log, "tok-12345") {
			t.Errorf("a secret is in the log:\n%s", log)
		}
		for _, want := range []string{"request=session-", "action=tool/validate_tool_credentials", "duration=", "value=\"with [redacted]\"", "error_type=ToolProviderOAuthError"} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %s:\n%s", want, log)
			}
		}
	})
}

// TestLargeAnswers wants parts that the host takes, and few of them.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, boxFiles(), newBox().parts()...)
		token := map[string]any{"token": "tok-12345"}
		for path, want := range map[string]struct {
			size, parts int
		}{"/large": {5 << 20, 3}, "/stream": {5000, 100}} {
			answer, err := p.host.Call(t.Context(), "endpoint", "invoke_endpoint", endpoint("GET "+path+" HTTP/1.1\nHost: x\n\n", token))
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for _, r := range answer.Results {
				var part struct{ Result *string }
				if err := json.Unmarshal(r, &part); err != nil || part.Result == nil {
					t.Fatal("a part without a result", err)
				}
				size += len(*part.Result) / 2
			}
			if size != want.size || len(answer.Results) > want.parts || answer.Err != nil {
				t.Errorf("%s: %d bytes in %d parts, %v; want %d in at most %d", path, size, len(answer.Results), answer.Err, want.size, want.parts)
			}
		}
	})
}

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
			go func() {
				answer, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode("hang"))
				if err != nil {
					answers <- err.Error()
					return
				}
				answers <- answer.String()
			}()
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
		go func() {
			answer, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode("hang"))
			if err != nil {
				answers <- err.Error()
				return
			}
			answers <- answer.String()
		}()
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
		go func() {
			answer, err := p.host.Call(t.Context(), "tool", "validate_tool_credentials", withMode("hang"))
			if err != nil {
				answers <- err.Error()
				return
			}
			answers <- answer.String()
		}()
		<-b.entered
		p.stop()
		if got, want := <-answers, "ToolProviderCredentialValidationError: the plugin is stopping; try again"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		p.end(t)
		close(b.leave)
	})
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
				Send(ctx context.Context, id string, line []byte) (*difyhost.Answer, error)
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
