package session

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/difygen/difygen/runtime"
)

func choices(context.Context, runtime.CredentialType, map[string]any) ([]runtime.Choice, error) {
	return nil, nil
}

func validate(context.Context, map[string]any) error { return nil }

func manyTools(n int) (list []runtime.ToolBinding) {
	for i := range n {
		list = append(list, runtime.ToolBinding{Name: fmt.Sprintf("tool_%02d", i)})
	}
	return list
}

// oauthRoute returns the route of an OAuth flow whose errors have a type.
func oauthRoute(provider string, t runtime.ErrorType) runtime.Route {
	return runtime.Route{Type: "oauth", Action: "get_credentials", Keys: []runtime.RouteKey{{Field: "provider", Value: provider}}, ErrorType: t}
}

// TestFind checks the routes that are found for requests, and the errors for those without.
func TestFind(t *testing.T) {
	t.Parallel()
	p := NewPlugin(Declaration{Manifest: "{}"}, nil,
		runtime.NewTool(runtime.ToolConfig{Name: "box", ValidateCredentials: validate, Tools: []runtime.ToolBinding{
			{Name: "list_issues", Options: []runtime.OptionsBinding{{Parameter: "label", Fetch: choices}}},
			{Name: "close_issue", RuntimeParameters: func(context.Context, runtime.CredentialType, map[string]any) ([]runtime.Parameter, error) {
				return nil, nil
			}},
		}}),
		runtime.NewTool(runtime.ToolConfig{Name: "bag", Tools: manyTools(22)}),
		&adapter{"tool", "both", []runtime.Route{oauthRoute("both", "First")}},
		&adapter{"datasource", "both", []runtime.Route{oauthRoute("both", "Second")}},
		&adapter{"endpoint", "endpoints", []runtime.Route{{Type: "endpoint", Action: "invoke_endpoint", ErrorType: "Endpoint"}}},
	)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		typ, name string
		data      map[string]any
		want      string // keys of the route or the error
	}{
		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "list_issues"}, "InvokeError for provider box, tool list_issues"},
		{"tool", "invoke_tool", map[string]any{"provider": "bag", "tool": "tool_21"}, "InvokeError for provider bag, tool tool_21"},
		{"tool", "validate_tool_credentials", map[string]any{"provider": "box"}, "ToolProviderCredentialValidationError for provider box"},
		{"dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "list_issues", "parameter": "label"},
			"InvokeError for provider box, provider_action list_issues, parameter label"},
		{"oauth", "get_credentials", map[string]any{"provider": "both"}, "First for provider both"},
		{"endpoint", "invoke_endpoint", map[string]any{"provider": "anything"}, "Endpoint"},

		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": "list_isues"}, "ValueError: tool list_isues not found; this plugin has close_issue, list_issues"},
		{"tool", "invoke_tool", map[string]any{"provider": "bag", "tool": "a\nb"}, `ValueError: tool "a b" not found; this plugin has tool_00, tool_01, tool_02, tool_03, tool_04, ` +
			"tool_05, tool_06, tool_07, tool_08, tool_09, tool_10, tool_11, tool_12, tool_13, tool_14, tool_15, tool_16, tool_17, tool_18, tool_19 and 2 more"},
		{"tool", "invoke_tool", map[string]any{"provider": "bx", "tool": "list_issues"}, "ValueError: provider bx not found; this plugin has bag, box"},
		{"tool", "invoke_tool", map[string]any{"provider": "both"}, "ValueError: provider both does not support tool/invoke_tool"},
		{"tool", "invoke_tool", nil, `ValueError: provider "" not found; this plugin has bag, box`},
		{"tool", "invoke_tool", map[string]any{"provider": "box", "tool": 5.0}, "ValidationError: tool of the request has the wrong type"},
		{"tool", "get_tool_runtime_parameters", map[string]any{"provider": "box", "tool": "list_issues"}, "ValueError: tool list_issues does not support tool/get_tool_runtime_parameters"},
		{"oauth", "get_credentials", map[string]any{"provider": "box"}, "ValueError: provider box does not support oauth/get_credentials"},
		{"dynamic_parameter", "fetch_parameter_options", map[string]any{"provider": "box", "provider_action": "list_issues", "parameter": "lable"},
			"ValueError: parameter lable not found; this plugin has label"},
		{"model", "invoke_llm", map[string]any{"provider": "box"}, "ValueError: this plugin does not support model/invoke_llm; it supports " +
			"dynamic_parameter/fetch_parameter_options, endpoint/invoke_endpoint, oauth/get_credentials, tool/get_tool_runtime_parameters, tool/invoke_tool, tool/validate_tool_credentials"},
		{"tool", "x\x00\ny", nil, `ValueError: this plugin does not support "tool/x y"; it supports ` +
			"dynamic_parameter/fetch_parameter_options, endpoint/invoke_endpoint, oauth/get_credentials, tool/get_tool_runtime_parameters, tool/invoke_tool, tool/validate_tool_credentials"},
	} {
		r, err := p.find(action{test.typ, test.name}, &runtime.Request{Data: test.data})
		var got string
		if e := (*runtime.Error)(nil); errors.As(err, &e) {
			got = string(e.Type) + ": " + err.Error()
		} else {
			got = string(r.ErrorType) + keysText(r.Keys)
		}
		if got != test.want {
			t.Errorf("%s/%s %v:\n got %s\nwant %s", test.typ, test.name, test.data, got, test.want)
		}
	}
	_, err := NewPlugin(Declaration{}, nil).find(action{"tool", "invoke_tool"}, &runtime.Request{})
	if want := "this plugin does not support tool/invoke_tool; it supports none"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestCheck checks that everything that is wrong with a plugin is reported.
