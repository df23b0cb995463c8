package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
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

// declaration is what the host is told about the box.
func declaration() serve.Declaration {
	return serve.Declaration{
		Author: "me", Name: "box", Version: "0.1.0",
		Manifest: `{"version":"0.1.0","type":"plugin","author":"me","name":"box","label":{"en_US":"Box"},"description":{"en_US":"A plugin."},
			"icon":"icon.svg","created_at":"2026-01-31T12:00:00Z","resource":{"memory":1048576,"permission":{"endpoint":{"enabled":true}}},
			"meta":{"version":"0.1.0","arch":["amd64"],"runner":{"language":"python","version":"3.12","entrypoint":"main"}}}`,
		Providers: []serve.ProviderDeclaration{
			{Type: "tool_declaration", Data: toolDeclaration("box")},
			{Type: "endpoint_declaration", Data: `{"settings":[{"name":"token","type":"secret-input","required":true,"label":{"en_US":"Token"}}],
				"endpoints":[{"path":"/any","method":"GET"}]}`},
		},
		Assets: fstest.MapFS{"_assets/icon.svg": {Data: []byte("<svg/>")}},
	}
}

// toolDeclaration returns the declaration of a tool provider.
func toolDeclaration(name string) string {
	return `{"identity":{"author":"me","name":"` + name + `","icon":"icon.svg","label":{"en_US":"Box"},"description":{"en_US":"D"}},
		"credentials_schema":[{"name":"key","type":"secret-input","required":true,"label":{"en_US":"Key"}}],
		"tools":[{"identity":{"author":"me","name":"echo","label":{"en_US":"Echo"}},"description":{"human":{"en_US":"Says it."},"llm":"Says it."},
			"parameters":[{"name":"what","type":"string","form":"llm","required":true,"label":{"en_US":"What"},"human_description":{"en_US":"What"}}]}]}`
}

// creds are the credentials and settings of the box.
type creds map[string]any

func (c creds) Values() map[string]any { return c }
func (c creds) Validate() error        { return nil }

func decode(values map[string]any) (creds, error) {
	d := runtime.NewDecoder("Box", values)
	d.Secret("key", "Key", runtime.FieldRequired)
	return values, d.Err()
}

func decodeAny(values map[string]any) (creds, error) { return values, nil }

func decodeCall(_ runtime.CredentialType, values map[string]any) (creds, error) {
	return decode(values)
}

// box is a plugin that does what the credential "mode" says.
type box struct {
	entered chan struct{} // receives when a request waits or hangs
	leave   chan struct{} // ends requests that hang
}

func newBox() *box { return &box{make(chan struct{}, 1000), make(chan struct{})} }

func (b *box) do(ctx context.Context, mode any, secret string) error {
	switch mode {
	case "wrong":
		return errors.New("the service does not know\nthe key " + secret)
	case "unreachable":
		return runtime.Unreachable(errors.New("dial tcp: connection refused"))
	case "panic":
		panic("with " + secret)
	case "nil error":
		return (*strangeError)(nil)
	case "exit":
		goexit()
	case "print":
		fmt.Print("no end of line")
		return printEverywhere()
	case "panic in goroutine":
		return runtime.Go(ctx, func(context.Context) error { panic("with " + secret) })()
	case "crash":
		go func() { panic("a crash") }()
		<-ctx.Done()
	case "wait":
		b.entered <- struct{}{}
		<-ctx.Done()
		return fmt.Errorf("stopped: %w", ctx.Err())
	case "clean up":
		b.entered <- struct{}{}
		<-ctx.Done()
		b.entered <- struct{}{}
		<-b.leave
	case "trace":
		return errors.New("the trace is " + runtime.Traceparent(ctx))
	case "deaf":
		<-b.leave
	case "hang":
		b.entered <- struct{}{}
		<-b.leave
	case "log":
		slog.New(serve.NewLogHandler(slog.Default().Handler())).InfoContext(ctx, "the key is "+secret)
	}
	return nil
}

