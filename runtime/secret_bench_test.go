package runtime_test

import (
	"testing"

	"github.com/difygen/difygen/runtime"
)

// BenchmarkSecret measures hiding and revealing a token.
func BenchmarkSecret(b *testing.B) {
	for b.Loop() {
		runtime.NewSecret("ghp_0123456789abcdefghijklmnopqrstuvwxyz").Reveal()
	}
}
