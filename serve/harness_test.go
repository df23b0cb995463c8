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

	"github.com/difygen/difygen/internal/difyhost"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	debugKey = "4f3d6a2e-key"
	manifest = `version: 0.1.0
type: plugin
author: me
name: box
label: {en_US: Box}
description: {en_US: A plugin.}
icon: icon.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 1048576, permission: {endpoint: {enabled: true}}}
meta: {version: 0.1.0, arch: [amd64], runner: {language: python, version: "3.12", entrypoint: main}}
plugins: {tools: [provider/box.yaml], endpoints: [provider/endpoints.yaml]}
`
	toolYAML = `identity: {author: me, name: box, icon: icon.svg, label: {en_US: Box}, description: {en_US: D}}
credentials_for_provider:
  key: {type: secret-input, required: true, label: {en_US: Key}}
  mode: {type: text-input, label: {en_US: Mode}}
oauth_schema:
  client_schema:
    - {name: client_secret, type: secret-input, required: true, label: {en_US: Client secret}}
  credentials_schema:
    - {name: access_token, type: secret-input, required: true, label: {en_US: Access token}}
    - {name: refresh_token, type: secret-input, label: {en_US: Refresh token}}
tools: [tools/echo.yaml]
`
	echoYAML = `identity: {author: me, name: echo, label: {en_US: Echo}}
description: {human: {en_US: Says it.}, llm: Says it.}
parameters:
  - {name: what, type: string, form: llm, required: true, label: {en_US: What}}
`
	endpointYAML = `settings:
  - {name: token, type: secret-input, required: true, label: {en_US: Token}}
endpoints: [endpoints/any.yaml]
`
)

// boxFiles is the folder of the plugin that most tests run.
func boxFiles() fstest.MapFS {
	return files("manifest.yaml", manifest, "provider/box.yaml", toolYAML, "tools/echo.yaml", echoYAML,
		"provider/endpoints.yaml", endpointYAML, "endpoints/any.yaml", "{path: /any, method: GET}", "_assets/icon.svg", "<svg/>")
}

func files(list ...string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for i := 0; i < len(list); i += 2 {
		fsys[list[i]] = &fstest.MapFile{Data: []byte(list[i+1])}
	}
	return fsys
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
	case "wait":
		b.entered <- struct{}{}
		<-ctx.Done()
		return fmt.Errorf("stopped: %w", ctx.Err())
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

func (b *box) bindings() []serve.Binding {
	validate := func(ctx context.Context, c creds) error {
		key, _ := c["key"].(string)
		return b.do(ctx, c["mode"], key)
	}
	return []serve.Binding{
		runtime.NewTool(runtime.ToolConfig{
			Name: "box", ValidateCredentials: runtime.BindCredentials(decode, validate), OAuth: runtime.BindOAuth(flow{b}, decodeAny, decodeAny),
		}),
		serve.NewTool("echo", decodeCall, serve.ToolFunc[creds](b.echo)),
		boxEndpoints(b),
	}
}

func (b *box) echo(ctx context.Context, c creds, params map[string]any, out *serve.Messages) error {
	what, _ := params["what"].(string)
	if err := out.Text(what); err != nil {
		return err
	}
	return b.do(ctx, c["mode"], fmt.Sprint(c["key"]))
}

func boxEndpoints(b *box) runtime.Endpoints {
	return runtime.NewEndpoints(runtime.EndpointsConfig[creds]{
		Name: "box", DecodeSettings: decodeSettings, Handler: b.endpoint, Fingerprint: runtime.Fingerprint{"settings.token": "secret-input, required"},
	})
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
	host difyhost.Host
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
func run(tb testing.TB, environ []string, stdin, stdout *os.File, listening func(string), fsys fstest.MapFS, bindings []serve.Binding) *plugin {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	p := &plugin{logs: new(logs), stop: stop, done: make(chan error, 1)}
	logger := slog.New(slog.NewTextHandler(p.logs, nil))
	bindings = append([]serve.Binding{serve.WithLogger(logger), serve.WithStopTimeout(5 * time.Second)}, bindings...)
	go func() { p.done <- serve.RunWith(ctx, environ, stdin, stdout, listening, fsys, bindings...) }()
	tb.Cleanup(stop)
	return p
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
type starter func(tb testing.TB, fsys fstest.MapFS, bindings ...serve.Binding) *plugin

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

func startLocal(tb testing.TB, fsys fstest.MapFS, bindings ...serve.Binding) *plugin {
	tb.Helper()
	inR, inW := pipe(tb)
	outR, outW := pipe(tb)
	p := run(tb, []string{"INSTALL_METHOD=local"}, inR, outW, nil, fsys, bindings)
	p.host = difyhost.NewLocal(inW, outR)
	tb.Cleanup(func() {
		p.end(tb)
		_ = inW.Close()
		_ = outW.Close()
		<-p.host.(*difyhost.Local).Closed()
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

func startRemote(tb testing.TB, fsys fstest.MapFS, bindings ...serve.Binding) *plugin {
	tb.Helper()
	server, err := difyhost.Listen("", debugKey)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	p := run(tb, remoteEnv(server), nil, nil, nil, fsys, bindings)
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

func remoteEnv(server *difyhost.Remote) []string {
	return []string{"INSTALL_METHOD=remote", "remote_install_url=" + server.Addr(), "REMOTE_INSTALL_KEY=" + debugKey}
}

func startServerless(tb testing.TB, fsys fstest.MapFS, bindings ...serve.Binding) *plugin {
	tb.Helper()
	addr := make(chan string, 1)
	p := run(tb, []string{"INSTALL_METHOD=serverless", "SERVERLESS_HOST=127.0.0.1", "SERVERLESS_PORT=0"}, nil, nil,
		func(a string) { addr <- a }, fsys, bindings)
	select {
	case a := <-addr:
		host := difyhost.NewServerless(a)
		p.host = host
		tb.Cleanup(func() {
			host.Close()
			p.end(tb)
		})
	case err := <-p.done:
		tb.Fatal("Run:", err)
	}
	return p
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
