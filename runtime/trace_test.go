package runtime_test

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
)

func TestTraceparent(t *testing.T) {
	t.Parallel()
	const valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for in, want := range map[string]string{
		valid: valid, "": "", valid + "-x": "", strings.ToUpper(valid): "", "01" + valid[2:]: "", strings.Replace(valid, "f0", "\r\n", 1): "",
		"00-" + strings.Repeat("0", 32) + valid[35:]: "", valid[:36] + strings.Repeat("0", 16) + "-01": "",
	} {
		if got := runtime.Traceparent(runtime.WithTraceparent(t.Context(), in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
