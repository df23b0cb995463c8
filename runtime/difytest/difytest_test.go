package difytest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

// toolDeclaration declares a tool provider with two tools, of which the second has no code.
const toolDeclaration = `{"identity":{"name":"service"},"tools":[
	{"identity":{"name":"greet"},"parameters":[{"name":"name","type":"dynamic-select"},{"name":"pin","type":"secret-input"}]},
	{"identity":{"name":"missing"},"parameters":[]}],
	"credentials_schema":[{"name":"api_key","type":"secret-input","required":true},{"name":"project","type":"text-input"}]}`

// greeter returns a plugin whose tool runs this code.
func greeter(invoke func(context.Context, runtime.ToolCall, *runtime.ToolOutput) error) *serve.Plugin {
	return newPlugin(toolDeclaration, runtime.NewTool(runtime.ToolConfig{
		Name: "service", ValidateCredentials: check,
		Tools: []runtime.ToolBinding{{
			Name: "greet", Invoke: invoke,
			Options: []runtime.OptionsBinding{{Parameter: "name", Fetch: func(_ context.Context, t runtime.CredentialType, creds map[string]any) ([]runtime.Choice, error) {
				if creds["api_key"] == "leak" {
					return []runtime.Choice{{Value: "leak"}}, nil
				}
				return []runtime.Choice{{Value: "Ann", Icon: "i"}, {Value: string(t), Label: "type"}}, nil
			}}},
		}},
		Fields: &runtime.Fields{Secret: []string{"api_key", "pin"}, Public: []string{"project", "name"}},
	}))
}

var creds = map[string]any{"api_key": validKey, "project": "prod"}

