package difytest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// weatherDeclaration declares a tool provider with two ways to authorize it.
const weatherDeclaration = `{"identity":{"name":"weather"},"tools":[
	{"identity":{"name":"forecast"},"parameters":[{"name":"place","type":"string"},{"name":"days","type":"number"}]},
	{"identity":{"name":"map"},"parameters":[{"name":"photo","type":"file"},{"name":"pages","type":"files"},{"name":"style","type":"dynamic-select"}]}],
	"credentials_schema":[{"name":"api_key","type":"secret-input","required":true},{"name":"region","type":"text-input"}],
	"oauth_schema":{"client_schema":[{"name":"client_id","type":"text-input"}],"credentials_schema":[{"name":"access_token","type":"secret-input"}]}}`

// weather returns a plugin whose tools send their parameters.
func weather(validate func(context.Context, map[string]any) error) *serve.Plugin {
	var tools []runtime.ToolBinding
	for _, name := range []string{"forecast", "map"} {
		tools = append(tools, runtime.ToolBinding{Name: name, Invoke: func(_ context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
			return out.JSON(call.Parameters)
		}})
	}
	return newPlugin(weatherDeclaration, runtime.NewTool(runtime.ToolConfig{Name: "weather", ValidateCredentials: validate, Tools: tools}))
}

// TestNames checks that what a plugin does not declare is reported once, and not sent.
func TestNames(t *testing.T) {
	t.Parallel()
	key := map[string]any{"api_key": validKey}
	tool := func(name string, creds, params map[string]any) func(*difytest.Host) error {
		return func(h *difytest.Host) error { return h.Tool(name, creds, params).Err }
	}
	for name, test := range map[string]struct {
		call func(*difytest.Host) error
		want string // "" for none
	}{
		"all declared":  {tool("forecast", key, map[string]any{"place": "Rome", "days": 2}), ""},
		"from the host": {tool("forecast", map[string]any{"api_key": validKey, "base_model_name": "m", "__x": 1}, nil), ""},
		"unknown tool":  {tool("forcast", map[string]any{"key": "x"}, map[string]any{"x": 1}), "no tool forcast; weather has forecast, map"},
		"parameter":     {tool("forecast", key, map[string]any{"plase": "Rome", "day": 2}), "the tool forecast declares no parameter day, plase; it has place, days"},
		"credential":    {tool("forecast", map[string]any{"apikey": "x"}, nil), "the provider weather declares no credential apikey; it has api_key, region"},
		"OAuth":         {tool("forecast", map[string]any{"access_token": "x"}, nil), "the provider weather declares no credential of type api-key access_token; it has api_key, region (for OAuth use h.As(runtime.CredentialTypeOAuth2))"},
		"chosen OAuth": {func(h *difytest.Host) error {
			return tool("forecast", map[string]any{"access_token": "x"}, nil)(h.As("oauth2"))
		}, ""},
		"misspelled": {func(h *difytest.Host) error {
			return tool("forecast", map[string]any{"token": "x"}, nil)(h.As("oauth2"))
		}, "the provider weather declares no credential token; it has api_key, region, access_token"},
		"secret":     {tool("forecast", map[string]any{"api_key": runtime.NewSecret("x")}, nil), "api_key is a runtime.Secret, which would be sent as [redacted]: give the text itself"},
		"validation": {func(h *difytest.Host) error { return h.Validate(map[string]any{"apikey": "x"}) }, "the provider weather declares no credential apikey; it has api_key, region"},
		"OAuth's client": {func(h *difytest.Host) error {
			_, err := h.OAuth(map[string]any{"id": "x"}).AuthorizationURL()
			return err
		}, "the provider weather declares no value of client_schema id; it has client_id"},
		"unknown options": {func(h *difytest.Host) error { _, err := h.Options("map", "place", key); return err }, "the tool map declares no parameter place; it has photo, pages, style"},
		"options of text": {func(h *difytest.Host) error { _, err := h.Options("map", "photo", key); return err }, "the parameter photo of the tool map is of type file, not dynamic-select, so Dify asks for no options of it"},
		"options": {func(h *difytest.Host) error {
			_, err := h.Options("map", "style", map[string]any{"apikey": "x"})
			return err
		}, "the provider weather declares no credential apikey; it has api_key, region"},
		"run time": {func(h *difytest.Host) error {
			_, err := h.RuntimeParameters("map", map[string]any{"apikey": "x"})
			return err
		}, "the provider weather declares no credential apikey; it has api_key, region"},
		"endpoint": {func(h *difytest.Host) error {
			resp, err := h.Provider("sun").Endpoint(&http.Request{}, nil)
			if err == nil {
				_ = resp.Body.Close()
			}
			return err
		}, "the plugin declares no endpoint provider called sun; it has weather (tool)"},
		"provider": {func(h *difytest.Host) error { return h.Provider("sun").Validate(map[string]any{"apikey": "x"}) }, "the plugin declares no tool or model or data source or trigger provider called sun; it has weather (tool)"},
	} {
		var got error
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			got = test.call(difytest.Start(tb, weather(check)))
		})
		var want []string
		if test.want != "" {
			want = []string{test.want}
		}
		if !cmp.Equal(errs, want) || test.want == "" && got != nil || test.want != "" && (got == nil || got.Error() != test.want) {
			t.Errorf("%s: reported %q, got %v, want %s", name, errs, got, test.want)
		}
	}
}

