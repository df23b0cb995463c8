package session

import (
	"fmt"
	"io"
	"testing"
)

// BenchmarkDispatch dispatches signed webhooks.
func BenchmarkDispatch(b *testing.B) {
	for _, size := range []int{2 << 10, 64 << 10} {
		body, signature := hook(size)
		s := newTestServer(b, dispatching())
		line := hookLine(b, "dispatch_trigger_event", rawHook(body, signature), nil)
		b.Run(fmt.Sprintf("%d bytes", len(body)), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				s.Answer(s.Context(), TCP, line, "", io.Discard)
			}
		})
	}
}
