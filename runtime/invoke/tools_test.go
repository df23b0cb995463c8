package invoke_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

func TestToolRequests(t *testing.T) {
	for _, test := range []struct {
		name    string
		request *invoke.ToolRequest
		want    string
	}{
		{
			"plain", &invoke.ToolRequest{Type: invoke.ToolWorkflow, Provider: "p", Tool: "t"},
			`{"tool_type":"workflow","provider":"p","tool":"t","tool_parameters":{},"app_id":"app-1"}`,
		},
		{
			"chosen credentials", &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "o/p/github", Tool: "t", Parameters: map[string]any{"n": 1}},
			`{"tool_type":"builtin","provider":"o/p/github","tool":"t","tool_parameters":{"n":1},"credential_id":"chosen","app_id":"app-1"}`,
		},
		{
			"given credentials",
			&invoke.ToolRequest{
				Type: invoke.ToolMCP, Provider: "o/p/github", Tool: "t", CredentialID: "given",
				CredentialType: runtime.CredentialTypeAPIKey,
			},
			`{"tool_type":"mcp","provider":"o/p/github","tool":"t","tool_parameters":{},"credential_id":"given","credential_type":"api-key","app_id":"app-1"}`,
		},
		{
			"selector",
			invoke.NewToolRequest(runtime.ToolSelector{
				ProviderID: "o/p/github", ToolName: "t", ToolConfiguration: map[string]any{"a": "setting", "b": "setting"},
			}, map[string]any{"b": "model"}),
			`{"tool_type":"builtin","provider":"o/p/github","tool":"t","tool_parameters":{"a":"setting","b":"model"},"credential_id":"chosen","app_id":"app-1"}`,
		},
		{
			"selector with credentials",
			invoke.NewToolRequest(runtime.ToolSelector{ProviderID: "o/p/github", ToolType: "api", ToolName: "t", CredentialID: "of the tool"}, nil),
			`{"tool_type":"api","provider":"o/p/github","tool":"t","tool_parameters":{},"credential_id":"of the tool","app_id":"app-1"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			caller := newCaller(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
				got = string(request)
				if typ != "tool" {
					t.Errorf("a call of type %s", typ)
				}
				return nil, nil
			})
			caller.credentials, caller.app = map[string]string{"o/p/github": "chosen"}, "app-1"
			if _, err := caller.session().Tools().Run(t.Context(), test.request); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestToolRequestsAreChecked(t *testing.T) {
	tools := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a wrong request has been sent")
		return nil, nil
	}).Tools()
	const noTool = "a call of a tool has no Provider or no Tool"
	for _, test := range []struct {
		req  *invoke.ToolRequest
		want string
	}{
		{nil, noTool},
		{&invoke.ToolRequest{}, noTool},
		{&invoke.ToolRequest{Type: invoke.ToolBuiltin, Tool: "t"}, noTool},
		{&invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "p"}, noTool},
		{&invoke.ToolRequest{Provider: "p", Tool: "t"}, "a call of a tool has no Type"},
		{
			&invoke.ToolRequest{Type: "plugin", Provider: "p", Tool: "t"},
			"the Type of a call of a tool is none of builtin, workflow, api and mcp",
		},
	} {
		if _, err := tools.Run(t.Context(), test.req); err == nil || err.Error() != test.want {
			t.Errorf("%+v: error %v, want %s", test.req, err, test.want)
		}
	}
}

var aTool = &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "p", Tool: "t"}

// chunk returns a chunk of a file of 5 bytes.

func TestToolSequenceCanEndEarlyAndBeReadAgain(t *testing.T) {
	calls := 0
	messages := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		calls++
		return raw(chunk("a", "hello", false), `{"type":"text","message":{"text":"1"}}`, `{"type":"text","message":{"text":"2"}}`), nil
	}).Tools().Stream(t.Context(), aTool)
	for range 2 {
		for message, err := range messages {
			if diff := cmp.Diff(&invoke.ToolText{Text: "1"}, message); diff != "" || err != nil {
				t.Error(diff, err)
			}
			break
		}
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func ExampleTools_Stream() {
	search := func(ctx context.Context, tools invoke.Tools, out *runtime.ToolOutput) error {
		messages := tools.Stream(ctx, &invoke.ToolRequest{
			Type: invoke.ToolBuiltin, Provider: "langgenius/google/google", Tool: "google_search",
			Parameters: map[string]any{"query": "Go"},
		})
		for message, err := range messages {
			if err != nil {
				return err
			}
			if text, ok := message.(*invoke.ToolText); ok {
				if err := out.Text(text.Text); err != nil {
					return err
				}
			}
		}
		return nil
	}
	fmt.Println(search(context.Background(), invoke.Tools{}, nil))
	// Output: no call back into Dify: the context is not that of a request
}
