package session

import (
	"slices"
	"sync"

	"github.com/difygen/difygen/internal/redact"
)

// limit is how many secrets of a request are redacted, and how many bytes together: a redactor
// takes a multiple of that.
type limit struct{ count, bytes int }

var (
	// requestLimit is for the values of a request. If it has more, its messages are withheld.
	requestLimit = limit{500, 256 << 10}
	// suppliedLimit is for what the sender of an HTTP request makes look like secrets. The rest is
	// not redacted.
	suppliedLimit = limit{100, 64 << 10}
	// runningLimit is for those of all running requests.
	runningLimit = limit{20_000, 1 << 20}
)

// maxKept is the size in bytes up to which the prepared redactors of a request are kept: more is
// prepared for each message.
const maxKept = 4 << 10

// withheld replaces what cannot be redacted.
const withheld = "[withheld: the request has too many secrets]"

// maxRedacted is how many bytes of a text are kept when it is redacted.
const maxRedacted = 64 << 10

// secrets holds the secret values of one request. They are collected before the author's code
// can change the request, and prepared for redaction at first use.
type secrets struct {
	mu       sync.Mutex
	values   secretSet
	supplied secretSet // by the sender of an HTTP request
	prepared []*redact.Redactor
}

// secretSet is a limited set of secrets.
type secretSet struct {
	list  []string
	bytes int
	full  bool // some had no room
}

// add adds secrets up to a limit.
func (s *secretSet) add(l limit, values []string) {
	const few = 16 // with which it is not worth it
	if len(values) > few {
		values = slices.Compact(slices.Sorted(slices.Values(values)))
	}
	for _, v := range values {
		if len(s.list) >= l.count || s.bytes+len(v) > l.bytes {
			s.full = true
			continue
		}
		s.list = append(s.list, v)
		s.bytes += len(v)
	}
}

// add adds secrets that are found while the request runs.
func (s *secrets) add(values ...string) {
	if len(values) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values.add(requestLimit, values)
	s.prepared = nil
}

// supply adds secrets of the sender of an HTTP request.
func (s *secrets) supply(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.supplied.add(suppliedLimit, values)
	s.prepared = nil
}

// redact replaces every secret in a text, and cuts one that is very long.
func (s *secrets) redact(text string) string { return s.redaction()(text) }

// redaction returns a function that does what redact does, for several texts.
func (s *secrets) redaction() func(string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	values, supplied, prepared := s.values, s.supplied, s.prepared
	if prepared == nil && !values.full && values.bytes+supplied.bytes <= maxKept {
		s.prepared = prepare(values, supplied)
		prepared = s.prepared
	}
	return redaction(prepared, values, supplied)
}

// redactionOfAll returns a function that replaces the secrets of all running requests, but for
// those that the senders of HTTP requests chose: they could erase what has nothing to do with
// them.
func redactionOfAll() func(string) string {
	var all secretSet
	seen := make(map[string]bool) // requests have many in common
	running.Range(func(key, _ any) bool {
		s := key.(*session).secrets
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, v := range s.values.list {
			if !seen[v] {
				seen[v] = true
				all.add(runningLimit, []string{v})
			}
		}
		all.full = all.full || s.values.full
		return !all.full
	})
	return redaction(nil, all)
}

func prepare(sets ...secretSet) []*redact.Redactor {
	var redactors []*redact.Redactor
	for _, s := range sets {
		redactors = append(redactors, redact.New(s.list...))
	}
	return redactors
}

// redaction returns a function that replaces secrets. What is not prepared is when it is needed.
func redaction(prepared []*redact.Redactor, sets ...secretSet) func(string) string {
	full := slices.ContainsFunc(sets[:1], func(s secretSet) bool { return s.full })
	return func(text string) string {
		switch {
		case text == "":
			return ""
		case full:
			return withheld
		}
		if prepared == nil {
			prepared = prepare(sets...)
		}
		return redactStart(text, prepared...)
	}
}

func redactStart(text string, redactors ...*redact.Redactor) string {
	out := redact.Start(text, maxRedacted, redactors...)
	if len(text) > maxRedacted {
		out += "…"
	}
	return out
}
