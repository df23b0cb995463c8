package plugintest

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Process is a process of a serverless plugin.
type Process struct {
	Addr string // where it listens
	cmd  *exec.Cmd
	done chan struct{} // closed when err is set
	err  error
}

// Serve starts a serverless plugin, which listens at a free port of the loopback interface, and
// returns when it does. The caller stops it. It shows what the plugin logs if the test fails.
func Serve(tb testing.TB, cmd *exec.Cmd) (*Process, error) {
	tb.Helper()
	cmd.Env = append(cmd.Env, "INSTALL_METHOD=serverless", "SERVERLESS_HOST=127.0.0.1", "SERVERLESS_PORT=0")
	out := newLog(tb, `address=(\S+)\n`)
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	select {
	case p.Addr = <-out.found:
		return p, nil
	case <-p.done:
		return nil, errors.Join(errors.New("the plugin has ended"), p.err)
	case <-time.After(30 * time.Second):
		return nil, errors.Join(errors.New("the plugin does not listen"), cmd.Process.Kill())
	}
}

// Signal sends the process a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits until the process has ended, and returns an error if it was not successful.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }
