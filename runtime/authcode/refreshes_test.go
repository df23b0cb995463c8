package authcode

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefreshes checks that responses are shared for a minute and errors are not, and
// that all callers of a server that does not respond fail at the same time. It runs in
// the fake time of synctest.
func TestRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &refreshes{calls: make(map[refreshKey]*refresh)}
		requests := 0
		request := func(context.Context) (TokenResponse, error) {
			requests++
			return TokenResponse{TokenType: "bearer"}, nil
		}
		for range 3 {
			if a, err := r.do(t.Context(), refreshKey{1}, request); err != nil || a.TokenType != "bearer" || requests != 1 {
				t.Errorf("got %q, %v after %d requests", a.TokenType, err, requests)
			}
			time.Sleep(keepRefreshed / 4)
		}
		time.Sleep(keepRefreshed)
		if kept(r) != 0 {
			t.Error("a response is kept for longer than a minute")
		}
		if _, err := r.do(t.Context(), refreshKey{1}, request); err != nil || requests != 2 {
			t.Errorf("got %v after %d requests", err, requests)
		}

		failing := 0
		fail := func(ctx context.Context) (TokenResponse, error) {
			failing++
			ctx, cancel := context.WithTimeout(ctx, Timeout)
			defer cancel()
			<-ctx.Done()
			return TokenResponse{}, errors.New("no response")
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
		if _, err := r.do(t.Context(), refreshKey{2}, request); err != nil {
			t.Errorf("a failure is kept: %v", err)
		}

		panics := func(context.Context) (TokenResponse, error) { panic("s3cret") }
		if _, err := r.do(t.Context(), refreshKey{4}, panics); err == nil || err.Error() != "the refresh panicked with a string" {
			t.Errorf("a panic: %v", err)
		}

		for i := range maxRefreshed + 10 {
			if _, err := r.do(t.Context(), refreshKey{3, byte(i), byte(i >> 8)}, request); err != nil {
				t.Fatal(err)
			}
		}
		if n := kept(r); n > maxRefreshed {
			t.Errorf("%d responses are kept", n)
		}
		time.Sleep(2 * keepRefreshed)
	})
}

func kept(r *refreshes) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.calls)
}
