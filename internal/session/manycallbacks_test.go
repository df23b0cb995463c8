package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
)

// TestBurst checks that 3,000 replies to one call arrive in order, and that nothing blocks the reader
// while nobody reads them.
func TestBurst(t *testing.T) {
	t.Parallel()
	const many = 3000
	read := make(chan struct{})
	s := newTestServer(t, plugin(func(ctx context.Context, req *runtime.Request) (any, error) {
		if req.Data["other"] != nil {
			return map[string]any{"other": true}, nil
		}
		replies, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
		if err != nil {
			return nil, err
		}
		defer replies.Close()
		<-read
		for i := range many {
			data, err := replies.Next()
			if want := fmt.Sprintf(`{"n":%d}`, i); err != nil || string(data) != want {
				return nil, fmt.Errorf("got %s, %w, want %s", data, err, want)
			}
		}
		_, err = replies.Next()
		return map[string]any{"end": fmt.Sprint(err)}, nil
	}))
	h := serveHost(t, s, TCP)
	h.send(string(line("s", nil)))
	m := h.call()
	for i := range many {
		h.send(m.reply("response", "stream", fmt.Sprintf(`{"n":%d}`, i)))
	}
	h.send(m.end(), string(line("t", map[string]any{"other": 1})))
	if got := []string{h.result(), h.result()}; !cmp.Equal(got, []string{`{"other":true}`, "end"}) {
		t.Errorf("meanwhile, got %s", got)
	}
	close(read)
	if got := h.result(); got != `{"end":"EOF"}` {
		t.Errorf("got %s", got)
	}
	if n := s.queued.Load(); n != 0 {
		t.Errorf("%d bytes are queued", n)
	}
}

// TestManyCalls checks that each of 1,000 calls at once gets its own replies, in order.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	const many = 1000
	s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
		errs := make([]error, many)
		var wait sync.WaitGroup
		for i := range many {
			wait.Go(func() {
				n := strconv.Itoa(i)
				got, err := collect(ctx, "tool", map[string]any{"n": i})
				if diff := cmp.Diff([]string{`{"n":` + n + `,"i":0}`, `{"n":` + n + `,"i":1}`, `{"n":` + n + `,"i":2}`}, got); err != nil || diff != "" {
					errs[i] = fmt.Errorf("%w, (-want +got):%s", err, diff)
				}
			})
		}
		wait.Wait()
		return map[string]any{}, errors.Join(errs...)
	}))
	h := serveHost(t, s, TCP)
	h.send(string(line("s", nil)))
	ids := make(map[string]bool)
	var calls []*invocation
	for range many {
		m := h.call()
		ids[m.Data.Data.ID] = true
		calls = append(calls, m)
	}
	if len(ids) != many {
		t.Errorf("there are %d IDs", len(ids))
	}
	for i := range 3 {
		for _, m := range calls {
			h.send(m.reply("response", "stream", strings.TrimSuffix(string(m.Data.Data.Request), "}")+`,"i":`+strconv.Itoa(i)+"}"))
		}
	}
	for _, m := range calls {
		h.send(m.end())
	}
	if got := h.result(); got != "{}" {
		t.Errorf("got %s", got)
	}
}

// TestOverflow checks that a call whose replies are not read fails alone, and that what it has queued
// is dropped.
func TestOverflow(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	big := `{"x":"` + strings.Repeat("x", size) + `"}`
	for name, test := range map[string]struct {
		used    int // of the memory for all calls
		data    string
		replies int
		want    error
	}{
		"as much as fits":      {0, big, 31, io.EOF},
		"too much for a call":  {0, big, 32, callback.ErrOverflow},
		"too much for all":     {maxQueuedAll - 10*size, big, 10, callback.ErrOverflow},
		"many that are small":  {maxQueuedAll - 1000*queuedSize, "{}", 999, callback.ErrOverflow},
		"so many fit for them": {maxQueuedAll - 1001*(queuedSize+2), "{}", 1000, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
					slow, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
					if err != nil {
						return nil, err
					}
					other, err := collect(ctx, "storage", map[string]any{})
					n := 0
					var end error
					for ; end == nil; n++ {
						_, end = slow.Next()
					}
					if errors.Is(end, io.EOF) && n-1 != test.replies || errors.Is(end, callback.ErrOverflow) && n != 1 {
						t.Errorf("%d replies come", n-1)
					}
					return map[string]any{"end": end.Error(), "other": other}, err
				}))
				s.queued.Add(int64(test.used))
				h := serveHost(t, s, TCP)
				h.send(string(line("s", nil)))
				slow, other := h.call(), h.call()
				for range test.replies {
					h.send(slow.reply("response", "stream", test.data))
				}
				h.send(slow.end(), other.reply("response", "struct", "{}"), other.end())
				if got, want := h.result(), fmt.Sprintf(`{"end":%q,"other":["{}"]}`, test.want); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if n := s.queued.Load(); n != int64(test.used) {
					t.Errorf("%d bytes are queued, want %d", n, test.used)
				}
			})
		})
	}
}

// TestRoom checks that a call which reads slowly, and not another one, fails when there is no more
// memory for replies.
func TestRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		s := newTestServer(t, plugin(func(ctx context.Context, _ *runtime.Request) (any, error) {
			slow, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
			if err != nil {
				return nil, err
			}
			other, err := collect(ctx, "storage", map[string]any{})
			_, end := slow.Next()
			return map[string]any{"end": fmt.Sprint(end), "other": len(other)}, err
		}))
		s.queued.Add(maxQueuedAll - 10*size)
		h := serveHost(t, s, TCP)
		h.send(string(line("s", nil)))
		slow, other := h.call(), h.call()
		big := `{"x":"` + strings.Repeat("x", size) + `"}`
		for range 9 {
			h.send(slow.reply("response", "stream", big))
		}
		for range 5 {
			h.send(other.reply("response", "stream", big))
		}
		h.send(other.end())
		if got, want := h.result(), fmt.Sprintf(`{"end":%q,"other":5}`, callback.ErrOverflow); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if n := s.queued.Load(); n != maxQueuedAll-10*size {
			t.Errorf("%d bytes are queued", n-(maxQueuedAll-10*size))
		}
	})
}
