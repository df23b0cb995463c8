package trigger

import (
	"errors"
	"net/http"
	"testing"
)

// TestResultEnds checks that nothing is accepted that the result does not have.
func TestResultEnds(t *testing.T) {
	t.Parallel()
	d, w := new(Dispatcher), newResponse(&http.Request{Method: http.MethodPost})
	if _, err := d.result(w); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write([]byte("late")); n != 0 || !errors.Is(err, http.ErrHandlerTimeout) {
		t.Errorf("wrote %d, %v", n, err)
	}
	if err := d.Dispatch("push", nil); !errors.Is(err, errAnswered) {
		t.Errorf("got %v", err)
	}
}
