package serve_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/serve"
)

// TestMain runs the box instead of the tests if TestPrint says so.
func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		serve.Main(newBox().plugin())
		return
	}
	goleak.VerifyTestMain(m)
}

const mainVariable = "TEST_SERVE_MAIN"

const debugKey = "4f3d6a2e-key"

// plugin is a running plugin and its host.
type plugin struct {
	host host.Host
	logs *logs
	stop context.CancelFunc
	done chan error // receives what Run returns
}

// logs collects the log.
type logs struct {
	mu   sync.Mutex
	more chan struct{} // closed with the next write
	b    bytes.Buffer
}

func (l *logs) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return l.b.Write(data)
}

// wait waits until the log contains want.
func (l *logs) wait(t *testing.T, want string) {
	t.Helper()
	for timeout := time.After(30 * time.Second); ; {
		l.mu.Lock()
		if strings.Contains(l.b.String(), want) {
			l.mu.Unlock()
			return
		}
		if l.more == nil {
			l.more = make(chan struct{})
		}
		more := l.more
		l.mu.Unlock()
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("the log lacks %q:\n%s", want, l)
		}
	}
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run runs a plugin until the test ends or stop is called.
func run(tb testing.TB, environ []string, stdin, stdout *os.File, folder fstest.MapFS, p *serve.Plugin) *plugin {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	running := &plugin{logs: new(logs), stop: stop, done: make(chan error, 1)}
	logger := slog.New(slog.NewTextHandler(running.logs, nil))
	go func() { running.done <- serve.RunWith(ctx, environ, stdin, stdout, folder, logger, p) }()
	tb.Cleanup(stop)
	return running
}

// wait waits for Run to return.
func (p *plugin) wait(tb testing.TB) error {
	tb.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(30 * time.Second):
		tb.Fatal("Run does not return; logs:\n", p.logs)
	}
	return nil
}

// end stops the plugin and checks that Run and the host report no errors.
func (p *plugin) end(tb testing.TB) {
	tb.Helper()
	p.stop()
	if err := p.wait(tb); err != nil {
		tb.Error("Run:", err)
	}
	if f := p.host.Faults(); len(f) > 0 {
		tb.Errorf("a host would reject: %q", f)
	}
}

// starter starts a plugin.
type starter func(tb testing.TB, p *serve.Plugin) *plugin

// ask validates credentials with a mode, and returns the response or the error as text.
func (p *plugin) ask(ctx context.Context, mode string) string {
	response, err := p.host.Call(ctx, "tool", "validate_tool_credentials", withMode(mode))
	if err != nil {
		return err.Error()
	}
	return response.String()
}

// transports maps transports to functions that start a plugin.
var transports = map[string]starter{
	"local": startLocal, "remote": startRemote, "serverless": startServerless,
}

func startLocal(tb testing.TB, box *serve.Plugin) *plugin {
	tb.Helper()
	inR, inW := pipe(tb)
	outR, outW := pipe(tb)
	p := run(tb, []string{"INSTALL_METHOD=local"}, inR, outW, nil, box)
	p.host = host.NewLocal(inW, outR)
	tb.Cleanup(func() {
		p.end(tb)
		_ = inW.Close()
		_ = outW.Close()
		<-p.host.(*host.Local).Closed()
	})
	return p
}

func pipe(tb testing.TB) (r, w *os.File) {
	tb.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

func startRemote(tb testing.TB, box *serve.Plugin) *plugin {
	tb.Helper()
	server, err := host.Listen("", debugKey)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	p := run(tb, remoteEnv(server), nil, nil, nil, box)
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	registered, err := server.Next(ctx)
	if err != nil {
		tb.Fatal(err, "\n", p.logs)
	}
	p.host = registered
	tb.Cleanup(func() { p.end(tb) })
	return p
}

func remoteEnv(server *host.Remote) []string {
	return []string{"INSTALL_METHOD=remote", "remote_install_url=" + server.Addr(), "REMOTE_INSTALL_KEY=" + debugKey}
}

func startServerless(tb testing.TB, box *serve.Plugin) *plugin {
	tb.Helper()
	p, _ := startLimited(tb, box, serve.Limits{})
	return p
}

// startLimited starts an HTTP server with limits, and returns its address, too.
func startLimited(tb testing.TB, box *serve.Plugin, limits serve.Limits, environ ...string) (p *plugin, address string) {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	p = &plugin{logs: new(logs), stop: stop, done: make(chan error, 1)}
	tb.Cleanup(stop)
	logger := slog.New(slog.NewTextHandler(p.logs, nil))
	addr := make(chan string, 1)
	environ = append([]string{"INSTALL_METHOD=serverless", "SERVERLESS_HOST=127.0.0.1", "SERVERLESS_PORT=0"}, environ...)
	go func() { p.done <- serve.RunLimited(ctx, environ, func(a string) { addr <- a }, logger, limits, box) }()
	select {
	case address = <-addr:
		host := host.NewServerless(address)
		p.host = host
		tb.Cleanup(func() {
			host.Close()
			p.end(tb)
		})
	case err := <-p.done:
		tb.Fatal("Run:", err)
	}
	return p, address
}

// eachTransport runs a test over every transport.
func eachTransport(t *testing.T, test func(t *testing.T, start starter)) {
	t.Helper()
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start)
		})
	}
}
