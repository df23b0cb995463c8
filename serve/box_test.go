package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing/fstest"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

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
