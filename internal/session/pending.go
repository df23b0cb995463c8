package session

import (
	"bytes"
	"sync"
	"time"
)

// pending counts unfinished requests and signals when there are none.
type pending struct {
	mu     sync.Mutex
	n      int
	bytes  int // of all requests, decoded
	closed bool
	last   time.Time     // when the last request finished
	none   chan struct{} // closed when n becomes 0; nil if nobody waits
}

// maxPendingBytes is how many bytes of memory unfinished requests may take together, decoded, and
// how many one of them may take.
const maxPendingBytes = 256 << 20

// add counts another request of some bytes. It fails, with an error for the host, if it is too
// large, if there are limit requests already, if they have too many bytes, or if p is closed.
func (p *pending) add(limit, size int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errStopping
	case size > maxPendingBytes:
		return errTooLarge
	case p.n >= limit, p.bytes+size > maxPendingBytes:
		return errBusy
	}
	p.n++
	p.bytes += size
	return nil
}

// close makes add fail from now on.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// since returns how long ago the last request finished; a very long time for none.
func (p *pending) since() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last)
}

// done counts a request of some bytes as finished.
func (p *pending) done(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	p.bytes -= size
	if p.n--; p.n == 0 && p.none != nil {
		close(p.none)
		p.none = nil
	}
}

// count returns how many requests are unfinished.
func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

// idle returns a channel that is closed when there are no unfinished requests.
func (p *pending) idle() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == 0 {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	if p.none == nil {
		p.none = make(chan struct{})
	}
	return p.none
}

// weigh returns about how many bytes a line takes, with what encoding/json makes of it.
func weigh(line []byte) int {
	const object, name, list, item = 300, 64, 96, 48 // measured, with values of a few bytes
	size := 2 * len(line)
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			i = endOfString(line, i+1)
		case '{':
			size += object
		case ':':
			size += name
		case '[':
			size += list
		case ',':
			size += item
		}
	}
	return size
}

// endOfString returns where the string in JSON ends that begins there.
func endOfString(line []byte, start int) int {
	for i := start; ; i++ {
		n := bytes.IndexByte(line[i:], '"')
		if n < 0 {
			return len(line)
		}
		i += n
		escapes := 0
		for i-escapes > start && line[i-escapes-1] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}
