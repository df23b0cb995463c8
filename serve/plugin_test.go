package serve_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// fingerprint returns the fingerprint from which the box's code would be generated.
func fingerprint(change func(runtime.Fingerprint)) runtime.Fingerprint {
	s := runtime.Fingerprint{
		"credentials_for_provider.key": "secret-input, required", "credentials_for_provider.mode": "text-input",
		"oauth_schema.client_schema.client_secret":     "secret-input, required",
		"oauth_schema.credentials_schema.access_token": "secret-input, required", "oauth_schema.credentials_schema.refresh_token": "secret-input",
	}
	if change != nil {
		change(s)
	}
	return s
}

func boxProvider(s runtime.Fingerprint) serve.Binding {
	return runtime.NewTool(runtime.ToolConfig{Name: "box", Fingerprint: s})
}

// TestMismatch checks that bindings that do not match the YAML are reported, with
// positions.
func TestMismatch(t *testing.T) {
	t.Parallel()
	echo := serve.NewTool("echo", runtime.DecodeNoCredentials, serve.ToolFunc[runtime.NoCredentials](nil))
	endpoints := boxEndpoints(newBox())
	with := func(bindings ...serve.Binding) []serve.Binding {
		return append([]serve.Binding{echo, endpoints}, bindings...)
	}
	for name, test := range map[string]struct {
		files    fstest.MapFS
		bindings []serve.Binding
		want     string
	}{
		"all fields": {boxFiles(), with(boxProvider(fingerprint(func(s runtime.Fingerprint) {
			s["credentials_for_provider.key"] = "text-input"
			delete(s, "credentials_for_provider.mode")
			s["credentials_for_provider.region"] = "select, required"
		}))), `provider/box.yaml:3:3: field credentials_for_provider.key is secret-input, required, but the code was generated for text-input
provider/box.yaml:4:3: field credentials_for_provider.mode is new: the code was generated without it
provider/box.yaml: field credentials_for_provider.region is gone: the code was generated with it
provider/box.yaml and the code do not match: run go generate, then rebuild the plugin`},
		"another name": {boxFiles(), with(runtime.NewTool(runtime.ToolConfig{Name: "bx"})),
			"provider/box.yaml: nothing is bound to this tool provider: pass the result of its generated New… function\n" +
				"manifest.yaml lists no file of a tool provider named bx: if it was renamed, run go generate"},
		"another kind": {boxFiles(), with(boxProvider(nil), runtime.NewDatasource(runtime.DatasourceConfig{Name: "box"})),
			"manifest.yaml lists no file of a datasource provider named box: if it was renamed, run go generate"},
		"no endpoints": {boxFiles(), []serve.Binding{boxProvider(nil)},
			"provider/endpoints.yaml: nothing is bound to this endpoint provider: pass the result of its generated New… function"},
		"endpoints without settings": {boxFiles(), []serve.Binding{boxProvider(nil), serve.NewHandler(http.NotFoundHandler())},
			"provider/endpoints.yaml:2:5: field settings.token is new: the code was generated without it\n" +
				"provider/endpoints.yaml and the code do not match: run go generate, then rebuild the plugin"},
		"twice": {boxFiles(), append(with(boxProvider(nil), boxProvider(nil)), echo, endpoints),
			"tool provider box is bound twice\ntool echo is bound twice\nthe endpoint provider is bound twice"},
		"a tool that no YAML declares": {boxFiles(), with(boxProvider(nil), serve.NewTool("eco", runtime.DecodeNoCredentials, serve.ToolFunc[runtime.NoCredentials](nil))),
			"no provider lists tool eco; this plugin has echo"},
		"a nil tool": {boxFiles(), []serve.Binding{boxProvider(nil), endpoints, serve.NewTool[runtime.NoCredentials]("echo", runtime.DecodeNoCredentials, nil)},
			"tool echo is nil"},
		"options of nothing": {boxFiles(), with(boxProvider(nil), serve.NewParameterOptions("eco", runtime.DecodeNoCredentials,
			func(context.Context, runtime.NoCredentials, string) ([]serve.ParameterOption, error) { return nil, nil })),
			"parameter options of eco: no tool, event or provider has that name"},
		"nothing":           {boxFiles(), with(boxProvider(nil), nil), "package serve cannot bind a <nil>"},
		"no manifest":       {fstest.MapFS{}, nil, "manifest.yaml: file does not exist; check the path: run the plugin in its folder"},
		"a broken provider": {files("manifest.yaml", manifest, "provider/box.yaml", "tools: [", "provider/endpoints.yaml", endpointYAML, "endpoints/any.yaml", "{path: /, method: GET}"), with(), "provider/box.yaml:1:8: error: not YAML: the [ opened here is not closed [yaml-syntax]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := run(t, nil, nil, nil, nil, test.files, test.bindings)
			if err := p.wait(t); err == nil || err.Error() != test.want {
				t.Errorf("got\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}

// TestNothingGenerated runs a plugin that needs no generated code.
func TestNothingGenerated(t *testing.T) {
	t.Parallel()
	fsys := boxFiles()
	fsys["provider/box.yaml"] = &fstest.MapFile{Data: []byte(
		"identity: {author: me, name: box, icon: icon.svg, label: {en_US: Box}, description: {en_US: D}}\ntools: [tools/echo.yaml, tools/more.yaml]\n")}
	fsys["tools/more.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(echoYAML, "name: echo", "name: more", 1))}
	fsys["provider/endpoints.yaml"] = &fstest.MapFile{Data: []byte("endpoints: [endpoints/any.yaml]\n")}
	p := startRemote(t, fsys,
		serve.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })),
		serve.NewTool("echo", runtime.DecodeNoCredentials, serve.ToolFunc[runtime.NoCredentials](
			func(_ context.Context, _ runtime.NoCredentials, params map[string]any, out *serve.Messages) error {
				if params == nil {
					t.Error("the parameters are nil")
				}
				return out.Text("hello")
			})),
		serve.NewParameterOptions("echo", runtime.DecodeNoCredentials, options("of the tool")),
		serve.NewParameterOptions("box", runtime.DecodeNoCredentials, options("of the provider")))
	for _, c := range []struct {
		typ, action string
		fields      map[string]any
		want        string
	}{
		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "echo"}, `{"type":"text","message":{"text":"hello"},"meta":null}`},
		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "more"}, "ValueError: tool more not found; this plugin has echo"},
		{"tool", "validate_tool_credentials", map[string]any{"provider": "box"}, "ValueError: provider box has no credentials"},
		{"oauth", "get_authorization_url", map[string]any{"provider": "box"}, "ValueError: provider box does not support OAuth"},
		{"endpoint", "invoke_endpoint", endpoint("GET / HTTP/1.1\n\n", nil), `{"status":418,"headers":{},"result":""}`},
		{"dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "echo", "parameter": "what"},
			`{"options":[{"value":"what","label":{"en_US":"of the tool"},"icon":null},{"value":"b","label":{"en_US":"b"},"icon":"b.svg"}]}`},
		{"dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "more", "parameter": "p"},
			`{"options":[{"value":"p","label":{"en_US":"of the provider"},"icon":null},{"value":"b","label":{"en_US":"b"},"icon":"b.svg"}]}`},
	} {
		response, err := p.host.Call(t.Context(), c.typ, c.action, c.fields)
		if err != nil || response.String() != c.want {
			t.Errorf("%s: got %v, %v\nwant %s", c.action, response, err, c.want)
		}
	}
	if !strings.Contains(p.logs.String(), "provider/box.yaml:2:26: tool more has no code: calls to it fail") {
		t.Errorf("the log does not name the tool without code:\n%s", p.logs)
	}
}

