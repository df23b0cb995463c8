package difytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/serve"
)

// permitting is a manifest that permits storage, of 1 KiB, apps and language models.
const permitting = `{"resource":{"permission":{"storage":{"enabled":true,"size":1024},"app":{"enabled":true},"model":{"enabled":true,"llm":true}}}}`

// asker returns a plugin that runs the same code in a tool, an endpoint, OAuth and a dynamic select.
func asker(ask func(ctx context.Context, s invoke.Session) string) *serve.Plugin {
	run := func(ctx context.Context) string { return ask(ctx, invoke.ForGeneratedCode(ctx)) }
	provider := runtime.NewTool(runtime.ToolConfig{
		Name: "service", OAuth: runtime.BindOAuth(askingFlow{run}, decodeLoose, decodeLoose),
		Tools: []runtime.ToolBinding{{
			Name: "greet", Invoke: func(ctx context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
				return out.Text(run(ctx))
			},
			Options: []runtime.OptionsBinding{{Parameter: "name", Fetch: func(ctx context.Context, _ runtime.CredentialType, _ map[string]any) ([]runtime.Choice, error) {
				return []runtime.Choice{{Value: run(ctx)}}, nil
			}}},
		}},
		Fields: &runtime.Fields{Secret: []string{"api_key", "pin", "client_secret"}, Public: []string{"project", "name"}},
	})
	endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[loose]{
		Name: "endpoints.yaml", DecodeSettings: func(map[string]any) (loose, error) { return nil, nil },
		Handler: func(loose) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, run(r.Context())) }), nil
		},
	})
	declaration := strings.TrimSuffix(toolDeclaration, "}") + `,"oauth_schema":{"client_schema":[{"name":"client_secret","type":"secret-input"}],"credentials_schema":[]}}`
	return serve.NewPlugin(serve.Declaration{
		Author: "a", Name: "n", Version: "0.0.1", Manifest: permitting,
		Providers: []serve.ProviderDeclaration{{Type: "tool_declaration", Data: declaration}, {Type: "endpoint_declaration", Data: `{"settings":[]}`}},
	}, nil, provider, endpoints)
}

// askingFlow is a flow whose authorization URL is what the code says.
type askingFlow struct{ run func(context.Context) string }

func (f askingFlow) OAuthGetAuthorizationURL(ctx context.Context, _ string, _ loose) (string, error) {
	return f.run(ctx), nil
}

func (askingFlow) OAuthGetCredentials(context.Context, string, loose, *http.Request) (runtime.OAuthResult[loose], error) {
	return runtime.OAuthResult[loose]{}, errors.New("not used")
}

func (askingFlow) OAuthRefreshCredentials(context.Context, string, loose, loose) (runtime.OAuthResult[loose], error) {
	return runtime.OAuthResult[loose]{}, errors.New("not used")
}

