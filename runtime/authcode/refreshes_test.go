package authcode

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefreshes shares what is asked in a minute, but no failures, and lets every
// caller of a server that does not answer go at the same time. Its time is that of
// synctest, in which no one waits.
func TestRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &refreshes{calls: make(map[refreshKey]*refresh)}
		asked := 0
		ask := func(context.Context) (Answer, error) {
			asked++
			return Answer{TokenType: "bearer"}, nil
		}
		for range 3 {
			if a, err := r.do(t.Context(), refreshKey{1}, ask); err != nil || a.TokenType != "bearer" || asked != 1 {
				t.Errorf("got %q, %v after %d requests", a.TokenType, err, asked)
			}
			time.Sleep(keepRefreshed / 4)
		}
		time.Sleep(keepRefreshed)
		if kept(r) != 0 {
			t.Error("an answer is kept for longer than a minute")
		}
		if _, err := r.do(t.Context(), refreshKey{1}, ask); err != nil || asked != 2 {
			t.Errorf("got %v after %d requests", err, asked)
		}

		failing := 0
		fail := func(ctx context.Context) (Answer, error) {
			failing++
			ctx, cancel := context.WithTimeout(ctx, Timeout)
			defer cancel()
			<-ctx.Done()
			return Answer{}, errors.New("no answer")
		}
		start := time.Now()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := r.do(t.Context(), refreshKey{2}, fail); err == nil {
					t.Error("a failure is lost")
				}
			})
		}
		group.Wait()
		if elapsed := time.Since(start); elapsed != Timeout || failing != 1 {
			t.Errorf("8 callers take %v and %d requests", elapsed, failing)
		}
		if _, err := r.do(t.Context(), refreshKey{2}, ask); err != nil {
			t.Errorf("a failure is kept: %v", err)
		}

		panics := func(context.Context) (Answer, error) { panic("s3cret") }
		if _, err := r.do(t.Context(), refreshKey{4}, panics); err == nil || err.Error() != "the refresh panicked with a string" {
			t.Errorf("a panic: %v", err)
		}

		for i := range maxRefreshed + 10 {
			if _, err := r.do(t.Context(), refreshKey{3, byte(i), byte(i >> 8)}, ask); err != nil {
				t.Fatal(err)
			}
		}
		if n := kept(r); n > maxRefreshed {
			t.Errorf("%d answers are kept", n)
		}
		time.Sleep(2 * keepRefreshed)
	})
}

func kept(r *refreshes) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.calls)
}
