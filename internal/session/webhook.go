package session

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// refusing is a result that may refuse a webhook, such as one that is not signed.
type refusing interface {
	// Refused returns why the webhook is refused.
	Refused() string
}

// dropping is a result with an answer to a webhook.
type dropping interface {
	// Dropped returns the headers of the answer that the host cannot pass on.
	Dropped() []string
}

// reportResult logs what users want to know about a result, and the host does not tell.
func (s *Server) reportResult(ctx context.Context, result any) {
	switch result := result.(type) {
	case refusing:
		if omitted, ok := s.refused.count(s.clock()); ok {
			s.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "a webhook is refused", slog.String("error", result.Refused()), slog.Int("omitted", omitted))
		}
	case dropping:
		s.reportDropped(ctx, result.Dropped())
	}
}

// reportDropped logs headers that the host cannot pass on.
func (s *Server) reportDropped(ctx context.Context, names []string) {
	if len(names) == 0 {
		return
	}
	s.cfg.Logger.WarnContext(ctx, "Dify passes on one cookie, and headers with valid names alone", "dropped", strings.Join(names, ", "))
	if s.cfg.DroppedHeaders != nil {
		s.cfg.DroppedHeaders(names)
	}
}

// In each refusedTime, maxRefused refused webhooks are logged: anybody can send some.
const (
	maxRefused  = 10
	refusedTime = time.Minute
)

// refusedWebhooks counts refused webhooks.
type refusedWebhooks struct {
	mu      sync.Mutex
	end     time.Duration // of the current refusedTime, on the server's clock
	logged  int           // in it
	omitted int           // in it
}

// count reports whether a refused webhook is logged, and how many before it were not.
func (r *refusedWebhooks) count(now time.Duration) (omitted int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now >= r.end {
		omitted = r.omitted
		r.end, r.logged, r.omitted = now+refusedTime, 0, 0
	}
	if r.logged == maxRefused {
		r.omitted++
		return 0, false
	}
	r.logged++
	return omitted, true
}
