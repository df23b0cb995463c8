package session

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"
)

const (
	// lingerTime is how long the rest of a response may take that says nothing more, so that its
	// connection can be used again.
	lingerTime = time.Second
	// firstBuffer is the size of the buffer for lines of a response; most are shorter.
	firstBuffer = 4 << 10
)

// Errors of calls that are HTTP requests.
var (
	errNoTransact = errors.New("calls back into Dify have no way to their host")
	errCut        = errors.New("the answer of Dify to a call back ended too early")
)

// transact sends a call as an HTTP request in the background, and reads the replies as they come: the
// host drops what is not read.
func (c *call) transact(line []byte) error {
	s := c.caller.server
	if s.cfg.Transact == nil {
		return errNoTransact
	}
	// The call notices the end of its context, and of the request. After the only reply, the rest of
	// the response may still come.
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.ctx))
	c.cancel = cancel
	if err := s.calls.add(c); err != nil {
		cancel()
		return err
	}
	go func() {
		defer cancel()
		body, err := s.cfg.Transact(ctx, c.caller.session.id, line)
		if err == nil {
			err = c.readAll(body)
			_ = body.Close()
		}
		s.calls.remove(c)
		c.fail(err)
	}()
	return nil
}

// letGo ends the HTTP request of a call that is over. The caller has the lock.
func (c *call) letGo() {
	if !c.single && !errors.Is(c.err, io.EOF) {
		c.cancel()
		return
	}
	time.AfterFunc(lingerTime, c.cancel)
}

// readAll reads the replies of a response, to its end.
func (c *call) readAll(body io.Reader) error {
	s := c.caller.server
	held := 0 // bytes of a line that is being read
	in := &lineReader{r: bufio.NewReaderSize(body, firstBuffer), limit: maxLine, room: func(n int) bool {
		if !s.queue(n) {
			return false
		}
		held += n
		return true
	}}
	for {
		line, err := in.next()
		s.queued.Add(-int64(held))
		held = 0
		r, isReply := parseReply(line)
		switch mine := isReply && s.calls.find(&r, c.caller.session.out) == c; {
		case errors.Is(err, errTooLong) && mine:
			s.calls.tooLong(c)
		case errors.Is(err, errTooLong):
		case errors.Is(err, io.EOF):
			return errCut
		case err != nil:
			return err
		case mine:
			s.calls.deliver(c, &r, line, in.detach)
		}
	}
}
