package session

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestLongLines checks that long lines are served, and that one which would take too much memory
// is refused.
func TestLongLines(t *testing.T) {
	t.Parallel()
	long := func(_ context.Context, req *runtime.Request) (any, error) {
		text, _ := req.Data["text"].(string)
		return map[string]any{"length": len(text)}, nil
	}
	s := newTestServer(t, plugin(long))
	numbers := bytes.Replace(line("numbers", nil), []byte(`"type":"test"`), []byte(`"numbers":[`+strings.Repeat("1,", 8<<20)+`1]`), 1)
	if !bytes.HasPrefix(numbers, []byte(`{"data"`)) {
		t.Fatalf("the line is %.20s", numbers)
	}
	numbers = append([]byte(`{"session_id":"numbers",`), numbers[1:]...)
	anonymous := append([]byte(`{"conversation_id":"`+strings.Repeat("c", keptPrefix)+`",`), numbers[1:]...)
	for name, test := range map[string]struct {
		line []byte
		want []string
	}{
		"a long text": {line("long", map[string]any{"text": strings.Repeat("x", 1<<20)}), []string{`{"length":1048576}`}},
		"numbers":     {numbers, []string{"ValidationError: the request is too large"}},
		"no ID":       {anonymous, nil},
	} {
		in, stdin := io.Pipe()
		stdout, out := io.Pipe()
		go func() {
			_ = s.Lines(t.Context(), Stdio, in, out)
			out.Close()
		}()
		go func() {
			_, _ = stdin.Write(append(test.line, '\n'))
			stdin.Close()
		}()
		all, err := io.ReadAll(stdout)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, messages(t, all)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if name == "no ID" && !bytes.Contains(all, []byte(`"error":"a message from the host is refused: the request is too large"`)) {
			t.Errorf("%s: the host hears %s", name, all)
		}
		s = newTestServer(t, plugin(long)) // the other one has stopped
	}
}
