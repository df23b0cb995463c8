//go:build !race

// The race detector slows down what this file compares, by different factors.

package redact_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/redact"
)

// TestLinear checks that texts and secrets that are nearly alike take no longer than others.
func TestLinear(t *testing.T) { //nolint:paralleltest // measures time
	same := strings.Repeat("a", 4<<20)
	long := strings.Repeat("a", 256<<10)
	var alike []string
	for i := range 300 {
		alike = append(alike, fmt.Sprintf("%s%03d", strings.Repeat("a", 600), i))
	}
	random := make([]byte, len(same))
	for i := range random {
		random[i] = byte('a' + i*i%23)
	}
	took := func(text string, secrets ...string) time.Duration {
		r := redact.New(secrets...)
		r.Redact(text)
		start := time.Now()
		r.Redact(text)
		return time.Since(start)
	}
	usual := took(string(random), "a-usual-secret", "another-secret")
	for name, slow := range map[string]time.Duration{
		"one differs in the middle": took(same, long+"b"+long),
		"it is everywhere":          took(same, long),
		"many begin alike":          took(same[:64<<10], alike...),
	} {
		if slow > 100*usual+time.Second {
			t.Errorf("%s: takes %v instead of %v", name, slow, usual)
		}
	}
}
