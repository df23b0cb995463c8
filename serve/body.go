package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/difygen/difygen/internal/session"
	"github.com/difygen/difygen/runtime"
)

const (
	// maxBody is the maximum size of a request to a serverless plugin, in bytes: that of the
	// host.
	maxBody = 5 << 20
	// maxSmall is the size of a small request, in bytes. Most are smaller.
	maxSmall = 64 << 10
	// maxFirst is how many bytes of a body of an unknown size are read before memory for the
	// largest one is taken, of which there are two copies while it grows.
	maxFirst   = 16 << 10
	maxGrowing = 2 * (maxBody + 1)
	// maxPrefix is how many bytes of a refused request are read for its session_id.
	maxPrefix = 4 << 10
)

// limits bound what the HTTP server spends on requests.
type limits struct {
	header time.Duration // for the header of a request, and for all of one that is not an invocation
	stall  time.Duration // for the next bytes of a body
	body   time.Duration // for a whole body
	wait   time.Duration // for memory
	write  time.Duration // for one write of a response, in case the host does not read
	idle   time.Duration // between two requests of a connection

	large int64 // bytes of all bodies; at least maxGrowing
	small int64 // bytes that only small bodies take, besides
	spare int   // connections without an invocation
	queue int   // invocations besides those that run
}

// defaultLimits returns the limits of a plugin. In all, bodies take up to 128 MiB.
func defaultLimits() limits {
	return limits{
		header: 10 * time.Second, stall: 10 * time.Second, body: 60 * time.Second, wait: 10 * time.Second,
		write: writeTimeout, idle: 300 * time.Second,
		large: 96 << 20, small: 32 << 20, spare: 1024, queue: 1000,
	}
}

// errSlow refuses a request before anything of it runs, as session.ErrTooLarge and session.ErrBusy
// do.
var errSlow = &runtime.Error{Type: runtime.ErrorInvokeConnection, Err: errors.New("the request did not arrive in time")}

// bodies reads bodies, and bounds the memory of all that are in use.
type bodies struct {
	limits       limits
	large, small *semaphore.Weighted
}

func newBodies(l limits) *bodies {
	return &bodies{limits: l, large: semaphore.NewWeighted(l.large), small: semaphore.NewWeighted(l.small)}
}

// share is memory that a body takes.
type share struct {
	of    *semaphore.Weighted
	bytes int64
}

func (s *share) release() {
	if s.of != nil {
		s.of.Release(s.bytes)
		s.of = nil
	}
}

// shrink gives back what a body does not need.
func (s *share) shrink(size int) {
	s.of.Release(s.bytes - int64(size))
	s.bytes = int64(size)
}

// take waits for memory.
func (b *bodies) take(ctx context.Context, bytes int64) (share, error) {
	if bytes <= maxSmall && b.small.TryAcquire(bytes) {
		return share{b.small, bytes}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.limits.wait)
	defer cancel()
	if b.large.Acquire(ctx, bytes) != nil {
		return share{}, session.ErrBusy
	}
	return share{b.large, bytes}, nil
}

// read reads a body into memory, which it takes before. The caller releases it, also after an
// error.
func (b *bodies) read(rc *http.ResponseController, r *http.Request) ([]byte, share, error) {
	size := r.ContentLength
	switch {
	case size > maxBody:
		return nil, share{}, session.ErrTooLarge
	case size < 0:
		size = maxFirst
	}
	memory, err := b.take(r.Context(), size+1)
	if err != nil {
		return nil, memory, err
	}
	body := &steadyReader{r.Body, rc, b.limits.stall, time.Now().Add(b.limits.body)}
	data, err := readAll(body, make([]byte, 0, size+1), int(size))
	if r.ContentLength < 0 && errors.Is(err, session.ErrTooLarge) {
		var more share
		if more, err = b.take(r.Context(), maxGrowing); err != nil {
			return data, memory, err
		}
		memory.release()
		memory = more
		data, err = readAll(body, data, maxBody)
		memory.shrink(cap(data))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errSlow
	}
	return data, memory, err
}

// prefix returns the start of a body that is not read as a whole.
func (b *bodies) prefix(rc *http.ResponseController, r *http.Request) []byte {
	data, _ := io.ReadAll(io.LimitReader(&steadyReader{r.Body, rc, b.limits.stall, time.Now().Add(b.limits.stall)}, maxPrefix))
	return data
}

// readAll appends what it reads to data, and returns session.ErrTooLarge if that makes more than limit
// bytes.
func readAll(r io.Reader, data []byte, limit int) ([]byte, error) {
	for len(data) <= limit {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(2*cap(data), limit+1)), data...)
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return data, err
		}
	}
	return data, session.ErrTooLarge
}

// steadyReader reads a body that may be slow, but not stall.
type steadyReader struct {
	r     io.Reader
	rc    *http.ResponseController
	stall time.Duration // for the next bytes
	end   time.Time     // for all
}

func (s *steadyReader) Read(p []byte) (int, error) {
	deadline := time.Now().Add(s.stall)
	if deadline.After(s.end) {
		deadline = s.end
	}
	if err := s.rc.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
