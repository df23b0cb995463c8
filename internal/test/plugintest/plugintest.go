// Package plugintest runs plugins as processes, and calls them over every transport as a host
// would.
package plugintest

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

	"github.com/difygen/difygen/internal/host"
)

// EachTransport runs a test over every transport. For each, it starts a process of a plugin's
// binary, in an empty folder, and stops it as the host or an operator would. The plugin must
// exit successfully and must not send anything that a host rejects. It calls back a Dify of its own,
// which has what the plugin's manifest permits.
func EachTransport(t *testing.T, binary string, env []string, permission host.Permission, test func(t *testing.T, plugin host.Host, dify *host.Dify)) {
	t.Helper()
	for name, start := range map[string]func(*testing.T, *exec.Cmd, host.Handler) host.Host{
		"local": startLocal, "remote": startRemote, "serverless": startServerless,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Outlives the test, so that the plugin has to stop by itself.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
			t.Cleanup(cancel)
			cmd := exec.CommandContext(ctx, binary)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), env...)
			dify := host.NewDify(permission)
			t.Cleanup(dify.Close)
			plugin := start(t, cmd, dify.Handle)
			test(t, plugin, dify)
			if faults := plugin.Faults(); len(faults) > 0 {
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

func newLog(tb testing.TB, re string) *log {
	tb.Helper()
	l := &log{found: make(chan string, 1), re: regexp.MustCompile(re)}
	tb.Cleanup(func() {
		if tb.Failed() {
			l.mu.Lock()
			defer l.mu.Unlock()
			tb.Logf("standard error of the plugin:\n%s", &l.text)
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

func startLocal(t *testing.T, cmd *exec.Cmd, answer host.Handler) host.Host {
	t.Helper()
	cmd.Stderr = newLog(t, "()")
	plugin, err := host.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	plugin.Answer(answer)
	t.Cleanup(func() {
		if err := plugin.Close(); err != nil {
			t.Errorf("the plugin exits with %v", err)
		}
	})
	return plugin
}

// remoteKey is the key of the debugging server.
const remoteKey = "the-key"

func remoteEnv(server *host.Remote) []string {
	return []string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=" + server.Addr(), "REMOTE_INSTALL_KEY=" + remoteKey}
}

// BenchmarkStart measures the time from the start of a process of a plugin's binary until it
// has registered.
func BenchmarkStart(b *testing.B, binary string) {
	b.Helper()
	server, err := host.Listen("", remoteKey)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Close)
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), binary)
		cmd.Env = append(os.Environ(), remoteEnv(server)...)
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

func startRemote(t *testing.T, cmd *exec.Cmd, answer host.Handler) host.Host {
	t.Helper()
	server, err := host.Listen("", remoteKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.Answer(answer)
	cmd.Env = append(cmd.Env, remoteEnv(server)...)
	cmd.Stderr = newLog(t, "()")
	startProcess(t, cmd)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	plugin, err := server.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

func startServerless(t *testing.T, cmd *exec.Cmd, answer host.Handler) host.Host {
	t.Helper()
	daemon, err := host.ListenDaemon(answer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(daemon.Close)
	cmd.Env = append(cmd.Env, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL())
	p, err := Serve(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.Signal(syscall.SIGTERM), p.Wait()); err != nil {
			t.Errorf("the plugin exits with %v", err)
		}
	})
	plugin := daemon.Host(p.Addr)
	t.Cleanup(plugin.Close)
	return plugin
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
