package serve

import (
	"container/list"
	"context"
	"net"
	"sync"

	"github.com/difygen/difygen/internal/session"
)

// connections is a listener that limits how many connections are open. To accept another one
// beyond the limit, it closes the one that has been without an invocation for longest, which a
// host opens again. So a probe of the health is answered at any time, however many connections
// idle, send headers slowly or invoke the plugin.
type connections struct {
	net.Listener
	limit int // of all
	spare int // that do not invoke the plugin

	mu    sync.Mutex
	open  int
	held  int       // that invoke the plugin
	loose list.List // of the others, the longest first
}

// connection is a connection that connections counts.
type connection struct {
	net.Conn
	all *connections
	// Under the lock of all:
	place  *list.Element // in loose; nil if it is not there
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
	if first := l.loose.Front(); l.open >= l.limit && first != nil {
		oldest, _ := first.Value.(*connection)
		oldest.remove()
		_ = oldest.Conn.Close()
	}
	l.open++
	c.place = l.loose.PushBack(c)
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
	c.tighten()
}

// tighten takes a connection out of the loose ones. The caller has the lock.
func (c *connection) tighten() {
	if c.place != nil {
		c.all.loose.Remove(c.place)
		c.place = nil
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
	c.tighten()
	return func() { l.release(c) }, nil
}

func (l *connections) release(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held--
	if !c.closed {
		c.place = l.loose.PushBack(c)
	}
}