func TestCheck(t *testing.T) {
	t.Parallel()
	box := func(tools ...runtime.ToolBinding) runtime.Adapter {
		return runtime.NewTool(runtime.ToolConfig{Name: "box", Tools: tools})
	}
	var none runtime.Provider
	if err := (*Plugin)(nil).Check(); err == nil || err.Error() != "the plugin is nil" {
		t.Errorf("a nil plugin: got %v", err)
	}
	for name, test := range map[string]struct {
		d        Declaration
		options  []Option
		adapters []runtime.Adapter
		want     string
	}{
		"nothing wrong":             {Declaration{Manifest: "{}"}, []Option{WithMaxRequests(1)}, []runtime.Adapter{box()}, ""},
		"no manifest":               {Declaration{}, nil, nil, "the declaration of the manifest is not JSON"},
		"a provider":                {Declaration{Manifest: "{}", Providers: []ProviderDeclaration{{"tool_declaration", "{"}}}, nil, nil, "tool_declaration is not JSON"},
		"nil":                       {Declaration{Manifest: "{}"}, nil, []runtime.Adapter{box(), none}, "provider 2 of 2 is nil"},
		"a provider twice":          {Declaration{Manifest: "{}"}, nil, []runtime.Adapter{box(), box()}, "tool provider box is there twice"},
		"a tool twice":              {Declaration{Manifest: "{}"}, nil, []runtime.Adapter{box(runtime.ToolBinding{Name: "a"}, runtime.ToolBinding{Name: "a"})}, "tool provider box: two routes answer tool/invoke_tool for provider box, tool a"},
		"two endpoint providers":    {Declaration{Manifest: "{}"}, nil, []runtime.Adapter{&adapter{"endpoint", "a", []runtime.Route{{Type: "endpoint", Action: "x"}}}, &adapter{"endpoint", "b", []runtime.Route{{Type: "endpoint", Action: "x"}}}}, "endpoint provider b: two routes answer endpoint/x"},
		"options":                   {Declaration{Manifest: "{}"}, []Option{WithMaxRequests(0), WithRequestTimeout(-1), WithStopTimeout(-1), {}, WithStopTimeout(0)}, nil, "serve.WithMaxRequests was called with a value that is too small\nserve.WithRequestTimeout was called with a value that is too small\nserve.WithStopTimeout was called with a value that is too small\nan option is empty"},
		"OAuth of two kinds":        {Declaration{Manifest: "{}"}, nil, []runtime.Adapter{&adapter{"tool", "box", []runtime.Route{oauthRoute("box", "")}}, &adapter{"datasource", "box", []runtime.Route{oauthRoute("box", "")}}}, ""},
		"all that is wrong at once": {Declaration{}, nil, []runtime.Adapter{nil, nil}, "provider 1 of 2 is nil\nprovider 2 of 2 is nil\nthe declaration of the manifest is not JSON"},
	} {
		p := NewPlugin(test.d, test.options, test.adapters...)
		_, err := p.Configure(DefaultConfig())
		got := ""
		if err := errors.Join(p.Check(), err); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}
