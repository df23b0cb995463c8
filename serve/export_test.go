package serve

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"testing/fstest"
	"time"
)

// RunWith is Run with the given environment and working directory instead of those of the
// process, and reconnects sooner.
func RunWith(ctx context.Context, environ []string, stdin, stdout *os.File, listening func(string), folder fstest.MapFS, logger *slog.Logger, p *Plugin) error {
	return run(ctx, process{environ, stdin, stdout, folder, logger, waits{10 * time.Millisecond, time.Second}, listening}, p)
}

// ConfigText returns the config for an environment as text.
func ConfigText(environ []string, folder fs.FS, options ...Option) (string, error) {
	c, err := newConfig(process{environ: environ, folder: folder}, NewPlugin(Declaration{}, options))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s%s key=%s beat=%v timeout=%v most=%d stop=%v",
		c.method, c.remoteAddr, c.listenAddr, c.remoteKey, c.Heartbeat, c.RequestTimeout, c.MaxRequests, c.StopTimeout), nil
}

// StaleWarning is staleWarning.
func StaleWarning(d Declaration, folder fs.FS) string { return staleWarning(d, folder) }
