package serve_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// TestRunReports checks that Run reports everything that is wrong at once.
func TestRunReports(t *testing.T) {
	t.Parallel()
	if err := serve.Run(t.Context(), nil); err == nil || err.Error() != "the plugin is nil" {
		t.Errorf("got %v", err)
	}
	box := newBox().adapters()[0]
	d := declaration()
	d.Manifest = "name: box"
	p := run(t, []string{"MAX_WORKER=x"}, nil, nil, nil, serve.NewPlugin(d, []serve.Option{serve.WithMaxRequests(0)}, box, nil, box))
	want := `provider 2 of 3 is nil
tool provider box is there twice
the declaration of the manifest is not JSON
MAX_WORKER must be a number from 1 to 1000000
serve.WithMaxRequests was called with a value that is too small`
	if err := p.wait(t); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func options(_ context.Context, _ runtime.CredentialType, values map[string]any) ([]runtime.Choice, error) {
	if values["key"] == nil {
		return nil, errors.New("no key")
	}
	return []runtime.Choice{{Value: "a", Label: "An A"}, {Value: "b", Icon: "b.svg"}}, nil
}

// TestOtherRoutes checks responses of plugins with what the box lacks: a tool without
// credentials, options, parameters at run time, a model, code that returns nil and an empty
// error.
func TestOtherRoutes(t *testing.T) {
	t.Parallel()
	tool := runtime.NewTool(runtime.ToolConfig{Name: "box", Tools: []runtime.ToolBinding{{
		Name: "echo",
		Invoke: func(_ context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
			return out.Text("hello " + call.UserID)
		},
		Options: []runtime.OptionsBinding{{Parameter: "what", Fetch: options}},
		RuntimeParameters: func(context.Context, runtime.CredentialType, map[string]any) ([]runtime.Parameter, error) {
			return nil, nil
		},
	}}})
	model := runtime.NewModel(runtime.ModelConfig{
		Name:                        "box",
		ValidateProviderCredentials: func(context.Context, map[string]any) (map[string]any, error) { return nil, nil },
		ValidateModelCredentials: func(context.Context, runtime.ModelType, string, map[string]any) (map[string]any, error) {
			return nil, errors.New("")
		},
	})
	endpoints := runtime.NewEndpoints(runtime.EndpointsConfig[struct{}]{
		Name:           "provider/endpoints.yaml",
		DecodeSettings: func(map[string]any) (struct{}, error) { return struct{}{}, nil },
		Handler: func(struct{}) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), nil
		},
	})
	p := startRemote(t, serve.NewPlugin(declaration(), nil, tool, model, endpoints))
	choose := map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what"}
	with := map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what", "credentials": map[string]any{"key": "k"}}
	for _, c := range []struct {
		typ, action string
		fields      map[string]any
		want        string
	}{
		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"}, `{"type":"text","message":{"text":"hello user-1"},"meta":null}`},
		{"tool", "get_tool_runtime_parameters", map[string]any{"provider": "box", "tool": "echo"}, `{"parameters":[]}`},
		{"endpoint", "invoke_endpoint", endpoint("GET / HTTP/1.1\n\n", nil), `{"status":418,"headers":{},"result":""}`},
		{"dynamic_parameter", "fetch_parameter_options", with,
			`{"options":[{"icon":null,"label":{"en_US":"An A"},"value":"a"},{"icon":"b.svg","label":{"en_US":"b"},"value":"b"}]}`},
		{"dynamic_parameter", "fetch_parameter_options", choose, "InvokeError: no key"},
		{"model", "validate_provider_credentials", map[string]any{"provider": "box"}, `{"credentials":{},"result":true}`},
		{"model", "validate_model_credentials", map[string]any{"provider": "box", "model_type": "llm", "model": "m"}, "CredentialsValidateFailedError: the plugin failed without an error message"},
	} {
		response, err := p.host.Do(t.Context(), host.Request{Type: c.typ, Action: c.action, UserID: "user-1", Fields: c.fields})
		if err != nil || response.String() != c.want {
			t.Errorf("%s: got %v, %v\nwant %s", c.action, response, err, c.want)
		}
	}
}
