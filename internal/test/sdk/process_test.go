package sdk_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is a plugin that is measured. It looks at what the plugin writes only as far as it must.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan struct{} // closed when the plugin has closed its output

	mu       sync.Mutex
	last     int
	sessions map[string]*session
}

// session is a request, and what has come for it.
type session struct {
	sent, first, end time.Time
	results          int
	failed           bool
	done             chan struct{}
}

// launch starts a plugin.
func launch(t *testing.T, p plugin) *process {
	t.Helper()
	run := &process{cmd: p.cmd(t.Context()), ended: make(chan struct{}), sessions: make(map[string]*session)}
	stdout, err := run.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if run.stdin, err = run.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := run.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go run.read(stdout)
	return run
}

// stop kills the plugin: the SDK does not end when its standard input does.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
	_ = p.cmd.Wait()
}

func (p *process) read(stdout io.Reader) {
	defer close(p.ended)
	in := bufio.NewReaderSize(stdout, 1<<20)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		p.line(line, time.Now())
	}
}

// line takes note of a message: both plugins begin it alike.
func (p *process) line(line []byte, now time.Time) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"event":"session","session_id":"`))
	id, rest, ok2 := bytes.Cut(rest, []byte(`","data":{"type":"`))
	if !ok || !ok2 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sessions[string(id)]
	switch {
	case s == nil:
	case bytes.HasPrefix(rest, []byte("stream")):
		if s.results++; s.results == 1 {
			s.first = now
		}
	case bytes.HasPrefix(rest, []byte("end")):
		s.end = now
		delete(p.sessions, string(id))
		close(s.done)
	default:
		s.failed = true
	}
}

// send sends a request.
func (p *process) send(r request) (*session, error) {
	p.mu.Lock()
	p.last++
	id, s := strconv.Itoa(p.last), &session{done: make(chan struct{})}
	p.sessions[id] = s
	p.mu.Unlock()
	line, err := json.Marshal(object{
		"session_id": id, "conversation_id": nil, "message_id": nil, "app_id": nil, "endpoint_id": nil, "context": nil, "event": "request",
		"data": with(r.all(), object{"type": r.kind(), "action": r.action, "user_id": "user-1"}),
	})
	if err != nil {
		return nil, err
	}
	s.sent = time.Now()
	_, err = p.stdin.Write(append(line, '\n'))
	return s, err
}

// wait waits for the end of a response, which has so many results and no error.
func (p *process) wait(s *session, results int) error {
	select {
	case <-s.done:
	case <-p.ended:
		return errors.New("the plugin has ended")
	case <-time.After(time.Minute):
		return errors.New("the plugin does not answer")
	}
	if s.failed || s.results != results {
		return fmt.Errorf("got %d results, failed: %t, want %d results", s.results, s.failed, results)
	}
	return nil
}

// do sends a request, and waits for the end of its response.
func (p *process) do(r request, results int) (*session, error) {
	s, err := p.send(r)
	if err != nil {
		return nil, err
	}
	return s, p.wait(s, results)
}

// memory returns how much memory the process takes, in bytes: its own, and its share of what
// processes have in common.
func (p *process) memory() (int, error) {
	const name = "smaps_rollup"
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "Pss:" && fields[2] == "kB" {
			n, err := strconv.Atoi(fields[1])
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no Pss", name)
}