// strangeError is an error that panics if it is nil.
type strangeError struct{ text string }

func (e *strangeError) Error() string { return e.text }

func (b *box) validate(ctx context.Context, c creds) error {
	key, _ := c["key"].(string)
	return b.do(ctx, c["mode"], key)
}

// adapters returns the adapters of the box, as generated code does.
func (b *box) adapters() []runtime.Adapter {
	fields := &runtime.Fields{Secret: []string{"key", "client_secret", "access_token", "refresh_token", "token"}, Public: []string{"mode", "what"}}
	return []runtime.Adapter{
		runtime.NewTool(runtime.ToolConfig{
			Name: "box", ValidateCredentials: runtime.BindCredentials(decode, b.validate), OAuth: runtime.BindOAuth(flow{b}, decodeAny, decodeAny),
			Tools: []runtime.ToolBinding{{Name: "echo", Invoke: runtime.BindTool(decodeCall, decodeEcho, b.echo)}}, Fields: fields,
		}),
		runtime.NewEndpoints(runtime.EndpointsConfig[creds]{
			Name: "provider/endpoints.yaml", DecodeSettings: decodeSettings, Handler: b.endpoint, Fields: fields,
		}),
	}
}

// plugin returns the box with options.
func (b *box) plugin(options ...serve.Option) *serve.Plugin {
	return b.declared(declaration(), options...)
}

// declared returns the box with another declaration.
func (b *box) declared(d serve.Declaration, options ...serve.Option) *serve.Plugin {
	return serve.NewPlugin(d, append([]serve.Option{serve.WithStopTimeout(5 * time.Second)}, options...), b.adapters()...)
}

func decodeEcho(values map[string]any) (string, error) {
	what, _ := values["what"].(string)
	return what, nil
}

func (b *box) echo(ctx context.Context, _ runtime.Call, c creds, what string, out *runtime.ToolOutput) error {
	if err := out.Text(what); err != nil {
		return err
	}
	return b.do(ctx, c["mode"], fmt.Sprint(c["key"]))
}

func decodeSettings(values map[string]any) (creds, error) {
	d := runtime.NewDecoder("Box", values)
	d.Secret("token", "Token", runtime.FieldRequired)
	return values, d.Err()
}

func (b *box) endpoint(settings creds) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /any", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("X-Many", "a")
		w.Header().Add("X-Many", "b")
		fmt.Fprintf(w, "hello %s", r.URL.Query().Get("name"))
	})
	mux.HandleFunc("GET /large", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 5<<20))
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			fmt.Fprint(w, "tick ")
			_ = http.NewResponseController(w).Flush()
		}
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(1000) })
	mux.HandleFunc("HEAD /head", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		fmt.Fprint(w, "not sent")
	})
	mux.HandleFunc("GET /nothing", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(settings["token"]) })
	return mux, nil
}

// flow is the OAuth flow of the box.
type flow struct{ box *box }

func (f flow) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client creds) (string, error) {
	return "https://auth.example/?redirect_uri=" + redirectURI, f.box.do(ctx, client["mode"], fmt.Sprint(client["client_secret"]))
}

func (f flow) OAuthGetCredentials(_ context.Context, _ string, _ creds, callback *http.Request) (runtime.OAuthResult[creds], error) {
	code := callback.URL.Query().Get("code")
	if code == "bad-code" {
		return runtime.OAuthResult[creds]{}, errors.New("the server refuses code " + code)
	}
	return runtime.OAuthResult[creds]{Credentials: creds{"access_token": "t-" + code}}, nil
}

func (f flow) OAuthRefreshCredentials(_ context.Context, _ string, _, old creds) (runtime.OAuthResult[creds], error) {
	return runtime.OAuthResult[creds]{
		Credentials: creds{"access_token": "fresh", "refresh_token": old["refresh_token"]}, ExpiresAt: time.Unix(4e9, 0),
		Metadata: runtime.OAuthMetadata{Name: "nobody"},
	}, nil
}

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
