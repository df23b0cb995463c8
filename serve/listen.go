package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
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

var (
	errLocked    = errors.New("the file is locked")
	errListening = errors.New("another process listens on it")
)

// lockedListener listens on a Unix socket, and keeps a lock as long as it does.
type lockedListener struct {
	net.Listener
	unlock func() error
}

// listenUnix listens on a Unix socket that only the user of this process can connect to. It
// replaces one that nobody listens on any more. Of processes that do so at once, one has the lock of
// the path; it is not tied to the socket, since a file that replaces another one may look the same.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	unlock, err := lockFile(path + ".lock")
	if errors.Is(err, errLocked) {
		return nil, errListening
	}
	if err != nil {
		return nil, fmt.Errorf("lock the path: %w", err)
	}
	listener, err := replaceStale(ctx, path)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return &lockedListener{listener, sync.OnceValue(unlock)}, nil
}

// Close removes the socket before another process may create it.
func (l *lockedListener) Close() error { return errors.Join(l.Listener.Close(), l.unlock()) }

// replaceStale is listenUnix for a process that has the lock.
func replaceStale(ctx context.Context, path string) (net.Listener, error) {
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
		return errListening
	}
	if !nobodyListens(err) {
		return fmt.Errorf("it is not clear whether another process listens on it: %w", err)
	}
	return os.Remove(path)
}
