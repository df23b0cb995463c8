package serve_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	goruntime "runtime"
	"strings"
	"testing"
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

// supported are the actions of the box.
const supported = "endpoint/invoke_endpoint, oauth/get_authorization_url, oauth/get_credentials, oauth/refresh_credentials, tool/invoke_tool, tool/validate_tool_credentials"

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

// TestResponses sends every kind of request over every transport.
func TestResponses(t *testing.T) {
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
			`InvokeError: the plugin failed with an internal error; see its log`},
		{"exit", "tool", "validate_tool_credentials", withMode("exit"),
			`InvokeError: the plugin failed with an internal error; see its log`},
		{"an error that panics", "tool", "validate_tool_credentials", withMode("nil error"),
			`InvokeError: the plugin failed with an internal error; see its log`},
		{"unknown provider", "tool", "validate_tool_credentials", map[string]any{"provider": "bx", "credentials": nil},
			`ValueError: provider bx not found; this plugin has box`},
		{"another kind", "model", "validate_provider_credentials", map[string]any{"provider": "box"},
			`ValueError: this plugin does not support model/validate_provider_credentials; it supports ` + supported},
		{"unknown action", "model", "invoke_llm", map[string]any{"provider": "box"},
			`ValueError: this plugin does not support model/invoke_llm; it supports ` + supported},
		{"field of a wrong type", "tool", "validate_tool_credentials", map[string]any{"provider": "box", "credentials": []any{secret}},
			`ValidationError: credentials of the request has the wrong type`},

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
			`ValidationError: the HTTP request that Dify passed on is malformed: it is not hexadecimal`},
		{"refresh", "oauth", "refresh_credentials", oauth(map[string]any{"credentials": map[string]any{"refresh_token": "r"}}),
			`{"credentials":{"access_token":"fresh","refresh_token":"r"},"expires_at":4000000000}`},
		{"OAuth of an unknown provider", "oauth", "refresh_credentials", map[string]any{"provider": "x"},
			`ValueError: provider x not found; this plugin has box`},

		{"tool", "tool", "invoke_tool", tool("echo", withMode("")), `{"type":"text","message":{"text":"hello ` + secret + `"},"meta":null}`},
		{"tool that fails", "tool", "invoke_tool", tool("echo", withMode("wrong")),
			`{"type":"text","message":{"text":"hello ` + secret + `"},"meta":null} + InvokeError: the service does not know the key [redacted]`},
		{"tool with wrong credentials", "tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"},
			`ToolProviderCredentialValidationError: Box: Key (key) is required`},
		{"unknown tool", "tool", "invoke_tool", tool("ech", withMode("")), `ValueError: tool ech not found; this plugin has echo`},
		{"tool of an unknown provider", "tool", "invoke_tool", map[string]any{"provider": "x", "tool": "echo"},
			`ValueError: provider x not found; this plugin has box`},
		{"options of a parameter without", "dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what"},
			`ValueError: this plugin does not support dynamic_parameter/fetch_parameter_options; it supports ` + supported},

		{"endpoint", "endpoint", "invoke_endpoint", endpoint("GET /any?name=you HTTP/1.1\nHost: x\n\n", token),
			`{"status":200,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Many":"a, b"},"result":"` + hex.EncodeToString([]byte("hello you")) + `"}`},
		{"endpoint that writes nothing", "endpoint", "invoke_endpoint", endpoint("GET /nothing HTTP/1.1\nHost: x\n\n", token),
			`{"status":200,"headers":{},"result":""}`},
		{"endpoint with an invalid status", "endpoint", "invoke_endpoint", endpoint("GET /status HTTP/1.1\nHost: x\n\n", token),
			`InvokeError: the plugin failed with an internal error; see its log`},
		{"endpoint with HEAD", "endpoint", "invoke_endpoint", endpoint("HEAD /head HTTP/1.1\nHost: x\n\n", token),
			`{"status":200,"headers":{"Content-Length":"8","Content-Type":"text/plain; charset=utf-8","Set-Cookie":"b=2"},"result":""}`},
		{"endpoint without its settings", "endpoint", "invoke_endpoint", endpoint("GET /any HTTP/1.1\nHost: x\n\n", nil),
			`EndpointSetupFailedError: Box: Token (token) is required`},
		{"endpoint without an HTTP request", "endpoint", "invoke_endpoint", map[string]any{"settings": token},
			`ValidationError: the request has no raw_http_request`},
		{"endpoint that panics", "endpoint", "invoke_endpoint", endpoint("GET /panic HTTP/1.1\nHost: x\n\n", token),
			`InvokeError: the plugin failed with an internal error; see its log`},
		{"endpoint with a smuggled request", "endpoint", "invoke_endpoint",
			endpoint("GET /any HTTP/1.1\nHost: x\nContent-Length: 1\nTransfer-Encoding: chunked\n\nx", token),
			`ValidationError: the HTTP request that Dify passed on is malformed: it has both Content-Length and Transfer-Encoding`},
	}
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, newBox().plugin())
		for _, c := range cases {
			response, err := p.host.Call(t.Context(), c.typ, c.action, c.fields)
			if err != nil {
				t.Fatal(c.name, err)
			}
			if got := response.String(); got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
			}
		}
		p.end(t)
		log := p.logs.String()
		if strings.Contains(log, secret) || strings.Contains(log, "tok-12345") {
			t.Errorf("a secret is in the log:\n%s", log)
		}
		for _, want := range []string{"request=session-", "action=tool/validate_tool_credentials", "duration=", "value=\"with [redacted]\"", "error_type=ToolProviderOAuthError", "error_type=ValueError"} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %s:\n%s", want, log)
			}
		}
	})
}

