package session

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
)

// TestOutside checks calls of code that has no request: their limit, how long they wait, and how they
// end.
func TestOutside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, plugin(asking))
		var lines []string
		s.cfg.SendCallback = func(ctx context.Context, session string, line []byte) (io.ReadCloser, error) {
			lines = append(lines, string(line))
			m := new(invocation)
			if err := json.Unmarshal(line, m); err != nil || m.Session != session {
				t.Errorf("%s: %v", line, err)
			}
			if m.Data.Data.Type == "silence" {
				return io.NopCloser(waitReader{ctx}), nil
			}
			return io.NopCloser(strings.NewReader(m.reply("response", "struct", `{"a":"<"}`) + "\n" + m.end() + "\n")), nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		c, end := s.Outside(1000)
		inside := callback.NewContext(ctx, c)
		if got, err := collect(inside, "storage", map[string]any{"key": "<k>"}); err != nil || !cmp.Equal(got, []string{`{"a":"<"}`}) {
			t.Errorf("got %q, %v", got, err)
		}
		if len(lines) != 1 || !strings.Contains(lines[0], `"request":{"key":"<k>"}`) {
			t.Errorf("the host gets %q", lines)
		}
		var tooLarge *callback.TooLargeError
		if _, err := collect(inside, "storage", map[string]any{"key": strings.Repeat("x", 1000)}); !errors.As(err, &tooLarge) || tooLarge.Size <= 1100 || tooLarge.Limit != 1000 {
			t.Errorf("a large call: got %v", err)
		}
		start := time.Now()
		if _, err := collect(inside, "silence", map[string]any{}); !errors.Is(err, callback.ErrTimeout) || time.Since(start) != 250*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		open, err := c.Invoke(ctx, "silence", map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"silence"}, end()); diff != "" {
			t.Errorf("open (-want +got):\n%s", diff)
		}
		if _, err := open.Next(); !errors.Is(err, callback.ErrEnded) {
			t.Errorf("after the end: got %v", err)
		}
		if _, err := c.Invoke(ctx, "storage", map[string]any{}); !errors.Is(err, callback.ErrEnded) {
			t.Errorf("after the end: got %v", err)
		}
		cancel()
		again, end := s.Outside(0)
		defer end()
		if _, err := again.Invoke(ctx, "storage", map[string]any{}); !errors.Is(err, context.Canceled) {
			t.Errorf("after its context is done: got %v", err)
		}
	})
}
