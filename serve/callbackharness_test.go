package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// asking is code of a plugin that calls back. What it returns is the response to the request.
type asking func(ctx context.Context) string

// asker returns a plugin that runs the same code in a tool, an endpoint, OAuth, a dynamic select and
// the check of a model's credentials.
func asker(ask asking) *serve.Plugin {
	return serve.NewPlugin(
		declaration(), []serve.Option{serve.WithStopTimeout(5 * time.Second)},
		runtime.NewTool(runtime.ToolConfig{
			Name: "box", OAuth: runtime.BindOAuth(askingFlow{ask: ask}, decodeAny, decodeAny),
			Tools: []runtime.ToolBinding{{
				Name: "echo", Invoke: func(ctx context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
					return out.Text(ask(ctx))
				},
				Options: []runtime.OptionsBinding{{Parameter: "what", Fetch: func(ctx context.Context, _ runtime.CredentialType, _ map[string]any) ([]runtime.Choice, error) {
					return []runtime.Choice{{Value: ask(ctx)}}, nil
				}}},
			}},
		}),
		runtime.NewEndpoints(runtime.EndpointsConfig[creds]{
			Name: "provider/endpoints.yaml", DecodeSettings: decodeAny, Handler: func(creds) (http.Handler, error) {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, ask(r.Context())) }), nil
			},
		}),
		runtime.NewModel(runtime.ModelConfig{
			Name: "box", ValidateProviderCredentials: func(ctx context.Context, _ map[string]any) (map[string]any, error) {
				return map[string]any{"said": ask(ctx)}, nil
			},
		}),
	)
}

// askingFlow is a flow whose authorization URL is what the code says.
type askingFlow struct {
	flow
	ask asking
}

func (f askingFlow) OAuthGetAuthorizationURL(ctx context.Context, _ string, _ creds) (string, error) {
	return f.ask(ctx), nil
}

// tool calls the asker's tool, and returns what it says or why it does not.
func (p *plugin) tool(ctx context.Context) string {
	response, err := p.host.Call(ctx, "tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"})
	if err != nil {
		return err.Error()
	}
	var result struct{ Message struct{ Text string } }
	if err := response.Decode(&result); err != nil {
		return err.Error()
	}
	return result.Message.Text
}

// answered starts a plugin on a host whose handler answers calls back, by transport.
var answered = map[string]func(t *testing.T, p *serve.Plugin, handler host.Handler, environ ...string) *plugin{
	"local": func(t *testing.T, asker *serve.Plugin, handler host.Handler, environ ...string) *plugin {
		t.Helper()
		inR, inW := pipe(t)
		outR, outW := pipe(t)
		p := run(t, append(environ, "INSTALL_METHOD=local"), inR, outW, nil, asker)
		local := host.NewLocal(inW, outR)
		local.Answer(handler)
		p.host = local
		t.Cleanup(func() {
			p.end(t)
			_ = inW.Close()
			_ = outW.Close()
			<-local.Closed()
		})
		return p
	},
	"remote": func(t *testing.T, asker *serve.Plugin, handler host.Handler, environ ...string) *plugin {
		t.Helper()
		server, err := host.Listen("", debugKey)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		server.Answer(handler)
		p := run(t, append(environ, remoteEnv(server)...), nil, nil, nil, asker)
		registered, err := server.Next(t.Context())
		if err != nil {
			t.Fatal(err, "\n", p.logs)
		}
		p.host = registered
		t.Cleanup(func() { p.end(t) })
		return p
	},
	"serverless": func(t *testing.T, asker *serve.Plugin, handler host.Handler, environ ...string) *plugin {
		t.Helper()
		daemon, err := host.ListenDaemon(handler)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(daemon.Close)
		p, address := startLimited(t, asker, serve.Limits{}, append(environ, "DIFY_PLUGIN_DAEMON_URL="+daemon.URL())...)
		serverless := daemon.Host(address)
		t.Cleanup(serverless.Close)
		p.host = serverless
		return p
	},
}

// eachAnswered runs a test with a plugin over each transport.
func eachAnswered(t *testing.T, ask asking, handler host.Handler, test func(t *testing.T, transport string, p *plugin), environ ...string) {
	t.Helper()
	for transport, start := range answered {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			test(t, transport, start(t, asker(ask), handler, environ...))
		})
	}
}

// read makes a call and returns its replies and, if there is one, its error, in short.
func read(ctx context.Context, typ string, request any) string {
	replies, err := callback.FromContext(ctx).Invoke(ctx, typ, request)
	if err != nil {
		return err.Error()
	}
	defer replies.Close()
	return readAll(replies)
}

func readAll(replies callback.Replies) string {
	var list []string
	for {
		data, err := replies.Next()
		switch {
		case errors.Is(err, io.EOF):
			return strings.Join(list, " ")
		case err != nil:
			return strings.Join(append(list, err.Error()), " ")
		}
		list = append(list, string(data))
	}
}

// number is a reply that has a number.
func number(n int) json.RawMessage { return fmt.Appendf(nil, `{"n":%d}`, n) }

// permitted permits everything.
func permitted(t *testing.T) host.Permission {
	t.Helper()
	p, err := host.ReadPermission([]byte(`{"resource":{"permission":{"tool":{"enabled":true},"node":{"enabled":true},"app":{"enabled":true},
		"model":{"enabled":true,"llm":true,"text_embedding":true,"rerank":true,"tts":true,"speech2text":true,"moderation":true},"storage":{"enabled":true}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// replyLine returns a reply whose data has these members beside the ID.
func replyLine(session, id, members string) []byte {
	return fmt.Appendf(nil, `{"session_id":%q,"event":"backwards_response","data":{"backwards_request_id":%q,%s}}`+"\n", session, id, members)
}
