package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/redact"
)

// BenchmarkNew measures what the first error or log record of a request costs.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		redact.New("ghp_0123456789abcdefghijklmnopqrstuvwxyz").Redact("GitHub: Personal access token (access_token) is not valid: 401")
	}
}

// BenchmarkRedact measures a text of 1 MiB, in nanoseconds per byte, with few and many secrets.
func BenchmarkRedact(b *testing.B) {
	text := strings.Repeat("The quick brown fox jumps over 13 lazy dogs, 100%, \\ \"said\" it+. ", 1<<20/67)
	for _, n := range []int{1, 1000} {
		var secrets []string
		for i := range n {
			secrets = append(secrets, fmt.Sprintf("%d-secret-%x", i, i*i))
		}
		r := redact.New(secrets...)
		b.Run(fmt.Sprintf("secrets=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.Redact(text)
			}
		})
	}
}