// TestNils checks the responses for code that returns nil and an empty error.
func TestNils(t *testing.T) {
	t.Parallel()
	fsys := files("manifest.yaml", strings.Replace(manifest, "tools: [provider/box.yaml], endpoints: [provider/endpoints.yaml]", "models: [provider/box.yaml]", 1),
		"provider/box.yaml", "{provider: box, label: {en_US: Box}, provider_credential_schema: {credential_form_schemas: [{variable: a, type: text-input, label: {en_US: A}}]}}",
		"_assets/icon.svg", "<svg/>")
	p := startRemote(t, fsys, runtime.NewModel(runtime.ModelConfig{
		Name:                        "box",
		ValidateProviderCredentials: func(context.Context, map[string]any) (map[string]any, error) { return nil, nil },
		ValidateModelCredentials: func(context.Context, runtime.ModelType, string, map[string]any) (map[string]any, error) {
			return nil, errors.New("")
		},
	}))
	for action, want := range map[string]string{
		"validate_provider_credentials": `{"result":true,"credentials":{}}`,
		"validate_model_credentials":    "CredentialsValidateFailedError: the plugin failed without an error message",
	} {
		response, err := p.host.Call(t.Context(), "model", action, map[string]any{"provider": "box"})
		if err != nil || response.String() != want {
			t.Errorf("%s: got %v, %v, want %s", action, response, err, want)
		}
	}
}

func options(label string) func(context.Context, runtime.NoCredentials, string) ([]serve.ParameterOption, error) {
	return func(_ context.Context, _ runtime.NoCredentials, parameter string) ([]serve.ParameterOption, error) {
		return []serve.ParameterOption{{Value: parameter, Label: label}, {Value: "b", Icon: "b.svg"}}, nil
	}
}
