package serve

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// maxHostLine is the host's limit for a line on standard output or in a serverless
// response, in bytes. It kills a plugin that writes a longer one.
const maxHostLine = 5 << 20

// local serves the host over standard input and output until the host closes standard
// input.
func (s *server) local(ctx context.Context, stdin, stdout *os.File) error {
	if info, err := stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		s.cfg.logger.InfoContext(ctx, "waiting for a Dify host on standard input; "+
			"for remote debugging, set INSTALL_METHOD=remote and what the bug icon on Dify's Plugins page shows")
	}
	out := &lineWriter{w: stdout, limit: maxHostLine - 1}
	s.cfg.logger.InfoContext(ctx, "started", "plugin", s.plugin.folder.Name, "version", s.plugin.folder.Version)
	err := s.lines(ctx, stdin, out, true)
	_ = stdin.SetReadDeadline(time.Now()) // stops the reader, where deadlines are supported
	if errors.Is(err, errStopping) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// lines handles the lines that the host sends, and sends heartbeats, until the input
// ends or ctx is done. Then running requests may finish, while new ones are refused.
// If halfClose is set, a host that has closed its side may still read responses;
// otherwise, the end of the input means that the host is gone. lines returns io.EOF,
// a read or write error, or errStopping.
func (s *server) lines(ctx context.Context, in io.Reader, out *lineWriter, halfClose bool) error { //nolint:contextcheck // requests outlive ctx
	// Not derived from ctx, so that requests can finish.
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
		if halfClose && errors.Is(err, io.EOF) {
			s.drain(nil)
		}
		return err
	case <-ctx.Done():
		if halfClose {
			s.drain(nil)
		} else {
			s.drain(failed)
		}
		return errStopping
	}
}

// read passes every line from the host to accept.
func (s *server) read(ctx context.Context, in *lineReader, out *lineWriter) error {
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errTooLong):
			s.fault(ctx, sessionOf(line), "a message from the host is too long", out)
		case err != nil:
			return err
		default:
			s.accept(ctx, line, "", out)
		}
	}
}

// beat sends a heartbeat at once, and then one every heartbeat interval.
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
