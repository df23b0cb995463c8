package serve_test

import (
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// TestSecret checks that requests need the secret, and probes do not.
func TestSecret(t *testing.T) {
	t.Parallel()
	const known = "0123456789-known"
	p, address := startLimited(t, newBox().plugin(), serve.Limits{}, "SERVERLESS_SECRET="+known)
	if err := p.host.(*host.Serverless).Healthy(t.Context()); err != nil {
		t.Error(err)
	}
	body := string(validation(t, 0))
	for name, test := range map[string]struct{ header, want string }{
		"right":    {"Dify-Plugin-Secret: " + known, "true, end"},
		"any case": {"dify-plugin-secret: " + known, "true, end"},
		"none":     {"X: y", "401 the request lacks the secret of this plugin"},
		"empty":    {"Dify-Plugin-Secret:", "401 the request lacks the secret of this plugin"},
		"longer":   {"Dify-Plugin-Secret: " + known + "x", "401 the request lacks the secret of this plugin"},
		"shorter":  {"Dify-Plugin-Secret: " + known[1:], "401 the request lacks the secret of this plugin"},
		"another":  {"Dify-Plugin-Secret: " + strings.ToUpper(known), "401 the request lacks the secret of this plugin"},
		"twice":    {"Dify-Plugin-Secret: x\r\nDify-Plugin-Secret: " + known, "401 the request lacks the secret of this plugin"},
	} {
		conn := dial(t, address)
		_, _ = io.WriteString(conn, strings.Replace(head("s", len(body)), "Host: x", "Host: x\r\n"+test.header, 1)+body)
		if got, err := result(conn); err != nil || got != test.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, test.want)
		}
	}
	p.end(t)
	if log := p.logs.String(); strings.Contains(strings.ToLower(log), known) || strings.Count(log, "a request was refused") != 1 {
		t.Errorf("the log is\n%s", log)
	}
}

// TestSocket checks a plugin that listens on a Unix socket, for its user only.
func TestSocket(t *testing.T) {
	t.Parallel()
	if goruntime.GOOS == "windows" {
		t.Skip("files have no permissions")
	}
	path := filepath.Join(shortDir(t), "s")
	listenAgain := func() *plugin {
		p, address := startLimited(t, newBox().plugin(), serve.Limits{}, "SERVERLESS_SOCKET="+path)
		if address != path {
			t.Errorf("the address is %s", address)
		}
		return p
	}
	for _, what := range []string{"nothing is there", "a stale socket is there"} {
		p := listenAgain()
		if info, err := os.Lstat(path); err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("%s: got %v, %v", what, info, err)
		}
		conn, err := new(net.Dialer).DialContext(t.Context(), "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		body := string(validation(t, 0))
		_, _ = io.WriteString(conn, head("s", len(body))+body)
		if got, err := result(conn); err != nil || got != "true, end" {
			t.Errorf("%s: got %s, %v", what, got, err)
		}
		_ = conn.Close()
		second := run(t, []string{"INSTALL_METHOD=serverless", "SERVERLESS_SOCKET=" + path}, nil, nil, nil, newBox().plugin())
		if err := second.wait(t); err == nil || err.Error() != "SERVERLESS_SOCKET: another process listens on it" {
			t.Errorf("a second plugin: %v", err)
		}
		p.end(t)
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s: the socket is left", what)
		}
		leaveStale(t, path)
	}
}

// leaveStale creates a socket that nobody listens on.
func leaveStale(t *testing.T, path string) {
	t.Helper()
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()
}

// TestSocketRace checks that of many plugins that start at once over a stale socket, one listens and
// can be reached.
func TestSocketRace(t *testing.T) {
	t.Parallel()
	const rounds, starters = 500, 8
	path := filepath.Join(shortDir(t), "s")
	for range rounds {
		leaveStale(t, path)
		results := make(chan net.Listener, starters)
		start := make(chan struct{})
		for range starters {
			go func() {
				<-start
				listener, err := serve.ListenUnix(t.Context(), path)
				if err != nil && err.Error() != "another process listens on it" {
					t.Error(err)
				}
				results <- listener
			}()
		}
		close(start)
		var listeners []net.Listener
		for range starters {
			if listener := <-results; listener != nil {
				listeners = append(listeners, listener)
			}
		}
		if len(listeners) != 1 {
			t.Fatalf("%d listen", len(listeners))
		}
		conn, err := new(net.Dialer).DialContext(t.Context(), "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if err := listeners[0].Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSocketOfAnother checks that a socket is left alone on which a program listens that has no lock.
func TestSocketOfAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shortDir(t), "s")
	other, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for range 2 { // a failure keeps no lock
		if _, err := serve.ListenUnix(t.Context(), path); err == nil || err.Error() != "another process listens on it" {
			t.Errorf("got %v", err)
		}
	}
	_ = other.Close()
	listener, err := serve.ListenUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
}

// TestSocketTaken checks that a file which is not a socket is left alone.
func TestSocketTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shortDir(t), "s")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(path), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		path: "SERVERLESS_SOCKET: the path is taken by a file that is not a socket",
		link: "SERVERLESS_SOCKET: the path is taken by a file that is not a socket",
	} {
		p := run(t, []string{"INSTALL_METHOD=serverless", "SERVERLESS_SOCKET=" + path}, nil, nil, nil, newBox().plugin())
		if err := p.wait(t); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "mine" {
		t.Errorf("got %q, %v", data, err)
	}
}

// shortDir returns a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") //nolint:usetesting // its paths are too long on macOS
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