// TestParameters checks how values of Go are sent.
func TestParameters(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, weather(check))
	creds := map[string]any{"api_key": validKey}
	photo := runtime.File{URL: "https://files.example/a.png", Filename: "a.png", Extension: ".png", MIMEType: "image/png", Type: "image", Size: 3}
	object := photo.Values()
	params := map[string]any{"photo": photo, "pages": []runtime.File{photo}}
	for _, test := range []struct {
		tool         string
		params, want map[string]any
	}{
		{"map", params, map[string]any{"photo": object, "pages": []any{object}}},
		{"map", map[string]any{"pages": []any{photo, "https://files.example/b"}}, map[string]any{"pages": []any{object, "https://files.example/b"}}},
		{
			"map", map[string]any{"photo": runtime.AppSelector{AppID: "a"}, "pages": []runtime.ToolSelector{{ToolName: "t"}}},
			map[string]any{"photo": runtime.AppSelector{AppID: "a"}.Values(), "pages": []any{runtime.ToolSelector{ToolName: "t"}.Values()}},
		},
		{"map", map[string]any{"photo": runtime.ModelSelector{Provider: "p", Model: "m"}}, map[string]any{"photo": runtime.ModelSelector{Provider: "p", Model: "m"}.Values()}},
		{"forecast", map[string]any{"days": 2, "place": []string{"Rome"}}, map[string]any{"days": 2.0, "place": []any{"Rome"}}},
	} {
		var got map[string]any
		if err := h.Tool(test.tool, creds, test.params).Decode(&got); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if _, ok := params["photo"].(runtime.File); !ok {
		t.Error("the test's own parameters are changed")
	}
}

// TestValid checks that a test of credentials stops with one error if Valid is wrong.
func TestValid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		test difytest.CredentialsTest
		want string
	}{
		"misspelled": {difytest.CredentialsTest{Valid: map[string]any{"apikey": validKey}}, "difytest.CredentialsTest.Valid: the provider weather declares no credential apikey; it has api_key, region"},
		"misspelled wrong ones": {
			difytest.CredentialsTest{Valid: map[string]any{"api_key": validKey}, Wrong: map[string]any{"apikey": "x"}},
			"difytest.CredentialsTest.Wrong: the provider weather declares no credential apikey; it has api_key, region",
		},
		"missing":  {difytest.CredentialsTest{Valid: map[string]any{"region": "eu"}}, "difytest.CredentialsTest.Valid lacks what the provider weather requires: api_key"},
		"secret":   {difytest.CredentialsTest{Valid: map[string]any{"api_key": runtime.NewSecret("x")}}, "difytest.CredentialsTest.Valid: api_key is a runtime.Secret, which would be sent as [redacted]: give the text itself"},
		"rejected": {difytest.CredentialsTest{Valid: map[string]any{"api_key": "another"}}, "valid credentials: the service does not know the key"},
	} {
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			difytest.TestCredentials(tb, difytest.Start(tb, weather(check)), test.test)
		})
		if !cmp.Equal(errs, []string{test.want}) {
			t.Errorf("%s: reported %q, want %s", name, errs, test.want)
		}
	}
}
