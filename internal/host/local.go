package host

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"sync"
	"time"
)

// closeTimeout is how long closing a host waits for the plugin, and for what answers calls back.
const closeTimeout = 30 * time.Second

// Local is a host that communicates with a plugin over standard input and output.
type Local struct {
	*Conn
	stdin io.Closer
	cmd   *exec.Cmd
}

// NewLocal returns a host for a plugin that reads from stdin and writes to stdout.
func NewLocal(stdin io.WriteCloser, stdout io.Reader) *Local {
	l := &Local{Conn: newConn(stdin, MaxLine), stdin: stdin}
	go l.run(bufio.NewReaderSize(stdout, 64<<10))
	return l
}

// Start starts a plugin's process as the host does, with INSTALL_METHOD=local.
func Start(cmd *exec.Cmd) (*Local, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Environ(), "INSTALL_METHOD=local")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := NewLocal(stdin, stdout)
	l.cmd = cmd
	return l, nil
}

// Close closes the plugin's standard input, as the host does to stop it. It waits until
// the plugin closes its output and its process, if Start started one, exits.
func (l *Local) Close() error {
	if err := l.stdin.Close(); err != nil {
		return err
	}
	select {
	case <-l.closed:
	case <-time.After(closeTimeout):
		return errors.New("the plugin does not stop when its standard input is closed")
	}
	if err := returned(&l.callbacks); err != nil {
		return err
	}
	if l.cmd == nil {
		return nil
	}
	return l.cmd.Wait()
}

// returned waits until handlers of calls back have returned, whose contexts are done.
func returned(handlers *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		handlers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(closeTimeout):
		return errors.New("what answers a call back into Dify does not return, although its context is done")
	}
}
