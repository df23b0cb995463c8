package authcode

import (
	"context"
	"encoding/json"
	"errors"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestRefreshes checks that responses are shared for a minute and errors are not, and
// that all callers of a server that does not respond fail at the same time. It runs in
// the fake time of synctest.
func TestRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRequestSharing()
		requests := 0
		request := func(context.Context) (TokenResponse, time.Duration, error) {
			requests++
			return TokenResponse{TokenType: "bearer"}, keepRefreshed, nil
		}
		for range 3 {
			if a, err := r.do(t.Context(), keyOf(1), request); err != nil || a.TokenType != "bearer" || requests != 1 {
				t.Errorf("got %q, %v after %d requests", a.TokenType, err, requests)
			}
			time.Sleep(keepRefreshed / 4) // fake
		}
		time.Sleep(keepRefreshed) // fake
		if kept(r) != 0 {
			t.Error("a response is kept for longer than a minute")
		}
		if _, err := r.do(t.Context(), keyOf(1), request); err != nil || requests != 2 {
			t.Errorf("got %v after %d requests", err, requests)
		}

		var failing atomic.Int32
		fail := func(ctx context.Context) (TokenResponse, time.Duration, error) {
			failing.Add(1)
			<-ctx.Done()
			return TokenResponse{TokenType: "late"}, 0, errors.New("no response")
		}
		start := time.Now()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := r.do(t.Context(), keyOf(2), fail); err == nil {
					t.Error("a failure is lost")
				}
			})
		}
		group.Wait()
		if elapsed := time.Since(start); elapsed != Timeout || failing.Load() != 1 {
			t.Errorf("8 callers take %v and %d requests", elapsed, failing.Load())
		}
		if _, err := r.do(t.Context(), keyOf(2), request); err != nil {
			t.Errorf("a failure is kept: %v", err)
		}

		panics := func(context.Context) (TokenResponse, time.Duration, error) { panic("s3cret") }
		if _, err := r.do(t.Context(), keyOf(4), panics); err == nil || err.Error() != "the token request panicked with a string" {
			t.Errorf("a panic: %v", err)
		}

		time.Sleep(2 * keepRefreshed) // fake
		if kept(r) != 0 || r.size != 0 {
			t.Errorf("%d responses of %d bytes are kept", kept(r), r.size)
		}
	})
}

// TestStuckRequest checks a request that ignores its context: it must not keep later callers
// from a new one.
func TestStuckRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, release := newRequestSharing(), make(chan struct{})
		stuck := func(context.Context) (TokenResponse, time.Duration, error) {
			<-release
			return TokenResponse{TokenType: "late"}, keepRefreshed, nil
		}
		start := time.Now()
		if _, err := s.do(t.Context(), keyOf(1), stuck); !errors.Is(err, runtime.ErrUnreachable) || time.Since(start) != Timeout {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		r, err := s.do(t.Context(), keyOf(1), func(context.Context) (TokenResponse, time.Duration, error) {
			return TokenResponse{TokenType: "bearer"}, keepRefreshed, nil
		})
		if err != nil || r.TokenType != "bearer" {
			t.Errorf("the next request: %q, %v", r.TokenType, err)
		}
		close(release)
		synctest.Wait()
		if r, err = s.do(t.Context(), keyOf(1), stuck); err != nil || r.TokenType != "bearer" {
			t.Errorf("the late response replaces the newer one: %q, %v", r.TokenType, err)
		}
		time.Sleep(2 * keepRefreshed) // fake
	})
}

// TestBudget checks that the memory for responses is limited: the oldest ones go. It is not
// parallel, since it measures the heap.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRequestSharing()
		const count, size = 400, 30 << 10
		requests := 0
		get := func(i int) {
			_, err := s.do(t.Context(), keyOf(i), func(context.Context) (TokenResponse, time.Duration, error) {
				requests++
				return newResponse(map[string]any{"access_token": "x", "more": strings.Repeat("x", size)}, time.Now()), keepRefreshed, nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		before := heap()
		for i := range count {
			get(i)
		}
		synctest.Wait()
		grown := heap() - before
		t.Logf("%d responses take %d KiB", count, grown>>10)
		if grown > maxKept {
			t.Error("that is too much")
		}
		if n := kept(s); n < maxKept/maxKeptEach || n > maxKept/(2*size) || s.size > maxKept {
			t.Errorf("%d responses of %d bytes are kept", n, s.size)
		}
		get(count - 1)
		if requests != count {
			t.Error("the newest response is not kept")
		}
		get(0)
		if requests != count+1 {
			t.Error("the oldest response is kept")
		}
		time.Sleep(2 * keepRefreshed) // fake
		if kept(s) != 0 || s.size != 0 {
			t.Errorf("%d responses of %d bytes are kept in the end", kept(s), s.size)
		}
	})
}

