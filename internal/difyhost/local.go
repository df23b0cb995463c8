package difyhost

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"time"
)

// Local is a host that a plugin talks to over its standard input and output.
type Local struct {
	*Peer
	stdin io.Closer
	cmd   *exec.Cmd
}

// NewLocal is a host at the other ends of a plugin's standard input and output.
func NewLocal(stdin io.WriteCloser, stdout io.Reader) *Local {
	l := &Local{Peer: newPeer(stdin, MaxLine), stdin: stdin}
	go l.run(bufio.NewReaderSize(stdout, 64<<10))
	return l
}

// Start starts a plugin's process as the host does: with INSTALL_METHOD=local.
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

// Close closes the plugin's standard input, as the host does to stop it, and waits for
// the end of its output and of its process, if it has one.
func (l *Local) Close() error {
	if err := l.stdin.Close(); err != nil {
		return err
	}
	select {
	case <-l.closed:
	case <-time.After(30 * time.Second):
		return errors.New("the plugin goes on without its standard input")
	}
	if l.cmd == nil {
		return nil
	}
	return l.cmd.Wait()
}