func TestTool(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, greeter(func(_ context.Context, call runtime.ToolCall, out *runtime.ToolOutput) error {
		_, err := out.Log(runtime.LogMessage{ID: "1", Label: "step"})
		return errors.Join(
			err, out.Text("Hello "), out.Text(fmt.Sprint(call.Parameters["name"])), out.Link("https://l"), out.Image("https://i"),
			out.JSON(map[string]any{"type": call.CredentialType, "from": call.Call}), out.File(make([]byte, 1<<20+1), runtime.FileMeta{Name: "f"}),
			out.Variable("count", 2), out.StreamVariable("answer", "a"), out.StreamVariable("answer", "b"),
		)
	}))
	got := h.Invoke(difytest.Call{
		Tool: "greet", Credentials: creds, CredentialType: "oauth2", Parameters: map[string]any{"name": "Ann"},
		From: runtime.Call{UserID: "u", ConversationID: "c", MessageID: "m", AppID: "a", EndpointID: "e"},
	})
	want := &difytest.ToolResult{
		Text: "Hello Ann", Links: []string{"https://l"}, Images: []string{"https://i"},
		JSON: []any{map[string]any{"type": "oauth2", "from": map[string]any{
			"UserID": "u", "ConversationID": "c", "MessageID": "m", "AppID": "a", "EndpointID": "e",
		}}},
		Files:     []difytest.File{{Name: "f", MIMEType: "application/octet-stream", Data: make([]byte, 1<<20+1)}},
		Variables: map[string]any{"count": 2.0, "answer": "ab"},
		Logs:      []difytest.Log{{ID: "1", Label: "step", Status: "success", Data: map[string]any{}, Metadata: map[string]any{}}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(difytest.ToolResult{}, "Messages"), cmp.Comparer(bytes.Equal)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for want, h := range map[string]*difytest.Host{
		"api-key": h, "oauth2": h.As(runtime.CredentialTypeOAuth2), "unauthorized": h.As(runtime.CredentialTypeUnauthorized),
	} {
		var result struct{ Type string }
		if err := h.Provider("service").Tool("greet", creds, nil).Decode(&result); err != nil || result.Type != want {
			t.Errorf("got %q, %v, want %s", result.Type, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
		return errors.Join(out.Text("so far"), &runtime.Error{Type: runtime.ErrorInvokeRateLimit, Err: errors.New("slow down")})
	}))
	r := h.Tool("greet", creds, nil)
	if e := (*runtime.Error)(nil); r.Text != "so far" || !errors.As(r.Err, &e) || e.Type != runtime.ErrorInvokeRateLimit || e.Error() != "slow down" {
		t.Errorf("got %q, %v", r.Text, r.Err)
	}
	if err := r.Decode(new(any)); !errors.Is(err, r.Err) {
		t.Errorf("got %v", err)
	}
	if err := h.Validate(creds); err != nil {
		t.Error(err)
	}
	err := h.Validate(map[string]any{"api_key": "another"})
	if e := (*runtime.Error)(nil); !errors.As(err, &e) || e.Type != runtime.ErrorToolCredentials || e.Error() != "the service does not know the key" {
		t.Errorf("got %v", err)
	}
	if err := (&difytest.ToolResult{}).Decode(new(any)); err == nil || err.Error() != "the tool sends 0 JSON values, want 1" {
		t.Errorf("got %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	h := difytest.Start(t, greeter(nil))
	got, err := h.Options("greet", "name", creds)
	want := []runtime.Choice{{Value: "Ann", Label: "Ann", Icon: "i"}, {Value: "api-key", Label: "type"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestFailures checks that a test fails for what the package promises to find.
func TestFailures(t *testing.T) {
	t.Parallel()
	text := func(text string) *serve.Plugin {
		return greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error { return out.Text(text) })
	}
	greet := func(h *difytest.Host) { h.Tool("greet", creds, nil) }
	const leak = "the result of greet holds the secret api_key"
	for name, test := range map[string]struct {
		plugin *serve.Plugin
		call   func(*difytest.Host)
		want   string // "" for none
	}{
		"no secret":       {text("prod"), greet, ""},
		"secret":          {text("the key is " + validKey), greet, leak + "; "},
		"allowed":         {text(validKey), func(h *difytest.Host) { h.AllowSecrets().Tool("greet", creds, nil) }, ""},
		"secret in URL":   {text(url.QueryEscape("k/" + validKey)), greet, leak},
		"secret in Basic": {text(base64.StdEncoding.EncodeToString([]byte("user:" + validKey))), greet, leak + " (in base64)"},
		"secret in pieces": {greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
			return errors.Join(out.Text(validKey[:5]), out.Text(validKey[5:]))
		}), greet, leak},
		"secret in a file": {greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
			return out.File(append(make([]byte, 1<<20), validKey...), runtime.FileMeta{})
		}), greet, leak},
		"secret in a variable": {greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
			return errors.Join(out.StreamVariable("v", validKey[:5]), out.StreamVariable("v", validKey[5:]))
		}), greet, leak},
		"secret parameter": {text("4711"), func(h *difytest.Host) { h.Tool("greet", creds, map[string]any{"pin": "4711"}) }, "the result of greet holds the secret pin"},
		"secret that URLs escape": {text(url.QueryEscape("a/b c")), func(h *difytest.Host) {
			h.Tool("greet", map[string]any{"api_key": "a/b c"}, nil)
		}, leak + " (URL-encoded)"},
		"secret in options": {greeter(nil), func(h *difytest.Host) {
			_, _ = h.Options("greet", "name", map[string]any{"api_key": "leak"})
		}, "the result of fetch_parameter_options holds the secret api_key"},
		"wrong message": {greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
			_, err := out.Log(runtime.LogMessage{Label: "step", Status: "done"})
			return err
		}), greet, "Dify would reject what the plugin sends: a tool's message of type log: "},
		"relative image": {greeter(func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
			return out.Image("map.png")
		}), greet, "Dify would reject what the plugin sends: a tool's message of type image: its text is not an absolute URL"},
		"unknown tool": {text(""), func(h *difytest.Host) { h.Tool("great", creds, nil) }, "no tool great; service has greet, missing"},
		"unknown parameter": {text(""), func(h *difytest.Host) {
			h.Tool("greet", creds, map[string]any{"surname": "Ann"})
		}, "the tool greet declares no parameter surname; it has name, pin"},
		"unknown dynamic-select": {text(""), func(h *difytest.Host) {
			_, _ = h.Options("greet", "surname", creds)
		}, "the tool greet declares no parameter surname; it has name, pin"},
		"unknown provider": {text(""), func(h *difytest.Host) { h.Provider("other").Tool("greet", creds, nil) }, "the plugin declares no tool provider called other; it has service (tool)"},
		"unknown kind": {text(""), func(h *difytest.Host) {
			_, _ = h.ValidateProvider(creds)
		}, "the plugin declares no model provider; it has service (tool)"},
		"nil":      {nil, func(*difytest.Host) {}, "the plugin cannot start: the plugin is nil"},
		"not JSON": {newPlugin("tools", nil), func(*difytest.Host) {}, "the plugin cannot start: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errs, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				test.call(difytest.Start(tb, test.plugin))
			})
			got := strings.Join(errs, "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) || strings.Contains(got, validKey) {
				t.Errorf("reported:\n%s\nwant %s", got, test.want)
			}
		})
	}
}

