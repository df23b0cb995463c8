package serve

import (
	"container/list"
	"context"
	"net"
	"sync"
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
	if oldest := l.add(c); oldest != nil {
		_ = oldest.Close()
	}
	return c, nil
}

// add adds a connection and returns the one to close for it, if any.
func (l *connections) add(c *connection) (oldest *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first := l.loose.Front(); l.open >= l.limit && first != nil {
		oldest, _ = first.Value.(*connection)
	}
	l.open++
	c.place = l.loose.PushBack(c)
	return oldest
}

func (c *connection) Close() error {
	c.all.remove(c)
	return c.Conn.Close()
}

func (l *connections) remove(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	l.open--
	if c.place != nil {
		l.loose.Remove(c.place)
		c.place = nil
	}
}

// hold keeps the connection of a request open until release is called. It fails if too many
// connections are held.
func (l *connections) hold(ctx context.Context) (release func(), ok bool) {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	l.mu.Lock()
	defer l.mu.Unlock()
	if c == nil || l.held >= l.limit-l.spare {
		return nil, false
	}
	l.held++
	if c.place != nil {
		l.loose.Remove(c.place)
		c.place = nil
	}
	return func() { l.release(c) }, true
}

func (l *connections) release(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held--
	if !c.closed {
		c.place = l.loose.PushBack(c)
	}
}
