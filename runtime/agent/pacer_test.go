package agent_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
)

// TestPace checks that at no time more messages have been sent than a client reads that takes a millisecond
// for each, and those that the host keeps for it.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*agent.Output) error{
		"steps":     func(o *agent.Output) error { return o.Step("s", "").End(nil, nil) },
		"texts":     func(o *agent.Output) error { return o.Text(strings.Repeat("x", 4<<10)) },
		"variables": func(o *agent.Output) error { return errors.Join(o.StreamVariable("a", "b"), o.Text("c"), o.Link("u")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const most = 64 + 16
				start, sent := time.Now(), 0
				out := agent.NewOutput(t.Context(), func(runtime.ToolMessage) error {
					sent++
					if read := int(time.Since(start) / time.Millisecond); sent-read > most {
						t.Errorf("%d messages in %d ms", sent, read)
					}
					return nil
				})
				for range 2000 {
					if err := write(out); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(start); took < time.Duration(sent-most)*time.Millisecond || took > time.Duration(sent)*time.Millisecond {
					t.Errorf("%d messages took %v", sent, took)
				}
				if err := out.End(nil); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestPaceOfFew checks that nobody waits who sends few messages, or has rested.
func TestPaceOfFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		out := agent.NewOutput(t.Context(), r.send)
		for range 3 {
			start := time.Now()
			for range 64 {
				if err := out.Link("u"); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took != 0 {
				t.Errorf("64 messages took %v", took)
			}
			time.Sleep(64 * time.Millisecond)
		}
	})
}

// TestPaceOfFiles checks that files do not wait: the daemon joins their chunks before it keeps them.
func TestPaceOfFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, sent := time.Now(), 0
		out := agent.NewOutput(t.Context(), func(runtime.ToolMessage) error { sent++; return nil })
		if err := out.File(make([]byte, 2<<20), runtime.FileMeta{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 0 || sent < 256 {
			t.Errorf("%d messages have waited for %v", sent, took)
		}
		if err := out.End(nil); err != nil {
			t.Error(err)
		}
	})
}

// TestPaceEnds checks that a message that waits does not outlast the request, nor hold up a text.
func TestPaceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		out := agent.NewOutput(ctx, r.send)
		failed := make(chan error, 10_000)
		for range cap(failed) { // the last one waits for ten seconds
			go func() { failed <- out.Link("u") }()
		}
		synctest.Wait()
		start := time.Now()
		if err := out.Text("a"); err != nil || time.Since(start) != 0 {
			t.Errorf("a text that waits: %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Second)
		cancel(gone)
		synctest.Wait()
		if took := time.Since(start); took != time.Second || len(failed) != cap(failed) {
			t.Errorf("%d messages have ended after %v", len(failed), took)
		}
		ended := 0
		for range cap(failed) {
			if err := <-failed; errors.Is(err, gone) {
				ended++
			}
		}
		if sent := len(r.sent()) - 1; sent != 64+1000 || ended != cap(failed)-sent { // and the text
			t.Errorf("%d messages sent, %d not", sent, ended)
		}
	})
}