// TestLargeResponses checks that responses are sent in few chunks, which the host accepts.
func TestLargeResponses(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, start starter) {
		t.Helper()
		p := start(t, newBox().plugin())
		token := map[string]any{"token": "tok-12345"}
		for path, want := range map[string]struct {
			size, chunks int
		}{"/large": {5 << 20, 3}, "/stream": {5000, 100}} {
			response, err := p.host.Call(t.Context(), "endpoint", "invoke_endpoint", endpoint("GET "+path+" HTTP/1.1\nHost: x\n\n", token))
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for _, r := range response.Results {
				var chunk struct{ Result *string }
				if err := json.Unmarshal(r, &chunk); err != nil || chunk.Result == nil {
					t.Fatal("a chunk without a result", err)
				}
				size += len(*chunk.Result) / 2
			}
			if size != want.size || len(response.Results) > want.chunks || response.Err != nil {
				t.Errorf("%s: %d bytes in %d chunks, %v; want %d in at most %d", path, size, len(response.Results), response.Err, want.size, want.chunks)
			}
		}
	})
}

// TestUsage checks that a plugin with arguments says what it needs instead of waiting.
func TestUsage(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("serve.go")
	if err != nil {
		t.Fatal(err)
	}
	variables := regexp.MustCompile(`(?m)^//\t([A-Z_]+) `).FindAllStringSubmatch(string(doc), -1)
	if len(variables) != 14 {
		t.Errorf("the package comment has %d variables", len(variables))
	}
	for code, args := range map[int][]string{0: {"-h"}, 2: {"help", "-h"}} {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), mainVariable+"=1", "INSTALL_METHOD=local")
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code || stdout.Len() > 0 {
			t.Errorf("%q: %v, standard output:\n%s", args, err, &stdout)
		}
		for _, v := range variables {
			if !strings.Contains(stderr.String(), v[1]) {
				t.Errorf("%q: %s is missing in\n%s", args, v[1], &stderr)
			}
		}
	}
}

// requestLine returns a request to validate credentials with a mode.
func requestLine(t *testing.T, mode string) []byte {
	t.Helper()
	fields := withMode(mode)
	fields["type"], fields["action"] = "tool", "validate_tool_credentials"
	line, err := json.Marshal(map[string]any{"session_id": "s", "event": "request", "data": fields})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestPrint checks that what a plugin prints does not get between the messages to the host.
func TestPrint(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), mainVariable+"=1", "INSTALL_METHOD=local")
	cmd.Dir = t.TempDir()
	var stderr strings.Builder
	cmd.Stdin, cmd.Stderr = bytes.NewReader(append(requestLine(t, "print"), '\n')), &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(stdout)), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the line is not JSON: %s", line)
		}
	}
	for _, want := range append(printed, "no end of line") {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, &stderr)
		}
	}
	if !strings.Contains(string(stdout), `"result":true`) {
		t.Errorf("standard output:\n%s", stdout)
	}
}
