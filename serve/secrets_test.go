package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

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

// TestLogs keeps secrets out of what the author's code logs in a request.
func TestLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	mine := slog.New(serve.NewLogHandler(slog.NewTextHandler(&b, nil))).With("bound", secret).WithGroup("g").With("also", secret)
	parts := newBox().parts()
	parts[1] = serve.NewTool("echo", decodeCall, logAll(mine))
	p := startLocal(t, boxFiles(), parts...)
	if _, err := p.host.Call(t.Context(), "tool", "invoke_tool", tool0()); err != nil {
		t.Fatal(err)
	}
	p.end(t)
	out := b.String()
	if strings.Contains(out, secret) || strings.Contains(out, "hidden") {
		t.Errorf("a secret is in the log:\n%s", out)
	}
	for _, want := range []string{
		`msg="with context [redacted]" request=session-1 action=tool/invoke_tool bound=[redacted] g.also=[redacted] g.err="no [redacted]" g.in.a=[redacted] g.n=1 g.who={Name:x}`,
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
		logger.InfoContext(ctx, "with context "+key, "err", errors.New("no "+key), slog.Group("in", "a", key), "n", 1, "who", who{"x"})
		logger.Info("without context " + key)
		return nil
	}
}