// TestLargeResponse checks that a response over 64 KiB is shared by the callers that wait for it, and
// then neither kept nor in the way of those that are.
func TestLargeResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, requests := newRequestSharing(), make(map[int]int)
		var mutex sync.Mutex
		get := func(i, size int) {
			_, err := s.do(t.Context(), keyOf(i), func(context.Context) (TokenResponse, time.Duration, error) {
				mutex.Lock()
				requests[i]++
				mutex.Unlock()
				time.Sleep(time.Second)
				return newResponse(map[string]any{"access_token": strings.Repeat("x", size)}, time.Now()), keepRefreshed, nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		get(0, 100)
		var group sync.WaitGroup
		for i := range 20 {
			for range 3 {
				group.Go(func() { get(1+i, 1_000_000) })
			}
		}
		group.Wait()
		get(0, 100)
		if requests[0] != 1 || kept(s) != 1 {
			t.Errorf("a small response is requested %d times, and %d are kept", requests[0], kept(s))
		}
		for i := range 20 {
			if n := requests[1+i]; n != 1 {
				t.Errorf("3 callers at the same time make %d requests", n)
			}
		}
		get(1, 1_000_000)
		if requests[1] != 2 {
			t.Error("a large response is kept")
		}
		small := (maxKeptEach-shareOverhead)/2 - len(`{"access_token":""}`)
		for range 2 {
			get(30, small)
			get(31, small+1)
		}
		if requests[30] != 1 || requests[31] != 2 {
			t.Errorf("a response of 64 KiB is requested %d times, a larger one %d", requests[30], requests[31])
		}
		time.Sleep(2 * keepRefreshed) // fake
	})
}

// TestForgetsOnlyItsOwn checks that the timer of an earlier request, which may have fired
// already when it is stopped, does not forget the response to a later one.
func TestForgetsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	s, requests := newRequestSharing(), 0
	get := func() {
		t.Helper()
		_, err := s.do(t.Context(), keyOf(1), func(context.Context) (TokenResponse, time.Duration, error) {
			requests++
			return newResponse(map[string]any{"access_token": "x"}, time.Now()), keepRefreshed, nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	get()
	first := s.requests[keyOf(1)].number
	s.forgetToken(keyOf(1), runtime.NewSecret("x"))
	get()
	s.forget(keyOf(1), first)
	get()
	if requests != 2 {
		t.Errorf("%d requests, want 2", requests)
	}
}

func keyOf(n int) shareKey { return shareKey{request: [32]byte{byte(n), byte(n >> 8)}} }

// heap returns how many bytes of the heap are in use.
func heap() int64 {
	for range 2 { // what is in a pool survives the first time
		goruntime.GC()
	}
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func kept(s *requestSharing) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.requests)
}

// TestNeeded checks what is kept of a response: what credentials_schema declares, or all of it
// if a function of the author can ask for it.
func TestNeeded(t *testing.T) {
	t.Parallel()
	decode := func(values map[string]any) (fuzzCreds, error) {
		if values["team"] == nil {
			return fuzzCreds{}, errors.New("there is no team")
		}
		return fuzzCreds{map[string]any{"access_token": values["access_token"], "team": values["team"]}}, nil
	}
	config := fuzzFlow(time.Unix(1_800_000_000, 0)).config
	full := newResponse(map[string]any{
		"access_token": "s3cret-1", "refresh_token": "s3cret-2", "team": "7", "expires_in": json.Number("3600"), "more": strings.Repeat("x", 1<<16),
	}, config.Now())
	accept := config
	accept.Accept = func(context.Context, fuzzClient, TokenResponse, *runtime.OAuthResult[fuzzCreds]) error { return nil }
	for _, test := range []struct {
		config  Config[fuzzClient, fuzzCreds]
		old     map[string]any
		members int
	}{
		{config, nil, 4},
		{config, map[string]any{"team": "8"}, 4},
		{accept, nil, 5},
	} {
		f := MustNew(decode, test.config)
		kept := f.needed(fuzzClient{}, full, test.old)
		if n := len(kept.values()); n != test.members {
			t.Errorf("%d members are kept, want %d", n, test.members)
		}
		want, wantErr := f.accepted(t.Context(), fuzzClient{}, full, test.old)
		got, err := f.accepted(t.Context(), fuzzClient{}, kept, test.old)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(fuzzCreds{})); diff != "" || err != nil || wantErr != nil {
			t.Errorf("result: %v, %v (-before +after):\n%s", wantErr, err, diff)
		}
	}
	if r := MustNew(decode, config).needed(fuzzClient{}, newResponse(map[string]any{"access_token": "x"}, config.Now()), nil); len(r.values()) != 1 {
		t.Errorf("a response that cannot be decoded becomes %v", r.values())
	}
}
