package serve

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/difygen/difygen/internal/session"
)

// deadliner is a response whose request may have a deadline, as on a connection.
type deadliner struct{ *httptest.ResponseRecorder }

func (deadliner) SetReadDeadline(time.Time) error { return nil }

// TestBodyMemory checks how much memory a body takes, and of what. It gives it back.
func TestBodyMemory(t *testing.T) {
	t.Parallel()
	const little = 4 * maxSmall // of which each body takes at most a quarter
	for name, test := range map[string]struct {
		size         int
		unknown      bool  // the request does not say the size
		taken        int64 // of the memory for small bodies, before
		small, large int64
		err          error
	}{
		"nothing":                          {0, false, 0, 1, 0, nil},
		"small":                            {1000, false, 0, 1001, 0, nil},
		"just small":                       {maxSmall - 1, false, 0, maxSmall, 0, nil},
		"not small":                        {maxSmall, false, 0, 0, maxSmall + 1, nil},
		"small, while others are":          {1000, false, little, 0, 1001, nil},
		"the largest":                      {maxBody, false, 0, 0, maxBody + 1, nil},
		"too large":                        {maxBody + 1, false, 0, 0, 0, session.ErrTooLarge},
		"unknown, small":                   {1000, true, 0, maxFirst + 1, 0, nil},
		"unknown, just at once":            {maxFirst, true, 0, maxFirst + 1, 0, nil},
		"unknown, grows":                   {maxFirst + 1, true, 0, 0, 2 * (maxFirst + 1), nil},
		"unknown, the largest":             {maxBody, true, 0, 0, maxBody + 1, nil},
		"unknown, too large":               {maxBody + 1, true, 0, 0, maxBody + 1, session.ErrTooLarge},
		"unknown, grows, while others are": {maxFirst + 1, true, little, 0, 2 * (maxFirst + 1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := defaultLimits()
			l.small = little
			b := newBodies(l)
			if !b.small.TryAcquire(test.taken) {
				t.Fatal("there is too little")
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/invoke", bytes.NewReader(make([]byte, test.size)))
			if test.unknown {
				r.ContentLength = -1
			}
			data, memory, err := b.read(http.NewResponseController(deadliner{httptest.NewRecorder()}), r)
			if !errors.Is(err, test.err) || err == nil && len(data) != test.size {
				t.Errorf("got %d bytes, %v, want %v", len(data), err, test.err)
			}
			if int64(cap(data)) > test.small+test.large {
				t.Errorf("the body takes %d bytes", cap(data))
			}
			b.checkTaken(t, test.taken+test.small, test.large)
			memory.release()
			b.checkTaken(t, test.taken, 0)
		})
	}
}

// checkTaken checks how much memory is taken.
func (b *bodies) checkTaken(t *testing.T, small, large int64) {
	t.Helper()
	small, large = b.limits.small-small, b.limits.large-large
	if !b.small.TryAcquire(small) || b.small.TryAcquire(1) {
		t.Errorf("not %d bytes are left for small bodies", small)
	}
	if !b.large.TryAcquire(large) || b.large.TryAcquire(1) {
		t.Errorf("not %d bytes are left for all bodies", large)
	}
	b.small.Release(small)
	b.large.Release(large)
}

// TestWaitForMemory checks that a body waits for memory, but not forever.
func TestWaitForMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBodies(limits{large: maxGrowing, wait: 10 * time.Second})
		first, err := b.take(t.Context(), maxGrowing)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := b.take(t.Context(), 1); !errors.Is(err, session.ErrBusy) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		start = time.Now()
		time.AfterFunc(9*time.Second, first.release)
		second, err := b.take(t.Context(), maxGrowing)
		if err != nil || time.Since(start) != 9*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		second.release()
	})
}