// TestDifyOfHost checks that what runs on a host reaches its Dify: code of tools, endpoints, OAuth
// and options.
func TestDifyOfHost(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, asker(func(ctx context.Context, s invoke.Session) string {
		value, err := s.Storage().Get(ctx, "k")
		if err == nil {
			err = s.Storage().Set(ctx, "k", append(value, '+'))
		}
		return fmt.Sprint(string(value), err)
	}))
	h.Dify().Store("k", []byte("v"))
	if got := h.Tool("greet", creds, nil).Text; got != "v<nil>" {
		t.Errorf("got %s", got)
	}
	if got, err := h.Options("greet", "name", creds); err != nil || got[0].Value != "v+<nil>" {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := h.OAuth(map[string]any{"client_secret": "hidden"}).AuthorizationURL(); err != nil || got != "v++<nil>" {
		t.Errorf("got %s, %v", got, err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	resp, err := h.Endpoint(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if value, _ := h.Dify().Stored("k"); resp.ContentLength != int64(len("v+++<nil>")) || string(value) != "v++++" {
		t.Errorf("got %d bytes; stored %s", resp.ContentLength, value)
	}
	var from []string
	for _, c := range h.Dify().Calls(difytest.Storage) {
		from = append(from, c.From)
	}
	want := []string{"tool", "tool", "dynamic_parameter", "dynamic_parameter", "oauth", "oauth", "endpoint", "endpoint"}
	if diff := cmp.Diff(want, from); diff != "" {
		t.Errorf("calls come from (-want +got):\n%s", diff)
	}
	h.Dify().Store("k", make([]byte, 1024))
	if got := h.Tool("greet", creds, nil).Text; !strings.HasSuffix(got, invoke.ErrStorageFull.Error()) {
		t.Errorf("got %s", got)
	}
}

// TestCallbackFailures checks what of calls back fails a test, and what a plugin gets.
func TestCallbackFailures(t *testing.T) {
	t.Parallel()
	question := func(text string) *invoke.LLMRequest {
		return &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User(text)}}
	}
	generate := func(text string) func(context.Context, invoke.Session) string {
		return func(ctx context.Context, s invoke.Session) string {
			r, err := s.LLM().Generate(ctx, question(text))
			if err != nil {
				return err.Error()
			}
			return r.Text()
		}
	}
	answer := func(d *difytest.Dify) {
		d.LLM(func(context.Context, *invoke.LLMRequest) ([]*llm.Chunk, error) { return difytest.Chunks("Hello"), nil })
	}
	greet := func(h *difytest.Host) *difytest.ToolResult { return h.Tool("greet", creds, nil) }
	for name, test := range map[string]struct {
		ask  func(context.Context, invoke.Session) string
		dify func(*difytest.Dify)
		call func(*difytest.Host) *difytest.ToolResult
		text string   // of the tool
		want []string // errors of the test
	}{
		"answered": {generate("Hi"), answer, greet, "Hello", nil},
		"not answered": {
			generate("Hi"), func(*difytest.Dify) {}, greet, "read llm model failed: request failed: this host has no answer to calls of type llm",
			[]string{"the plugin makes a call back into Dify of type llm, for which the test has no answer: use Dify.LLM"},
		},
		"not permitted": {func(ctx context.Context, s invoke.Session) string {
			_, err := s.Moderation().Moderate(ctx, &invoke.ModerationRequest{Model: model, Text: "t"})
			return strconv.FormatBool(errors.Is(err, invoke.ErrPermission))
		}, func(*difytest.Dify) {}, greet, "true", nil},
		"refused": {generate("Hi"), func(d *difytest.Dify) {
			answer(d)
			d.Refuse(difytest.LLM)
		}, greet, "manifest.yaml does not permit this call: it needs resource.permission.model.llm, and resource.permission.model.enabled", nil},
		"silent": {func(ctx context.Context, s invoke.Session) string {
			ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			return generate("Hi")(ctx, s)
		}, func(d *difytest.Dify) { d.Silence() }, greet, "context deadline exceeded", nil},
		"left open": {func(ctx context.Context, _ invoke.Session) string {
			_, err := callback.FromContext(ctx).Invoke(ctx, "llm", map[string]any{})
			return fmt.Sprint(err)
		}, func(d *difytest.Dify) { d.Silence() }, greet, "<nil>", []string{
			"tool/invoke_tool returns while calls back into Dify are open: llm; read each to its end, or break the loop",
		}},
		"secret to a model": {generate("My key is " + validKey), answer, greet, "Hello", []string{
			"a call back into Dify of type llm holds the secret api_key; users and models see it (call it on Host.AllowSecrets if it must)",
		}},
		"secret that is allowed": {generate("My key is " + validKey), answer, func(h *difytest.Host) *difytest.ToolResult {
			return greet(h.AllowSecrets())
		}, "Hello", nil},
		"secret in storage": {func(ctx context.Context, s invoke.Session) string {
			return fmt.Sprint(s.Storage().Set(ctx, "k", []byte(validKey)))
		}, answer, greet, "<nil>", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				h := difytest.Start(tb, asker(test.ask))
				test.dify(h.Dify())
				if r := test.call(h); r.Err != nil || r.Text != test.text {
					t.Errorf("got %s, %v\nwant %s", r.Text, r.Err, test.text)
				}
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestChosenCredential checks that the plugin learns which credentials the user has chosen for the
// tools of another provider.
func TestChosenCredential(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, asker(func(ctx context.Context, _ invoke.Session) string {
		return callback.FromContext(ctx).ToolCredential("a/b/c")
	}))
	if got := h.Tool("greet", creds, nil).Text; got != "" {
		t.Errorf("got %s", got)
	}
	h.Dify().ChooseCredential("a/b/c", "id-1")
	if got := h.Tool("greet", creds, nil).Text; got != "id-1" {
		t.Errorf("got %s", got)
	}
}

// TestSilentDify checks that a test can see how a plugin behaves that Dify never answers.
func TestSilentDify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := difytest.Start(t, asker(func(ctx context.Context, s invoke.Session) string {
			_, err := s.Storage().Get(ctx, "k")
			return fmt.Sprint(err)
		}))
		h.Dify().Silence(difytest.Storage)
		began := time.Now()
		r := h.Tool("greet", creds, nil)
		if took := time.Since(began); r.Err != nil || r.Text != invoke.ErrTimeout.Error() || took != 250*time.Second {
			t.Errorf("got %s, %v after %v", r.Text, r.Err, took)
		}
	})
}

