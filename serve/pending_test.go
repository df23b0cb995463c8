package serve

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
		if err := p.add(2); err != nil {
			t.Error(err)
		}
	}
	if err := p.add(2); !errors.Is(err, errBusy) {
		t.Errorf("got %v, want %v", err, errBusy)
	}
	idle := p.idle()
	p.close()
	if err := p.add(2); !errors.Is(err, errStopping) {
		t.Errorf("got %v, want %v", err, errStopping)
	}
	p.done()
	if isIdle() {
		t.Error("nothing is pending although one of two is")
	}
	p.done()
	<-idle
	if !isIdle() {
		t.Error("something is pending at the end")
	}
}
