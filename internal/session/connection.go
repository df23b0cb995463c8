package session

import "io"

// connection is one to a host, for many requests or, over HTTP, for one. It is safe for concurrent
// use.
type connection struct {
	transport Transport
	callbacks callbacks
	// reads is set if somebody reads from it, who must not wait until something is written.
	reads bool
	// writing has an element while somebody writes. Unlike a mutex, it lets those who wait give up.
	writing chan struct{}
	w       io.Writer
}

func newConnection(t Transport, w io.Writer) *connection {
	return &connection{transport: t, writing: make(chan struct{}, 1), w: w}
}

// begin waits until nobody else writes, and reports whether that was before one of the channels was
// closed. They may be nil.
func (c *connection) begin(done, over <-chan struct{}) bool {
	select {
	case c.writing <- struct{}{}:
		return true
	default:
	}
	select {
	case c.writing <- struct{}{}:
		return true
	case <-done:
	case <-over:
	}
	return false
}

// end lets others write.
func (c *connection) end() { <-c.writing }

// write writes whole lines when nobody else does. After an error of the underlying writer, later calls
// fail too.
func (c *connection) write(lines []byte) error {
	c.begin(nil, nil)
	defer c.end()
	_, err := c.w.Write(lines)
	return err
}