// TestVariables checks which variables of a tool are reported.
func TestVariables(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","properties":{"text":{"type":"string"},"count":{"type":"integer"},"rate":{"type":"number"},` +
		`"list":{"type":"array"},"owner":{"type":"object"},"open":{"type":"boolean"},"maybe":{"type":["string","null"]},"any":{},"odd":true}}`
	for _, test := range []struct {
		schema, name string
		value        any
		want         string // "" for none
	}{
		{schema, "count", 2, ""},
		{schema, "count", 2.5, "sends the variable count as number, but its output_schema declares integer"},
		{schema, "rate", 2.5, ""},
		{schema, "rate", "2.5", "sends the variable rate as string, but its output_schema declares number"},
		{schema, "list", []int{}, ""},
		{schema, "list", []int(nil), ""},
		{schema, "list", json.RawMessage("null"), "sends the variable list as null, but its output_schema declares array"},
		{schema, "owner", map[string]int{}, ""},
		{schema, "owner", []int{}, "sends the variable owner as array, but its output_schema declares object"},
		{schema, "open", true, ""},
		{schema, "open", map[string]int{}, "sends the variable open as object, but its output_schema declares boolean"},
		{schema, "maybe", nil, ""},
		{schema, "maybe", true, "sends the variable maybe as boolean, but its output_schema declares string or null"},
		{schema, "any", true, ""},
		{schema, "odd", "x", ""},
		{schema, "other", 2, "sends the variable other, which its output_schema does not declare"},
		{`{"properties":{}}`, "other", 2, "sends the variable other, which its output_schema does not declare"},
		{`{}`, "other", 2, ""},
		{`null`, "other", 2, ""},
	} {
		plugin := newPlugin(
			`{"identity":{"name":"service"},"tools":[{"identity":{"name":"count"},"output_schema":`+test.schema+`}]}`,
			runtime.NewTool(runtime.ToolConfig{Name: "service", Tools: []runtime.ToolBinding{{
				Name: "count", Invoke: func(_ context.Context, _ runtime.ToolCall, out *runtime.ToolOutput) error {
					return out.Variable(test.name, test.value)
				},
			}}}))
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			difytest.Start(tb, plugin).Tool("count", nil, nil)
		})
		want := ""
		if test.want != "" {
			want = "the tool count " + test.want
		}
		if got := strings.Join(errs, "\n"); got != want {
			t.Errorf("%s, %v: reported %q, want %q", test.name, test.value, got, want)
		}
	}
}

