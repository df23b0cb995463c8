package session

import (
	"io"
	"slices"

	"github.com/difygen/difygen/internal/callback"
)

// Outside returns what makes calls back into Dify for code that a test runs without a request. The
// calls are as those of requests, and go to Config.SendCallback. Limit is how many bytes a call may
// have on the wire. End ends them, and returns the types of those that are neither read to the end nor
// closed, sorted.
func (s *Server) Outside(limit int) (c callback.Caller, end func() (open []string)) {
	out := newConnection(Transport{MaxCallback: limit, Transacts: true}, io.Discard)
	w := &work{server: s, session: newSession("outside", out), ctx: s.base}
	return caller{w}, func() []string {
		open := out.callbacks.of(w.session)
		slices.Sort(open)
		out.callbacks.endOf(w.session, callback.ErrEnded)
		out.callbacks.hangUp(callback.ErrEnded)
		return open
	}
}
