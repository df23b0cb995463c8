package serve

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/difygen/difygen/internal/session"
)

// local serves the host over standard input and output until the host closes standard
// input.
func (s *server) local(ctx context.Context, stdin, stdout *os.File) error {
	if info, err := stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		s.cfg.Logger.InfoContext(ctx, "waiting for a Dify host on standard input; "+
			"for remote debugging, set INSTALL_METHOD=remote and what the bug icon on Dify's Plugins page shows")
	}
	s.cfg.Logger.InfoContext(ctx, "started", "plugin", s.declared.Name, "version", s.declared.Version)
	err := s.Lines(ctx, session.Stdio, stdin, stdout)
	_ = stdin.SetReadDeadline(time.Now()) // stops the reader, where deadlines are supported
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
