package session

import (
	"errors"
	"testing"
)

// TestPending checks the limit, the signal that nothing is pending, and that add fails
// after close.
func TestPending(t *testing.T) {
	t.Parallel()
	var p pending
	isIdle := func() bool {
		select {
		case <-p.idle():
			return true
		default:
			return false
		}
	}
	if !isIdle() {
		t.Error("something is pending at first")
	}
	for range 2 {
		if err := p.add(2, 1); err != nil {
			t.Error(err)
		}
	}
	if err := p.add(2, 1); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want %v", err, ErrBusy)
	}
	idle := p.idle()
	p.close()
	if err := p.add(2, 1); !errors.Is(err, errStopping) {
		t.Errorf("got %v, want %v", err, errStopping)
	}
	p.done(1)
	if isIdle() {
		t.Error("nothing is pending although one of two is")
	}
	p.done(1)
	<-idle
	if !isIdle() {
		t.Error("something is pending at the end")
	}
}

// TestPendingBytes checks that large requests are few at a time, and that none is too large.
func TestPendingBytes(t *testing.T) {
	t.Parallel()
	var p pending
	if err := p.add(10, maxPendingBytes+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	for i, test := range []struct {
		size int
		want error
	}{{maxPendingBytes - 1, nil}, {1, nil}, {1, ErrBusy}} {
		if err := p.add(10, test.size); !errors.Is(err, test.want) {
			t.Errorf("%d: got %v, want %v", i, err, test.want)
		}
	}
	p.done(maxPendingBytes - 1)
	if err := p.add(10, maxPendingBytes-1); err != nil {
		t.Errorf("after a large request: %v", err)
	}
}