// TestSlowAnswer checks that a plugin gets what comes of a model that falls silent in the middle of
// its answer, and not the test an error.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := difytest.Start(t, asker(func(ctx context.Context, _ invoke.Session) string {
			text, err := told(ctx)
			return fmt.Sprint(text, err)
		}))
		h.Dify().StreamLLM(func(ctx context.Context, _ *invoke.LLMRequest) iter.Seq2[*llm.Chunk, error] {
			return func(yield func(*llm.Chunk, error) bool) {
				if yield(difytest.Chunks("Te")[0], nil) {
					<-ctx.Done()
				}
			}
		})
		if r := h.Tool("greet", creds, nil); r.Err != nil || r.Text != "m:Te "+invoke.ErrTimeout.Error() {
			t.Errorf("got %q, %v", r.Text, r.Err)
		}
	})
}

// storing is a flow that keeps in storage when it began last.
type storing struct{ *provider }

func (s storing) OAuthGetAuthorizationURL(ctx context.Context, redirectURI string, client loose) (string, error) {
	if err := invoke.ForGeneratedCode(ctx).Storage().Set(ctx, "began", []byte("now")); err != nil {
		return "", err
	}
	return s.provider.OAuthGetAuthorizationURL(ctx, redirectURI, client)
}

// TestCallbacksOfTests checks that TestOAuth and TestCredentials let code call back.
func TestCallbacksOfTests(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	p := &provider{config: authcode.Config[loose, loose]{
		Endpoint: oauth2.Endpoint{AuthURL: server.URL, TokenURL: server.URL}, HTTPClient: server.HTTPClient(),
	}}
	p.flow = authcode.MustNew(decodeDeclared, p.config)
	plugin := serve.NewPlugin(serve.Declaration{
		Author: "a", Name: "n", Version: "0.0.1", Manifest: permitting,
		Providers: []serve.ProviderDeclaration{{Type: "tool_declaration", Data: strings.TrimSuffix(oauthDeclaration, "}") + `,"credentials_schema":[{"name":"api_key","type":"secret-input","required":true}]}`}},
	}, nil, runtime.NewTool(runtime.ToolConfig{
		Name: "wrong", OAuth: runtime.BindOAuth(storing{p}, decodeLoose, decodeLoose),
		ValidateCredentials: func(ctx context.Context, values map[string]any) error {
			if err := check(ctx, values); err != nil {
				return err
			}
			return invoke.ForGeneratedCode(ctx).Storage().Set(ctx, "checked", nil)
		},
	}))
	h := difytest.Start(t, plugin)
	difytest.TestOAuth(t, h, difytest.OAuthTest{Server: server})
	difytest.TestCredentials(t, h, difytest.CredentialsTest{Valid: map[string]any{"api_key": validKey}})
	if diff := cmp.Diff([]string{"began", "checked"}, h.Dify().StoredKeys()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestErrorsOfAppsHaveNoSecrets checks that the text of an app's error has none of the request.
func TestErrorsOfAppsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	var got error
	h := difytest.Start(t, asker(func(ctx context.Context, s invoke.Session) string {
		for _, err := range s.Apps().Chat(ctx, &invoke.ChatRequest{AppID: "a", Query: "q"}) {
			got = err
		}
		return ""
	}))
	h.Dify().Answer("app", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		reply(map[string]any{"event": "error", "code": "sk-api-key-12345", "status": "400", "message": "bad\nkey sk-api-key-12345\x1b" + strings.Repeat("x", 2000)})
		return nil
	})
	h.Tool("greet", map[string]any{"api_key": "sk-api-key-12345"}, nil)
	var e *invoke.AppError
	if !errors.As(got, &e) || e.Status != 400 || strings.Contains(e.Code, "sk-") || strings.ContainsAny(e.Message, "\n\x1b") ||
		strings.Contains(e.Message, "sk-") || utf8.RuneCountInString(e.Message) > 1001 {
		t.Errorf("got %.200q", got)
	}
}
