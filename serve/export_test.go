package serve

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"testing/fstest"
	"time"

	"github.com/difygen/difygen/internal/session"
)

// RunWith is Run with the given environment and working directory instead of those of the
// process, and reconnects sooner.
func RunWith(ctx context.Context, environ []string, stdin, stdout *os.File, folder fstest.MapFS, logger *slog.Logger, p *Plugin) error {
	return run(ctx, process{environ, stdin, stdout, folder, logger, waits{0, 10 * time.Millisecond, 5 * time.Second}, defaultLimits(), nil}, p)
}

// Limits are the limits of the HTTP server. A zero is the default.
type Limits struct {
	Header, Stall, Body, Wait, Write time.Duration
	Large, Small                     int64
	Spare, Queue                     int
}

// RunLimited is RunWith for an HTTP server with limits.
func RunLimited(ctx context.Context, environ []string, listening func(string), logger *slog.Logger, l Limits, p *Plugin) error {
	d := defaultLimits()
	set := limits{
		cmp.Or(l.Header, d.header), cmp.Or(l.Stall, d.stall), cmp.Or(l.Body, d.body), cmp.Or(l.Wait, d.wait), cmp.Or(l.Write, d.write), d.idle,
		cmp.Or(l.Large, d.large), cmp.Or(l.Small, d.small), cmp.Or(l.Spare, d.spare), cmp.Or(l.Queue, d.queue),
	}
	return run(ctx, process{environ: environ, folder: fstest.MapFS{}, logger: logger, limits: set, listening: listening}, p)
}

// ConfigText returns the config for an environment as text.
func ConfigText(environ []string, folder fs.FS, options ...Option) (string, error) {
	c, err := newConfig(process{environ: environ, folder: folder}, NewPlugin(Declaration{}, options))
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s %s%s key=%s%s beat=%v timeout=%v most=%d stop=%v",
		c.method, c.remoteAddr, cmp.Or(c.socket, c.listenAddr), c.remoteKey, c.secret, c.Heartbeat, c.RequestTimeout, c.MaxRequests, c.StopTimeout)
	if c.CallbackTimeout != session.DefaultConfig().CallbackTimeout {
		text += fmt.Sprintf(" reply=%v", c.CallbackTimeout)
	}
	if c.daemon != nil {
		text += " daemon=" + newTransactions(c.daemon, c.Logger).url
	}
	return text, nil
}

// WriteHost writes data to a debugging server over a connection, as a plugin does.
func WriteHost(conn net.Conn, data []byte) (int, error) {
	return (&hostWriter{conn, newHostReader(conn, func() {})}).Write(data)
}

// ReadEnvFile is readEnvFile.
func ReadEnvFile(folder fs.FS) (map[string]string, error) { return readEnvFile(folder) }

// StaleWarning is staleWarning.
func StaleWarning(d Declaration, folder fs.FS) string { return staleWarning(d, folder) }

// ListenUnix is listenUnix.
func ListenUnix(ctx context.Context, path string) (net.Listener, error) { return listenUnix(ctx, path) }
