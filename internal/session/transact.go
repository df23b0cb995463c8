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

// Errors of callbacks that are HTTP requests.
var (
	errNoTransact = errors.New("calls back into Dify have no way to their host")
	errCut        = errors.New("the answer of Dify to a call back ended too early")
)

// transact sends a callback as an HTTP request in the background, and reads the replies as they come:
// the host drops what is not read.
func (c *openCallback) transact(line []byte) error {
	send := c.caller.server.cfg.SendCallback
	if send == nil {
		return errNoTransact
	}
	// The callback notices the end of its context, and of the request. After the only reply, the rest of
	// the response may still come.
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.ctx))
	c.cancel = cancel
	if err := c.siblings().add(c); err != nil {
		cancel()
		return err
	}
	go func() {
		body, err := send(ctx, c.caller.session.id, line)
		if err == nil {
			err = c.readAll(body)
			_ = body.Close()
		}
		defer c.lock().Unlock()
		c.end(err)
		c.cancel()
		if c.linger != nil {
			c.linger.Stop()
		}
	}()
	return nil
}

// readAll reads the replies of a response, to its end.
func (c *openCallback) readAll(body io.Reader) error {
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
		r, isReply := parseReply(line)
		mine := isReply && c.siblings().find(&r) == c
		if !mine || err != nil {
			in.buf = nil // so that it takes no memory while nothing comes
		}
		s.queued.Add(-int64(held))
		held = 0
		switch {
		case errors.Is(err, errTooLong):
			if mine {
				c.tooLong()
			}
		case errors.Is(err, io.EOF):
			return errCut
		case err != nil:
			return err
		case mine:
			c.deliver(&r, line, in.detach)
		}
	}
}
