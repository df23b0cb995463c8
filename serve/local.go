package serve

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// maxHostLine is what the host takes in one line under local installation and in a
// serverless answer, in bytes; it kills a plugin that writes more.
const maxHostLine = 5 << 20

// local answers the host over standard input and output, until the host closes the
// former.
func (s *server) local(ctx context.Context, stdin, stdout *os.File) error {
	if info, err := stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		s.cfg.logger.InfoContext(ctx, "waiting for a Dify host on standard input; "+
			"to debug against one instead, set INSTALL_METHOD=remote and what Dify shows behind the bug icon")
	}
	out := &lineWriter{w: stdout, limit: maxHostLine - 1}
	s.cfg.logger.InfoContext(ctx, "started", "plugin", s.plugin.folder.Name, "version", s.plugin.folder.Version)
	err := s.lines(ctx, stdin, out, true)
	_ = stdin.SetReadDeadline(time.Now()) // ends the reader, where that can be
	if errors.Is(err, errStopping) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// lines answers the lines of a host and gives it signs of life, until there are no
// more lines or the context ends. Then running requests may finish; what the host
// still sends meanwhile is refused. Where the directions close apart, whoever sends no
// more lines may still read answers; elsewhere the end of lines is the host's. It
// returns io.EOF, an error of reading or writing, or errStopping.
func (s *server) lines(ctx context.Context, in io.Reader, out *lineWriter, apart bool) error { //nolint:contextcheck // requests outlive ctx
	// They go on when ctx ends, so that they can finish.
	requests, cancel := context.WithCancelCause(s.base)
	defer cancel(errHostGone)
	failed := make(chan error, 2)
	alive, stop := context.WithCancel(s.base)
	defer stop()
	go func() { failed <- s.read(requests, newLineReader(in, maxLine), out) }()
	go func() {
		if err := s.beat(alive, out); err != nil {
			failed <- err
		}
	}()
	select {
	case err := <-failed:
		if apart && errors.Is(err, io.EOF) {
			s.drain(nil)
		}
		return err
	case <-ctx.Done():
		if apart {
			s.drain(nil)
		} else {
			s.drain(failed)
		}
		return errStopping
	}
}

// read gives every line of the host to accept.
func (s *server) read(ctx context.Context, in *lineReader, out *lineWriter) error {
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errTooLong):
			s.fault(ctx, sessionOf(line), "a line of the host is too long", out)
		case err != nil:
			return err
		default:
			s.accept(ctx, line, "", out)
		}
	}
}

// beat gives the host a sign of life at once and then again and again.
func (s *server) beat(ctx context.Context, out *lineWriter) error {
	ticker := time.NewTicker(s.cfg.heartbeat)
	defer ticker.Stop()
	for {
		if err := out.write(heartbeatLine); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}
