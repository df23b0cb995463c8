package serve

import (
	"cmp"
	"container/list"
	"context"
	"net"
	"sync"

	"github.com/difygen/difygen/internal/session"
)

// connections is a listener that limits how many connections are open. To accept another one
// beyond the limit, it closes one that does not invoke the plugin, which a host opens again. So a
// probe of the health is answered at any time, however many connections are silent, idle, send
// headers slowly or invoke the plugin: half of the spare connections are for those that have not
// sent anything, and the rest for the others, so that neither kind closes all of the other.
type connections struct {
	net.Listener
	limit int // of all
	spare int // that do not invoke the plugin

	mu     sync.Mutex
	open   int
	held   int       // that invoke the plugin
	silent list.List // that have not sent anything, the oldest first
	loose  list.List // of the others, the longest first
}

// connection is a connection that connections counts.
type connection struct {
	net.Conn
	all   *connections
	heard sync.Once // when it has sent something
	// Under the lock of all:
	in     *list.List    // silent or loose; nil if it is in neither
	place  *list.Element // in it
	closed bool
}

// connectionKey is the context key of a request's connection.
type connectionKey struct{}

// context returns the context of the requests of a connection.
func (l *connections) context(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

func (l *connections) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: conn, all: l}
	l.add(c)
	return c, nil
}

// add adds a connection, and closes another one for it if there are too many. That one cannot be
// held in the meantime, since the lock is kept.
func (l *connections) add(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.limit {
		if oldest := l.oldest(); oldest != nil {
			oldest.remove()
			_ = oldest.Conn.Close()
		}
	}
	l.open++
	c.move(&l.silent)
}

// oldest returns the connection to close for another one: the oldest silent one if they have more
// than their share, or else the loose one that has sent its first byte, or has ended an invocation,
// longest ago. It returns nil if all are held. The caller has the lock.
func (l *connections) oldest() *connection {
	first := l.loose.Front()
	if first == nil || l.silent.Len() > l.spare/2 {
		first = cmp.Or(l.silent.Front(), first)
	}
	if first == nil {
		return nil
	}
	oldest, _ := first.Value.(*connection)
	return oldest
}

// Read notes when the first bytes have arrived.
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Do(c.loosen)
	}
	return n, err
}

// loosen makes a silent connection a loose one.
func (c *connection) loosen() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.in == &c.all.silent {
		c.move(&c.all.loose)
	}
}

func (c *connection) Close() error {
	c.all.mu.Lock()
	c.remove()
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// remove stops counting a connection that is closed. The caller has the lock.
func (c *connection) remove() {
	if c.closed {
		return
	}
	c.closed = true
	c.all.open--
	c.move(nil)
}

// move makes the connection the last one of a list, or takes it out of its list if to is nil. The
// caller has the lock.
func (c *connection) move(to *list.List) {
	if c.in != nil {
		c.in.Remove(c.place)
	}
	if c.in = to; to != nil {
		c.place = to.PushBack(c)
	}
}

// hold keeps the connection of a request open until release is called. It fails with session.ErrBusy if
// too many connections are held, and with net.ErrClosed if this one had to go for another.
func (l *connections) hold(ctx context.Context) (release func(), err error) {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c == nil || c.closed:
		return nil, net.ErrClosed
	case l.held >= l.limit-l.spare:
		return nil, session.ErrBusy
	}
	l.held++
	c.move(nil)
	return func() { l.release(c) }, nil
}

func (l *connections) release(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held--
	if !c.closed {
		c.move(&l.loose)
	}
}
