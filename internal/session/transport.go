package session

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/difygen/difygen/internal/callback"
)

// maxHostLine is the host's limit for a line on standard output or in a serverless
// response, in bytes. It kills a plugin that writes a longer one.
const maxHostLine = 5 << 20

// maxTransaction is the host's limit for a call back into Dify that is an HTTP request.
const maxTransaction = 6 << 20

// Transport is what differs between the ways in which a host reaches a plugin.
type Transport struct {
	// MaxLine is the length of the longest line that the host accepts, in bytes; 0 for no
	// limit.
	MaxLine int
	// MaxCallback is the length of the longest call back into Dify that the host accepts, in bytes; 0
	// for no limit.
	MaxCallback int
	// Strict is set if the host accepts nothing but responses to requests: no reports of
	// invalid lines.
	Strict bool
	// Transacts is set if a call back into Dify is an HTTP request of its own.
	Transacts bool
	// HalfClose is set if a host that has closed its side may still read responses.
	// Otherwise, the end of the input means that the host is gone.
	HalfClose bool
	// HangUp is set if the caller closes the connection as soon as the plugin stops. Requests
	// end then, and only their code may go on for the stop timeout.
	HangUp bool
}

// The transports.
var (
	TCP   = Transport{HangUp: true}
	Stdio = Transport{MaxLine: maxHostLine - 1, MaxCallback: maxHostLine - 1, HalfClose: true}
	HTTP  = Transport{MaxLine: maxHostLine - 1, MaxCallback: maxTransaction, Strict: true, Transacts: true}
)

// Lines handles the lines that the host sends, and sends heartbeats, until the input
// ends or ctx is done. Then running requests may finish, as the transport says, while new ones
// are refused. Lines returns io.EOF, a read or write error, Err, or nil if ctx is done. A read
// of the input may go on until the caller closes it.
func (s *Server) Lines(ctx context.Context, t Transport, in io.Reader, out io.Writer) error { //nolint:contextcheck // requests outlive ctx
	w := newConnection(t, out)
	w.reads = true
	defer w.callbacks.hangUp(errHostGone)
	// Not derived from ctx, so that requests can finish.
	requests, cancel := context.WithCancelCause(s.base)
	defer cancel(errHostGone)
	failed := make(chan error, 2)
	alive, stop := context.WithCancel(s.base)
	defer stop()
	// The first heartbeat tells the host that the plugin is ready, so it comes before all else.
	ready := make(chan struct{})
	go func() {
		select {
		case <-ready:
			err := s.read(requests, newLineReader(in, maxLine), w)
			w.callbacks.hangUp(errHostGone)
			failed <- err
		case <-requests.Done():
		}
	}()
	go func() {
		if err := s.beat(alive, w, ready); err != nil {
			failed <- err
		}
	}()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	case <-s.failed:
	}
	switch {
	case t.HangUp && ctx.Err() != nil:
		cancel(errStopping)
		s.hangUp()
		return nil
	case err == nil, t.HalfClose && errors.Is(err, io.EOF):
		s.Drain()
	}
	return cmp.Or(err, s.Err())
}

// hangUp refuses new requests and waits until all have ended and their code has returned, for
// the stop timeout at most.
func (s *Server) hangUp() {
	s.Stop()
	timer := time.NewTimer(s.cfg.StopTimeout)
	defer timer.Stop()
	for _, done := range []func() <-chan struct{}{s.pending.idle, s.pending.returned} {
		select {
		case <-done():
		case <-timer.C:
			return
		}
	}
}

// read passes every line from the host to receive.
func (s *Server) read(ctx context.Context, in *lineReader, out *connection) error {
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errTooLong):
			if r, ok := parseReply(line); ok {
				if c := out.callbacks.find(&r); c != nil {
					c.tooLong()
				}
				continue
			}
			s.fault(ctx, IDOf(line), "a message from the host is too long", out)
		case err != nil:
			return err
		default:
			s.receive(ctx, line, in.detach, out)
		}
	}
}

// beat sends a heartbeat at once, closes ready, and then sends one every heartbeat interval.
func (s *Server) beat(ctx context.Context, out *connection, ready chan<- struct{}) error {
	ticker := time.NewTicker(s.cfg.Heartbeat)
	defer ticker.Stop()
	for first := true; ; first = false {
		if !out.begin(ctx.Done(), nil) {
			return nil
		}
		_, err := out.w.Write(heartbeatLine)
		if out.end(); err != nil {
			return err
		}
		if first {
			close(ready)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Answer handles one line from the host and returns when its request has ended. The ID is
// used if the line has none. The context is derived from Context, and done if the host is
// gone.
func (s *Server) Answer(ctx context.Context, t Transport, line []byte, id string, out io.Writer) {
	w := newConnection(t, out)
	defer w.callbacks.hangUp(callback.ErrEnded)
	size, err := s.admit(line)
	if err != nil && len(line) > shortLine {
		s.refuseLong(ctx, line, id, err, w)
		return
	}
	if ss := s.open(ctx, line, id, size, err, w); ss != nil {
		<-ss.done
	}
}

// Refuse ends the request with that ID with an error, before any of it is decoded.
func (s *Server) Refuse(ctx context.Context, t Transport, id string, err error, out io.Writer) {
	s.refuse(ctx, newSession(id, newConnection(t, out)), err)
}