// TestProviders checks which provider of a plugin is called.
func TestProviders(t *testing.T) {
	t.Parallel()
	named := func(name string) runtime.Adapter {
		return runtime.NewTool(runtime.ToolConfig{Name: name, ValidateCredentials: func(context.Context, map[string]any) error { return errors.New(name) }})
	}
	plugin := serve.NewPlugin(serve.Declaration{
		Author: "a", Name: "n", Version: "0.0.1", Manifest: "{}",
		Providers: []serve.ProviderDeclaration{
			{Type: "tool_declaration", Data: `{"identity":{"name":"one"}}`}, {Type: "tool_declaration", Data: `{"identity":{"name":"two"}}`},
			{Type: "tool_declaration", Data: `{"identity":{"name":"none"}}`},
		},
	}, nil, named("one"), named("two"))
	h := difytest.Start(t, plugin)
	for _, name := range []string{"one", "two"} {
		if err := h.Provider(name).Validate(nil); err == nil || err.Error() != name {
			t.Errorf("got %v", err)
		}
	}
	for want, test := range map[string]func(testing.TB, *difytest.Host){
		"the plugin declares several providers that can be meant: one (tool), two (tool), none (tool); choose one with Host.Provider": func(_ testing.TB, h *difytest.Host) { _ = h.Validate(nil) },
		"the plugin has no code for the provider none": func(tb testing.TB, h *difytest.Host) {
			tb.Helper()
			difytest.TestCredentials(tb, h.Provider("none"), difytest.CredentialsTest{Valid: creds})
		},
		"the provider one has no OAuth flow, or declares no credentials in oauth_schema": func(tb testing.TB, h *difytest.Host) {
			tb.Helper()
			difytest.TestOAuth(tb, h.Provider("one"), difytest.OAuthTest{})
		},
	} {
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			test(tb, difytest.Start(tb, plugin))
		})
		if !cmp.Equal(errs, []string{want}) {
			t.Errorf("reported %q, want %s", errs, want)
		}
	}
}

// TestClient checks that a test of OAuth needs what an administrator must enter.
func TestClient(t *testing.T) {
	t.Parallel()
	server := difytest.NewAuthServer(t)
	declaration := strings.Replace(oauthDeclaration, `"client_id"`, `"tenant"`, 1)
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		h := difytest.Start(tb, newPlugin(declaration, wrong(t, server, mistake{})))
		difytest.TestOAuth(tb, h, difytest.OAuthTest{Server: server})
	})
	if want := []string{"difytest.OAuthTest.Client needs tenant, which client_schema requires"}; !cmp.Equal(errs, want) {
		t.Errorf("reported %q", errs)
	}
}

// TestLog checks that a plugin's log is shown if the test fails, and only then.
func TestLog(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		_, log := record(t, func(tb testing.TB) {
			tb.Helper()
			h := difytest.Start(tb, greeter(func(ctx context.Context, _ runtime.ToolCall, _ *runtime.ToolOutput) error {
				slog.DebugContext(ctx, "not recorded")
				panic("an accident")
			}))
			if r := h.Tool("greet", creds, nil); r.Err != nil && fails {
				tb.Errorf("%v", r.Err)
			}
		})
		if shown := strings.Contains(log, "an accident"); shown != fails {
			t.Errorf("test fails: %t, log:\n%s", fails, log)
		}
	}
}

func TestNewOutput(t *testing.T) {
	t.Parallel()
	out, sent := difytest.NewOutput(t)
	if err := errors.Join(out.Text("a"), out.JSON([]int{1})); err != nil {
		t.Error(err)
	}
	if got := sent(); got.Text != "a" || !cmp.Equal(got.JSON, []any{[]any{1.0}}) {
		t.Errorf("got %+v", got)
	}
	errs, _ := record(t, func(tb testing.TB) {
		tb.Helper()
		out, sent := difytest.NewOutput(tb)
		if _, err := out.Log(runtime.LogMessage{Label: "step", Status: "done"}); err != nil {
			t.Error(err)
		}
		sent()
	})
	if len(errs) != 1 || !strings.HasPrefix(errs[0], "Dify would reject what the tool sends: a tool's message of type log: ") {
		t.Errorf("reported %q", errs)
	}
}
