package session

import (
	"slices"
	"sync"

	"github.com/difygen/difygen/internal/redact"
)

// Whoever calls an endpoint supplies what looks like secrets. So many of them are redacted, and
// so many bytes together.
const (
	maxSupplied      = 100
	maxSuppliedBytes = 64 << 10
)

// secrets holds the secret values of one request. They are collected before the author's code
// can change the request, and prepared for redaction at first use.
type secrets struct {
	mu       sync.Mutex
	values   []string
	supplied []string // by the sender of an HTTP request
	prepared []*redact.Redactor
}

// add adds secrets that are found while the request runs.
func (s *secrets) add(values ...string) {
	if len(values) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, values...)
	s.prepared = nil
}

// supply adds secrets of the sender of an HTTP request, up to a limit.
func (s *secrets) supply(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := 0 // a session has one HTTP request
	for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
		if size+len(v) <= maxSuppliedBytes && len(s.supplied) < maxSupplied {
			size += len(v)
			s.supplied = append(s.supplied, v)
		}
	}
	s.prepared = nil
}

// redactors returns what redacts the secrets.
func (s *secrets) redactors() []*redact.Redactor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared == nil {
		s.prepared = []*redact.Redactor{redact.New(s.values...), redact.New(s.supplied...)}
	}
	return s.prepared
}

// maxRedacted is how many bytes of a text are kept when it is redacted, which takes a multiple of
// that.
const maxRedacted = 64 << 10

// redact replaces every secret in a text, and cuts one that is very long.
func (s *secrets) redact(text string) string { return redactStart(text, s.redactors()) }

func redactStart(text string, redactors []*redact.Redactor) string {
	out := redact.Start(text, maxRedacted, redactors...)
	if len(text) > maxRedacted {
		out += "…"
	}
	return out
}
