package serve

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/text"
)

const (
	// refusalTime is how long the rest of a refusal may take to arrive.
	refusalTime = time.Second
	maxRefusal  = 4 << 10 // bytes of a refusal that are read
)

// refusal is the message with which the host rejects a plugin and closes the connection. The
// text is empty if the host has closed the connection without one.
type refusal struct {
	text    string
	partial bool // more of the text may come: it has no end of a line, and the connection was not closed in time
}

const checkAddress = "check REMOTE_INSTALL_URL, or REMOTE_INSTALL_HOST and REMOTE_INSTALL_PORT"

func (r *refusal) Error() string {
	switch {
	case r.text == "":
		return "the Dify host closed the connection before it accepted the plugin, and did not say why; its log may"
	case strings.HasPrefix(r.text, "HTTP/"), strings.HasPrefix(r.text, "<"):
		return "the address is that of an HTTP server, not of Dify's debugging port, which is 5003 by default; " + checkAddress
	case r.isTLS():
		return "the address is that of a server with TLS, which Dify's debugging port does not have; " + checkAddress
	}
	message := "the Dify host rejected the plugin: " + text.Line(r.text)
	if r.invalidKey() {
		message += ": REMOTE_INSTALL_KEY is wrong or has expired; to get a new one, click the bug icon on Dify's Plugins page"
	}
	return message
}

// isTLS reports whether a server has answered with an alert of TLS (RFC 8446, section 5.1).
func (r *refusal) isTLS() bool { return strings.HasPrefix(r.text, "\x15\x03") }

func (r *refusal) invalidKey() bool { return strings.Contains(r.text, "invalid key") }

// final reports whether the host would reject the same plugin again. It may not if it says
// nothing, is busy or cannot reach what it keeps keys in. A host that has accepted the plugin
// before rejects it for a time while it restarts, but a key that it no longer knows is gone. A part
// of a text may be that of any, unless a server with TLS has sent it.
func (r *refusal) final(acceptedBefore bool) bool {
	switch {
	case r.invalidKey():
		return true
	case r.text == "", strings.Contains(r.text, "server is busy"), strings.HasPrefix(r.text, "failed to get connection info"):
		return false
	case r.partial && !r.isTLS():
		return false
	}
	return !acceptedBefore
}

// hostReader reads from the host. If the host rejects the plugin, it sends plain text instead
// of JSON, and the first read fails with a refusal.
type hostReader struct {
	conn     net.Conn
	buf      *bufio.Reader
	accepted func() // called with each read: the host has accepted the plugin

	first   chan struct{} // closed when the host has said something, or cannot any more
	refused *refusal      // not nil if it has sent plain text; valid after first
	spoke   bool          // it has sent JSON; valid after first
}

// newHostReader returns a reader of what the host sends. It reads from now on, so that a
// refusal is not lost when the host closes the connection while the plugin still writes: what
// comes after a refusal cannot be written.
func newHostReader(conn net.Conn, accepted func()) *hostReader {
	h := &hostReader{conn: conn, buf: bufio.NewReader(conn), accepted: accepted, first: make(chan struct{})}
	go h.listen()
	return h
}

// listen waits for the first byte from the host. If it begins a refusal, listen reads it and
// closes the connection, which ends writes.
func (h *hostReader) listen() {
	defer close(h.first)
	for {
		first, err := h.buf.Peek(1)
		switch {
		case err != nil:
			return // the next read returns it again
		case first[0] == '\n', first[0] == '\r':
			_, _ = h.buf.Discard(1)
			continue
		case first[0] == '{':
			h.spoke = true
			return
		}
		_ = h.conn.SetReadDeadline(time.Now().Add(refusalTime))
		message, err := io.ReadAll(io.LimitReader(h.buf, maxRefusal))
		h.refused = &refusal{string(message), err != nil && !bytes.ContainsRune(message, '\n')}
		_ = h.conn.Close()
		return
	}
}

func (h *hostReader) Read(p []byte) (int, error) {
	<-h.first
	if h.refused != nil {
		return 0, h.refused
	}
	if h.spoke {
		h.accepted()
	}
	return h.buf.Read(p)
}

// maxPiece is how many bytes of a line are written with one deadline.
const maxPiece = 256 << 10

// hostWriter writes to the host. It fails if the host does not read maxPiece bytes in writeTimeout. After
// an error, it closes the connection: the host may have received half a line.
type hostWriter struct {
	conn net.Conn
	in   *hostReader
}

func (w *hostWriter) Write(data []byte) (written int, err error) {
	for piece := range slices.Chunk(data, maxPiece) {
		if err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return written, w.in.explain(err)
		}
		n, err := w.conn.Write(piece)
		written += n
		if err != nil {
			err = w.in.explain(err)
			_ = w.conn.Close()
			return written, err
		}
	}
	return written, nil
}

// explain returns why a write has failed: with the refusal of the host, if there is one. The
// broken pipe is its effect.
func (h *hostReader) explain(err error) error {
	_ = h.conn.SetReadDeadline(time.Now().Add(refusalTime)) // for the refusal to arrive
	<-h.first
	if h.refused != nil {
		return h.refused
	}
	return err
}
