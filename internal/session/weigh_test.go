package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestWeigh compares what a line is taken to weigh with the memory that it takes.
func TestWeigh(t *testing.T) { //nolint:paralleltest // measures the heap
	for name, text := range map[string]string{
		"a long text": `{"a":"` + strings.Repeat("x", 4<<20) + `"}`,
		"escapes":     `{"a":"` + strings.Repeat(`\"\\[{,`, 1<<19) + `"}`,
		"numbers":     `[` + strings.Repeat("1,", 1<<19) + `1]`,
		"lists":       `[` + strings.Repeat("[],", 1<<18) + `[]]`,
		"full lists":  `[` + strings.Repeat("[1],", 1<<18) + `[]]`,
		"objects":     `[` + strings.Repeat(`{"a":1},`, 1<<16) + `{}]`,
		"names":       `{` + numbered(`"name%d":1,`, 1<<17) + `"b":2}`,
		"short texts": `[` + strings.Repeat(`"ab",`, 1<<18) + `""]`,
		"deep":        strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"usual":       `[` + strings.Repeat(`{"id":12345,"name":"some name","tags":["a","b"],"open":true},`, 1<<14) + `{}]`,
	} {
		line := []byte(text)
		before := heapInUse()
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		took, weight := heapInUse()-before+int64(len(line)), int64(weigh(line))
		goruntime.KeepAlive(v)
		if weight < took*9/10 || weight > 4*took+1<<20 {
			t.Errorf("%s of %d bytes takes %d with what it becomes, and weighs %d", name, len(line), took, weight)
		}
	}
}

// numbered repeats a format with numbers.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// FuzzWeigh checks that what is in texts does not count, wherever they end.
func FuzzWeigh(f *testing.F) {
	for _, text := range []string{"", `"`, `\`, `a\"b[{,`, "\\\\", "\x00é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, err := json.Marshal([]string{text, text})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := weigh(line)-2*len(line), weigh([]byte(`["",""]`))-2*len(`["",""]`); got != want {
			t.Errorf("%s weighs %d more, want %d", line, got, want)
		}
		weigh([]byte(text)) // must not panic
	})
}

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
