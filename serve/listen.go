package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// listen listens where the settings say.
func (c *config) listen(ctx context.Context) (net.Listener, error) {
	if c.socket != "" {
		listener, err := listenUnix(ctx, c.socket)
		if err != nil {
			return nil, fmt.Errorf("SERVERLESS_SOCKET: %w", err)
		}
		return listener, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listenAddr)
	if err != nil {
		return nil, fmt.Errorf("SERVERLESS_HOST and SERVERLESS_PORT: %w", err)
	}
	return listener, nil
}

// listenUnix listens on a Unix socket that only the user of this process can connect to. It
// replaces one that nobody listens on any more.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	private := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error { return conn.Control(ownerOnly) }}
	listener, err := private.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	// Where the file does not have the permissions of the descriptor from the start.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeStale removes a socket that nobody listens on, as a process leaves one that was killed. It
// fails if there is anything else.
func removeStale(ctx context.Context, path string) error {
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case found.Mode().Type() != fs.ModeSocket:
		return errors.New("the path is taken by a file that is not a socket")
	}
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
		return errors.New("another process listens on it")
	}
	if !nobodyListens(err) {
		return fmt.Errorf("it is not clear whether another process listens on it: %w", err)
	}
	// Another plugin that starts may have replaced it in the meantime.
	if again, err := os.Lstat(path); err != nil || !os.SameFile(found, again) {
		return errors.New("another process has just begun to listen on it")
	}
	return os.Remove(path)
}
