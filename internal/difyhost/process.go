package difyhost

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// childEnv is set in processes in which the test binary runs as the plugin.
const childEnv = "DIFYGEN_TEST_PLUGIN"

// Main runs the tests of a plugin's main package or, in a process started by
// EachTransport, the plugin itself. Call it from TestMain.
func Main(m *testing.M, plugin func()) {
	if os.Getenv(childEnv) != "" {
		plugin()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// EachTransport runs a test over every transport. For each, it starts a process of the
// plugin in the current folder and stops it as the host or an operator would. The plugin
// must exit successfully and must not send anything that a host rejects.
func EachTransport(t *testing.T, env []string, test func(t *testing.T, host Host)) {
	t.Helper()
	for name, start := range map[string]func(*testing.T, *exec.Cmd) Host{
		"local": startLocal, "remote": startRemote, "serverless": startServerless,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			// Outlives the test, so that the plugin has to stop by itself.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
			t.Cleanup(cancel)
			cmd := exec.CommandContext(ctx, self)
			cmd.Env = append(append(os.Environ(), childEnv+"=1"), env...)
			host := start(t, cmd)
			test(t, host)
			if faults := host.Faults(); len(faults) > 0 {
				t.Errorf("a host would reject: %q", faults)
			}
		})
	}
}

// log collects a plugin's standard error and shows it if the test fails.
type log struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan string // the first submatch of the first match
	re    *regexp.Regexp
}

func newLog(t *testing.T, re string) *log {
	t.Helper()
	l := &log{found: make(chan string, 1), re: regexp.MustCompile(re)}
	t.Cleanup(func() {
		if t.Failed() {
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Logf("standard error of the plugin:\n%s", &l.text)
		}
	})
	return l
}

func (l *log) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(data)
	if m := l.re.FindSubmatch(l.text.Bytes()); m != nil {
		select {
		case l.found <- string(m[1]):
		default:
		}
	}
	return len(data), nil
}

func startLocal(t *testing.T, cmd *exec.Cmd) Host {
	t.Helper()
	cmd.Stderr = newLog(t, "()")
	host, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Errorf("the plugin exits with %v", err)
		}
	})
	return host
}

// remoteKey is the key of the debugging server.
const remoteKey = "the-key"

func remoteEnv(server *Remote) []string {
	return []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + server.Addr(), "REMOTE_INSTALL_KEY=" + remoteKey}
}

// BenchmarkStart measures the time from the start of the plugin's process until it has
// registered.
func BenchmarkStart(b *testing.B) {
	server, err := Listen("", remoteKey)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Close)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), self)
		cmd.Env = append(append(os.Environ(), childEnv+"=1"), remoteEnv(server)...)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		if _, err := server.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func startRemote(t *testing.T, cmd *exec.Cmd) Host {
	t.Helper()
	server, err := Listen("", remoteKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	cmd.Env = append(cmd.Env, remoteEnv(server)...)
	cmd.Stderr = newLog(t, "()")
	startProcess(t, cmd)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	host, err := server.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

func startServerless(t *testing.T, cmd *exec.Cmd) Host {
	t.Helper()
	cmd.Env = append(cmd.Env, "INSTALL_METHOD=serverless", "SERVERLESS_HOST=127.0.0.1", "SERVERLESS_PORT=0")
	out := newLog(t, `address=(\S+)\n`)
	cmd.Stderr = out
	startProcess(t, cmd)
	select {
	case addr := <-out.found:
		host := NewServerless(addr)
		t.Cleanup(host.Close)
		return host
	case <-time.After(30 * time.Second):
		t.Fatal("the plugin does not listen")
	}
	return nil
}

// startProcess starts a plugin and stops it with a signal when the test ends.
func startProcess(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the plugin exits with %v", err)
		}
	})
}
