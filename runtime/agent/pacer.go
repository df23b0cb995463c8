package agent

import (
	"context"
	"sync"
	"time"
)

const (
	// burst is how many messages can go out at once. Dify's daemon keeps 128 for a client that is slow.
	burst = 64
	// pace is how long each message after a burst takes: in that time, a client reads it.
	pace = time.Millisecond
)

// pacer says when messages can go out.
type pacer struct {
	wait func(time.Duration) error // ends early, with an error, with the request

	mu  sync.Mutex
	due time.Time // when the last message could go out
}

// newPacer returns a pacer whose waiting ends with the context.
func newPacer(ctx context.Context) *pacer {
	return &pacer{wait: func(d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}}
}

// take counts messages, and returns how long to wait for them.
func (p *pacer) take(messages int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if rested := now.Add(-burst * pace); p.due.Before(rested) {
		p.due = rested
	}
	p.due = p.due.Add(time.Duration(messages) * pace)
	return p.due.Sub(now)
}

// await counts messages, and waits until they can go out: with 0, those that have been counted.
func (p *pacer) await(messages int) error {
	if d := p.take(messages); d > 0 {
		return p.wait(d)
	}
	return nil
}
