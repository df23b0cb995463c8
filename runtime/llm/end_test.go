package llm_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/difygen/difygen/runtime/llm"
)

// TestRequestEnds checks that writing fails when the request has ended, also if all is held back.
func TestRequestEnds(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p := writer(func(_ *call, out *llm.Output) error {
				if err := out.Text("a"); err != nil {
					t.Error(err)
				}
				cancel()
				synctest.Wait()
				return out.Text("b")
			})
			req := request(t, fmt.Sprintf(`{%s,"stream":%t}`, prompt, stream))
			sent := 0
			req.Stream = func(any) error { sent++; return nil }
			if _, err := llm.Bind(p, decodeCredentials, decodeParameters)[0].Serve(ctx, req); !errors.Is(err, context.Canceled) || (sent == 1) != stream {
				t.Errorf("stream %t: %d chunks, %v", stream, sent, err)
			}
		})
	}
}

// TestRequestEndsFirst checks that an answer which ends when its request has ended is an error.
func TestRequestEndsFirst(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for range 1000 { // most end before the output hears of it
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := llm.Ask(ctx, writer(func(_ *call, out *llm.Output) error {
			err := out.Text("a")
			cancel(gone)
			return err
		}), &call{})
		if !errors.Is(err, gone) {
			t.Fatalf("got %v, want that the request is gone", err)
		}
	}
}

// TestRequestEndsMemory checks that nothing is kept for a method that goes on after its request has
// ended.
func TestRequestEndsMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	const size = 1 << 20
	heap := func() int {
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	for name, test := range map[string]struct {
		stream bool
		write  func(*llm.Output) error
	}{
		"an answer": {false, func(out *llm.Output) error { return out.Text(strings.Repeat("x", size)) }},
		"a call":    {true, func(out *llm.Output) error { return out.ToolCall(llm.ToolCall{Name: strings.Repeat("x", size)}) }},
		"prose": {true, func(out *llm.Output) error {
			llm.AskForCodeBlock(&call{}, out, llm.CodeJSON)
			return out.Text(strings.Repeat("x", size-1))
		}},
		"a stop word": {true, func(out *llm.Output) error {
			word := strings.Repeat("x", size)
			out.StopAt(word)
			return out.Text(word[:size-1])
		}},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // it measures memory
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var before, during, after int
				p := writer(func(_ *call, out *llm.Output) error {
					before = heap()
					if err := test.write(out); err != nil {
						t.Error(err)
					}
					during = heap()
					cancel()
					synctest.Wait()
					after = heap()
					return out.Text("b")
				})
				req := request(t, fmt.Sprintf(`{%s,"stream":%t}`, prompt, test.stream))
				req.Stream = func(any) error { return nil }
				if _, err := llm.Bind(p, decodeCredentials, decodeParameters)[0].Serve(ctx, req); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				if during-before < size/2 || after-before > size/4 {
					t.Errorf("%d bytes are kept, and %d after the end", during-before, after-before)
				}
			})
		})
	}
}
