package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/serve"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	const odd = "p\"q/ü\n+1"
	for _, test := range []struct {
		text    string
		secrets []string
		want    string
	}{
		{"the key sk-1 is wrong", []string{"sk-1"}, "the key [redacted] is wrong"},
		{"nothing", []string{"", "  "}, "nothing"},
		{"abcabcd", []string{"abc", "abcd"}, "[redacted][redacted]"},
		{"sk-123 and sk-1234", []string{"sk-123", "sk-1234"}, "[redacted] and [redacted]"},
		{"as " + odd + ".", []string{odd}, "as [redacted]."},
		{fmt.Sprintf("as %q.", odd), []string{odd}, `as "[redacted]".`},
		{"?k=" + url.QueryEscape(odd) + "&p=" + url.PathEscape(odd), []string{odd}, "?k=[redacted]&p=[redacted]"},
		{`{"k":"p\"q/ü\n+1"}`, []string{odd}, `{"k":"[redacted]"}`},
		{"on one line: p\"q/ü +1", []string{odd}, "on one line: [redacted]"},
		{"in base64: c2stMTIzNA==", []string{"sk-1234"}, "in base64: [redacted]"},
		{"trimmed: word", []string{" word\n"}, "trimmed: [redacted]"},
		{"status 401: 1 problem with a1", []string{"1"}, "status 401: [redacted] problem with a1"},
		{"bytes \xff here", []string{"\xff"}, "bytes [redacted] here"},
		{"it is a cat", []string{"a"}, "it is [redacted] cat"},
	} {
		if got := serve.Redact(test.text, test.secrets...); got != test.want {
			t.Errorf("%q without %q: got %q, want %q", test.text, test.secrets, got, test.want)
		}
	}
}

// TestLogs checks that log records of the author's code contain no secrets.
func TestLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	mine := slog.New(serve.NewLogHandler(slog.NewTextHandler(&b, nil))).With("bound", secret).WithGroup("g").With("also", secret)
	bindings := newBox().bindings()
	bindings[1] = serve.NewTool("echo", decodeCall, logAll(mine))
	p := startLocal(t, boxFiles(), bindings...)
	if _, err := p.host.Call(t.Context(), "tool", "invoke_tool", tool0()); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	out := b.String()
	if strings.Contains(out, secret) || strings.Contains(out, "hidden") {
		t.Errorf("a secret is in the log:\n%s", out)
	}
	for _, want := range []string{
		`msg="with context [redacted]" request=session-1 action=tool/invoke_tool bound=[redacted] g.also=[redacted] g.err="no [redacted]" g.in.a=[redacted] g.n=1 g.who={Name:x} g.bytes="of [redacted]" g.raw="{\"k\":\"[redacted]\"}" g.ptr="{\"P\":\"[redacted]\"}"`,
		`msg="without context [redacted]" bound=[redacted]`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the log lacks %s:\n%s", want, out)
		}
	}
}

func logAll(logger *slog.Logger) serve.ToolFunc[creds] {
	type who struct{ Name string }
	return func(ctx context.Context, c creds, _ map[string]any, _ *serve.Messages) error {
		key := c["key"].(string)
		logger.InfoContext(ctx, "with context "+key, "err", errors.New("no "+key), slog.Group("in", "a", key), "n", 1, "who", who{"x"},
			"bytes", []byte("of "+key), "raw", json.RawMessage(`{"k":"`+key+`"}`), "ptr", &struct{ P *string }{&key})
		logger.Info("without context " + key)
		return nil
	}
}

func TestHTTPSecrets(t *testing.T) {
	t.Parallel()
	const body = "code=c2&state=s&id_token=i"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cb?code=c1&x=y&access_token=a", strings.NewReader(body))
	r.SetBasicAuth("user", "pass")
	r.Header.Set("X-Api-Key", "key")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.AddCookie(&http.Cookie{Name: "session", Value: "cookie"})
	got := slices.DeleteFunc(serve.HTTPSecrets(r), func(s string) bool { return s == "" })
	want := []string{"Basic dXNlcjpwYXNz", "a", "c1", "c2", "cookie", "dXNlcjpwYXNz", "i", "key", "pass"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if left, err := io.ReadAll(r.Body); err != nil || string(left) != body {
		t.Errorf("the handler reads %q, %v", left, err)
	}
}

// TestChangedCredentials checks that secrets are redacted even if the author's code
// changes the credentials.
func TestChangedCredentials(t *testing.T) {
	t.Parallel()
	messages, _ := say(t, func(_ context.Context, c creds, _ map[string]any, out *serve.Messages) error {
		key := c["key"].(string)
		clear(c)
		return out.Text("with " + key)
	})
	if want := `{"type":"text","message":{"text":"with [redacted]"},"meta":null}`; len(messages) != 1 || messages[0] != want {
		t.Errorf("got %s, want %s", messages, want)
	}
}

// TestNotSecret checks that words of the protocol and values that do not look like a
// secret are kept, and that secret parameters are redacted.
func TestNotSecret(t *testing.T) {
	t.Parallel()
	fsys := boxFiles()
	fsys["tools/echo.yaml"].Data = append(fsys["tools/echo.yaml"].Data, "  - {name: pin, type: secret-input, form: form, label: {en_US: PIN}}\n"...)
	p := startLocal(t, fsys, newBox().bindings()...)
	response, err := p.host.Call(t.Context(), "tool", "invoke_tool", map[string]any{
		"provider": "box", "tool": "echo",
		"credentials":     map[string]any{"key": "text", "scope": "repo", "session": "0123456789abcdef"},
		"tool_parameters": map[string]any{"what": "repository 0123456789abcdef text pin-4711", "pin": "pin-4711"},
	})
	want := `{"type":"text","message":{"text":"repository [redacted] [redacted] [redacted]"},"meta":null}`
	if err != nil || response.String() != want {
		t.Errorf("got %v, %v, want %s", response, err, want)
	}
	// Anyone who knows the endpoint's URL can send a token that is not UTF-8.
	response, err = p.host.Call(t.Context(), "endpoint", "invoke_endpoint", endpoint("GET /any?token=%FF HTTP/1.1\nHost: x\n\n", map[string]any{"token": "t"}))
	if err != nil || response.Err != nil {
		t.Errorf("got %v, %v", response, err)
	}
}
